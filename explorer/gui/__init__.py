"""The window. The only room that knows Qt; it asks `explorer.application` and draws the answer."""
