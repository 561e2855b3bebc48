"""The files that a salvage makes: drafts first, which get their names all together or not at all."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from explorer.errors import BadInput, ReadOnly


def publish(files: Iterable[tuple[Path, Path]]) -> None:
    """Gives drafts their names, all or none; the store, which is last, is there only with what belongs to it."""
    named = list[Path]()
    for draft, path in files:
        if not draft.exists():
            continue
        try:
            os.link(draft, path)
        except OSError as error:
            for other in named:
                other.unlink(missing_ok=True)
            raise BadInput(f"{path} cannot be made: {error.strerror}. Name another.") from error
        named.append(path)


def created(path: Path) -> IO[bytes]:
    """A new file to write to. Raises ReadOnly."""
    try:
        return path.open("xb")
    except OSError as error:
        raise ReadOnly(f"Nothing can be written to {path.parent}: {error.strerror}. Name another folder.") from error


def storable(name: str) -> str:
    """A file's name as a text that can be stored: it may be no UTF-8."""
    return name.encode(errors="replace").decode()


def sha256_of(path: Path) -> str:
    """In hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
