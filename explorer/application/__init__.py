"""Use cases, shared by all faces. `session.py` is the one place that wires files, store, projections, clock and ids."""
