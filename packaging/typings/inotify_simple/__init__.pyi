from collections.abc import Iterable
from enum import IntFlag
from io import FileIO
from pathlib import Path
from typing import NamedTuple

class Event(NamedTuple):
    wd: int
    mask: int
    cookie: int
    name: str

class flags(IntFlag):
    CREATE: int
    DELETE: int
    MODIFY: int
    MOVED_FROM: int
    MOVED_TO: int

class INotify(FileIO):
    def __init__(self) -> None: ...
    def add_watch(self, path: Path, mask: int) -> int: ...
    def read(self, timeout: int | None = None) -> Iterable[Event]: ...  # type: ignore[override]
