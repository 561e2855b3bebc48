"""A consistent copy of an open store in one file: what it holds at one moment, its WAL's part too.

By VACUUM INTO, which reads in one transaction. The step-wise backup API begins anew whenever another process writes:
beside a live writer it never ended.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from explorer.errors import ReadOnly, StorageFailed
from explorer.store.engine import driver, make_shared, open_engine
from explorer.store.place import sync_file
from explorer.store.structure import interruptible


def copy_into(connection: Any, source: Path, target: Path, check: Callable[[], None]) -> None:
    """Copies the file behind a driver's connection to `target`, durably; that may be there, if it is empty.

    The copy is its user's alone, and no WAL file: nothing lies beside it. `check` is called now and then, and may raise
    Cancelled. Raises ReadOnly or StorageFailed where the target cannot be written; what there is of it then is the
    caller's to remove.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600))  # SQLite would let others read it
    except OSError as error:
        raise _refused(source, target, str(error.strerror)) from error
    try:
        with _may_make_files(connection), interruptible(connection, check):
            connection.execute("VACUUM INTO ?", (str(target),))
    except driver.Error as error:
        known = _known_error(str(error), source, target)
        if known is None:
            raise
        raise known from error
    try:
        sync_file(target)
    except OSError as error:
        raise StorageFailed(
            f"The copy of {source.name} in {target.parent} is not safe on the disk: {error.strerror}. "
            "Check that disk, or choose another folder."
        ) from error


@contextmanager
def _may_make_files(connection: Any) -> Generator[None]:
    """A connection that may only ask may make no file either. The store stays guarded, for it was opened so."""
    (is_on,) = connection.execute("PRAGMA query_only").fetchone()
    connection.execute("PRAGMA query_only = OFF")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA query_only = {is_on}")


def _known_error(said: str, source: Path, target: Path) -> ReadOnly | StorageFailed | None:
    """What is wrong with the target; None where it is the source."""
    if "is full" in said:
        return StorageFailed(
            f"The disk of {target.parent} is full: {source.name} was not copied. Make room, or choose another folder."
        )
    # A file that is there and is no database; the source has long been looked at.
    if str(target) in said or "already exists" in said or "not a database" in said:
        return _refused(source, target, said)
    if "disk i/o" in said.lower():
        return StorageFailed(
            f"{source} could not be copied to {target.parent} ({said}). Check the disks of both; the store was not "
            "written to."
        )
    return None


def _refused(source: Path, target: Path, why: str) -> ReadOnly:
    return ReadOnly(
        f"{source.name} cannot be copied to {target.parent} ({why}). "
        "Check the rights of that folder, or choose another."
    )


def turn_to_store(copy: Path, what: str) -> None:
    """Makes a copy that nobody has open yet a file that several programs may write to; durable."""
    engine = open_engine(copy, what, create=False, journal="DELETE")
    try:
        make_shared(engine, copy, what)
    finally:
        engine.dispose()
    sync_file(copy)
