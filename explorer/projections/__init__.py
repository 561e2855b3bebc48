"""The read side: denormalised tables computed from the log.

Delete them and nothing is lost; they know every past state.
"""
