"""What the program takes from the world outside: the time, new ids, the user's name, the user's folders.

The only place that asks for them; everything else is handed a clock, an id source or a path.
"""

import getpass
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import platformdirs

Clock = Callable[[], int]
"""Microseconds since 1970, UTC."""
IdSource = Callable[[], UUID]

NAME = "event-explorer"

_48_BITS = 2**48 - 1
_FREE_BITS = 2**80 - 1 & ~(0xF << 76) & ~(0x3 << 62)
_VERSION_AND_VARIANT = 0x7 << 76 | 0x2 << 62


def now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1_000


def uuid7(unix_ms: int, random: bytes) -> UUID:
    """A version 7 UUID (RFC 9562 §5.7) of a time in milliseconds and 10 random bytes."""
    return numbered_uuid7(unix_ms, int.from_bytes(random, "big"))


def numbered_uuid7(unix_ms: int, number: int) -> UUID:
    """As `uuid7`, with the low 80 bits of a number for the random ones."""
    return UUID(int=(unix_ms & _48_BITS) << 80 | number & _FREE_BITS | _VERSION_AND_VARIANT)


def new_id() -> UUID:
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


def user_name() -> str:
    """Who is at the keyboard, as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def cache_folder() -> Path:
    return Path(platformdirs.user_cache_dir(NAME, appauthor=False))


def data_folder() -> Path:
    return Path(platformdirs.user_data_dir(NAME, appauthor=False))


def config_folder() -> Path:
    return Path(platformdirs.user_config_dir(NAME, appauthor=False))


@dataclass(frozen=True, slots=True)
class Outside:
    """The sources a session is wired with; tests and the demo bring their own."""

    clock: Clock = now
    ids: IdSource = new_id
