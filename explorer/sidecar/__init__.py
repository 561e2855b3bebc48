"""The sidecar: a process beside the application that augments it, without the application knowing.

It sees only the store, which it opens for reading, and writes only the cache, findings among it, and backups. Nothing
in `explorer.application` and the window names it: what it does for them lies where anybody could have put it.
"""
