"""What can be checked without us: Merkle proofs (RFC 9162), signed notes and checkpoints (C2SP).

Pure: values in, verdicts out.
"""
