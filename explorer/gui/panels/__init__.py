"""The panels of the window: each draws its part of what is looked at, and knows no other."""
