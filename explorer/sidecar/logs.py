"""The sidecar's log: one JSON object a line. It says what was done, never what an event holds."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from logging import Formatter, Handler, Logger, LogRecord, Manager, NullHandler, RootLogger, StreamHandler
from logging.handlers import RotatingFileHandler
from math import isfinite
from pathlib import Path
from traceback import format_tb
from typing import Any, TextIO

from explorer.application.documents import iso
from explorer.errors import BadInput, ReadOnly

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
_BEGINNING = b'{"time": "'
_FILE_SIZE = 2**20
_FILES = 3
_LONGEST = 2_000
"""Characters of a value, beyond which it is cut."""
_LONGEST_TRACEBACK = 20_000


def logger(level: str, to: TextIO | Path | None) -> Logger:
    """A log of its own, `sidecar`, and the root of its children: no setting of the process is touched.

    A file has mode 0600 and is begun anew at 1 MiB; the two before it are kept. None is for a process without standard
    error. A line that cannot be written, because the reader has gone or the disk is full, is lost and the work goes
    on. Close it with `close`. Raises BadInput for an unknown level and for a file that is there and is no log, ReadOnly
    for one that cannot be opened.
    """
    if level not in LEVELS:
        raise BadInput(f"{level!r} is no level of a log; choose one of {', '.join(LEVELS)}.")
    log = Manager(RootLogger(logging.WARNING)).getLogger("sidecar")
    log.propagate = False
    log.setLevel(LEVELS[level])
    handler = _handler(to)
    handler.setFormatter(_JsonLines())
    log.addHandler(handler)
    return log


def close(log: Logger) -> None:
    """Closes what `logger` opened; a stream it was given stays open."""
    for handler in tuple(log.handlers):
        log.removeHandler(handler)
        with suppress(OSError, ValueError):  # as _Lossy
            handler.close()


def _handler(to: TextIO | Path | None) -> Handler:
    if to is None:
        return NullHandler()
    if not isinstance(to, Path):
        return _Lines(to)
    try:
        _check(to)
        return _Files(to, maxBytes=_FILE_SIZE, backupCount=_FILES - 1, encoding="ascii")
    except OSError as error:
        raise ReadOnly(
            f"No log can be written to {to}: {error.strerror}. Name a file in a folder that may be written."
        ) from error


def _check(path: Path) -> None:
    """What is there would be written to, and in the end be deleted: it must not be a store named by mistake."""
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        try:
            begins = os.read(descriptor, len(_BEGINNING))
        finally:
            os.close(descriptor)
        if begins not in {b"", _BEGINNING}:
            raise BadInput(
                f"{path} is there already and is no log of a sidecar. It was not touched; name another file."
            )


class _Lossy(Handler):
    def handleError(self, record: LogRecord) -> None:  # noqa: ARG002 - logging calls it
        """Is called while the error is handled. What is wrong with the line itself is a bug."""
        error = sys.exception()
        stream = getattr(self, "stream", None)
        is_closed = isinstance(error, ValueError) and stream is not None and stream.closed
        if error is not None and not is_closed and not isinstance(error, OSError):
            raise error


class _Lines(_Lossy, StreamHandler[TextIO]):
    pass


class _Files(_Lossy, RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        return os.fdopen(os.open(self.baseFilename, _APPEND, 0o600), "a", encoding="ascii")


class _JsonLines(Formatter):
    def format(self, record: LogRecord) -> str:
        line: dict[str, Any] = {
            "time": iso(int(record.created * 1_000_000)),
            "level": record.levelname.lower(),
            "task": record.name.rpartition(".")[2],
            "message": _cut(record.getMessage()),
        }
        fields: Mapping[str, object] = getattr(record, "fields", {})
        for name, value in fields.items():
            line.setdefault(name, _plain(value))
        if record.exc_info:
            line.setdefault("traceback", place(record.exc_info[1])[-_LONGEST_TRACEBACK:])
        return json.dumps(line)


def place(error: BaseException | None) -> str:
    """Where a bug was raised, and behind which others; without their words, which may be about an event."""
    if error is None:
        return ""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    words = f": {error}" if isinstance(error, ImportError) else ""  # about code
    return f"{place(before)}{''.join(format_tb(error.__traceback__))}{type(error).__qualname__}{words}\n"


def _plain(value: object) -> object:
    """A number, a truth or None as it is, anything else as text."""
    if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return value
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"
