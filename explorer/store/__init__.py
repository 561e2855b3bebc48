"""The write side and the source of truth: an append-only log of events in one file. Nothing else writes that file."""
