"""The files of a cache folder: generations of one SQLite file, and a pointer to the current one.

Each version of the projections has a pointer of its own, so that two versions of the program can use one folder at once
and neither throws away what the other reads. What nobody points at any more is removed by whoever points elsewhere.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from explorer.errors import ReadOnly, StorageFailed
from explorer.projections.tables import FINGERPRINT

POINTER = f"current-{FINGERPRINT[:12]}"
ABANDONED = 86_400.0
"""Seconds after which nobody goes on building a generation, or looks at one of another version."""


def remove(path: Path) -> None:
    """Removes a cache file that nobody needs with all that belongs to it, as far as the disk lets it."""
    with suppress(FileNotFoundError):  # the folder is gone, too
        for file in path.parent.glob(path.name + "*"):
            with suppress(OSError):
                file.unlink(missing_ok=True)


class Generations:
    """The generations in one folder, which is made if it is missing."""

    def __init__(self, folder: Path, new_id: Callable[[], UUID]) -> None:
        self.folder, self._new_id = folder, new_id
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ReadOnly(
                f"The cache folder {folder} cannot be made: {error.strerror}. Name another with --cache."
            ) from error

    def current(self) -> str:
        """The name of the generation that this version of the program points at; "" if there is none."""
        return self._pointed_at(self.folder / POINTER)

    def others(self) -> list[str]:
        """The names of those that other versions point at, the last pointer first."""
        with self.known_errors():
            try:
                pointers = [path for path in self.folder.glob("current-*") if path.name.count(".") == 0]
            except FileNotFoundError:
                return []  # somebody has removed the folder
            pointers.sort(key=_written, reverse=True)
        return [name for path in pointers if path.name != POINTER and (name := self._pointed_at(path))]

    def _pointed_at(self, pointer: Path) -> str:
        try:
            name = pointer.read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""
        except OSError as error:
            raise ReadOnly(f"The cache folder {self.folder} cannot be read: {error.strerror}.") from error
        is_ours = name.startswith("generation-") and name == Path(name).name
        return name if is_ours and (self.folder / name).is_file() else ""

    def new_path(self, erasures: int) -> Path:
        """A place to build one in, under a name that no other process's swap removes.

        Unless that one knows of more `erasures`: then this one may hold what was erased.
        """
        with self.known_errors():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.folder / f"building-{self._new_id()}.{erasures}.cache"

    def publish(self, built: Path) -> Path:
        """Points at a closed file of `new_path`, which gets another name; the new path."""
        try:
            # Written without waiting for the disk; from here on it must survive a loss of power, or be noticed as
            # broken.
            with built.open("rb+") as file:
                os.fsync(file.fileno())
            generation = built.with_name(built.name.replace("building", "generation"))
            pointer = self.folder / f"{POINTER}.{generation.name}"
            try:
                with pointer.open("x", encoding="ascii") as file:
                    file.write(generation.name)
                    file.flush()
                    os.fsync(file.fileno())
                built.rename(generation)
                pointer.replace(self.folder / POINTER)
            except BaseException:
                remove(pointer)
                remove(generation)
                raise
        except BaseException:
            remove(built)
            raise
        return generation

    def clear_away(self, generation: Path) -> None:
        """Removes what nobody points at any more, and what a rebuild or a swap that was killed has left.

        What was begun before an erasure that `generation` knows of goes at once: whoever is at it, or reads it, will
        find that he must begin anew. `generation` is current, and has just been written.
        """
        erasures, before = erasures_of(generation), _written(generation) - ABANDONED
        kept = {generation.name}
        for pointer in self.folder.glob("current-*"):
            name = self._pointed_at(pointer)
            if pointer.name == POINTER or (name and self._is_in_use(self.folder / name, erasures, before)):
                kept.add(name)
            elif _written(pointer) < before or "." not in pointer.name:
                pointer.unlink(missing_ok=True)
        for path in self.folder.glob("generation-*"):
            if not any(path.name.startswith(name) for name in kept if name):
                path.unlink(missing_ok=True)
        for path in self.folder.glob("building-*"):
            if erasures_of(path) < erasures or _written(path) < before:
                path.unlink(missing_ok=True)

    def _is_in_use(self, path: Path, erasures: int, before: float) -> bool:
        written = max(_written(path), _written(path.with_name(f"{path.name}-wal")))
        return erasures_of(path) >= erasures and written >= before

    @contextmanager
    def known_errors(self) -> Generator[None, None, None]:
        try:
            yield
        except FileNotFoundError:
            raise  # another process has cleared it away, since it knows of an erasure: begin anew
        except OSError as error:
            raise StorageFailed(
                f"The cache folder {self.folder} cannot be written: {error.strerror}. The store itself is as it was. "
                "Make room there, or name another folder with --cache."
            ) from error


def _written(path: Path) -> float:
    """When a file was last written to, in seconds; long ago if another process has just removed it."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def erasures_of(path: Path) -> int:
    """Of how many erasures a generation knows, by its name; 0 for one of an older program."""
    number = path.name.split(".")[1:2]
    return int(number[0]) if number and number[0].isdigit() else 0
