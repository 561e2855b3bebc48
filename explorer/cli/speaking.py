"""How every command speaks: its answer on standard output, progress on a terminal, and the session it works on."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unicodedata import combining, east_asian_width

from explorer.application.session import Session
from explorer.errors import Busy, KnownError
from explorer.language.syntax import NotUnderstood

PROGRAM = "event-explorer"
MOST = 2**63 - 1
"""The largest whole number that a store can be asked for."""


class Unsaid(KnownError):
    """The answer could not be written: the disk that standard output goes to is full, for one."""


def store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", type=Path, metavar="STORE", help="the event store's file")


def whole(text: str) -> int:
    """A whole number that a store can be asked for, as the type of an argument."""
    if not re.fullmatch(r"-?[0-9]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    if text.startswith("-"):
        raise argparse.ArgumentTypeError(f"{text} is negative")
    # Python refuses to read endless digits.
    digits = text.lstrip("0") or "0"
    if len(digits) > len(str(MOST)) or int(digits) > MOST:
        raise argparse.ArgumentTypeError(f"{text[:40]} is more than {MOST:,}")
    return int(digits)


@contextmanager
def opened(
    options: argparse.Namespace, *, create: bool = False, catch_up: bool = True
) -> Generator[Session, None, None]:
    with Session(options.store, cache=options.cache, create=create) as session:
        if catch_up:
            caught_up(session)
        yield session


def caught_up(session: Session) -> None:
    """Until the cache has reached the head, by our own work or that of a process that is already at it."""
    while True:
        try:
            session.catch_up(progress("Reading events"))
        except Busy:
            continue  # Each try waits 100 ms for the lock by itself.
        return


def progress(what: str) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        if sys.stderr is not None and sys.stderr.isatty() and total:
            print(f"\r{what}: {done:,} of {total:,}", end="", file=sys.stderr, flush=True)  # noqa: T201
            if done >= total:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201

    return show


def say(text: str = "", end: str = "\n") -> None:
    """A command's answer: nothing in it can steer the terminal, or turn what is written after it."""
    with _writing():
        print(safe(text), end=end)  # noqa: T201 - standard output is a command's answer


def say_hint(text: str) -> None:
    """What helps whoever wrote a command beside its answer: not on standard output, which others may read."""
    if text and sys.stderr is not None:
        print(safe(text).translate(VISIBLE), file=sys.stderr)  # noqa: T201


def say_json(document: Any) -> None:
    say(json_text(document, separators=(",", ":")))


def json_text(document: Any, **layout: Any) -> str:
    """JSON as standard output can take it: signs that it cannot encode are escaped as JSON escapes them."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return json.dumps(document, ensure_ascii=not encoding.lower().startswith("utf"), **layout)


def complain(text: str) -> None:
    """What went wrong, on standard error."""
    print(f"{PROGRAM}: {safe(text)}", file=sys.stderr)  # noqa: T201 - a command's voice


def finish() -> None:
    """What was said is written."""
    if sys.stdout is not None:
        with _writing():
            sys.stdout.flush()


@contextmanager
def _writing() -> Generator[None, None, None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unsaid(f"The answer could not be written: {error.strerror or error}.") from error


def appended(positions: Sequence[int], none: str = "Nothing was appended.") -> str:
    """Which events were appended."""
    if not positions:
        return none
    first, last = positions[0], positions[-1]
    return f"Appended: event {first:,}." if first == last else f"Appended: events {first:,} to {last:,}."


def safe(text: str) -> str:
    """Somebody's text with everything that a terminal would obey written out, but for the ends of lines."""
    return "\n".join(STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", line) for line in text.split("\n"))


def marked(error: NotUnderstood) -> str:
    """A text that was not understood, in one line, and ^^^^ under the part that is wrong."""
    first = max(0, error.start - AROUND)
    # A terminal has no half characters.
    text = error.text.encode("utf-8", "replace").decode()
    shown = STEERING.sub("·", text[first : error.end + AROUND].replace("\n", " ").replace("\t", " "))
    wrong = text[error.start : error.end][:AROUND]
    return f"  {shown[: 3 * AROUND]}\n  {' ' * _width(shown[: error.start - first])}{'^' * max(1, _width(wrong))}"


def _width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


AROUND = 60
"""Characters that are shown before and behind what is wrong."""
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}
"""Control characters in somebody's data must not reach a terminal as such."""
