"""Reading a small file that somebody names: never a pipe that would keep us waiting, never more than was asked for."""

import os
import stat
from pathlib import Path


def read_small(path: Path, largest: int) -> tuple[bytes, os.stat_result]:
    """At most `largest` bytes from the beginning, and what the system says of the file. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError(0, "It is no file")
        return file.read(largest), about
