"""What a plug-in's process says to the sidecar: one JSON message a line, of known kinds and bounded size.

Its last words may be others: where it was when it did not beat for too long, as `faulthandler` writes it.
Nothing is said to the process: it is to end when its input ends, which also happens when the sidecar dies.
"""

import faulthandler
import os
from threading import Lock
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from explorer.errors import BadInput, Cancelled

LONGEST = 64 * 1024
"""Bytes of a line."""
TEXT = 8_000
"""Characters of a text at most."""
HANGS = b"Timeout ("
"""How the words of `faulthandler` begin."""

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,62}$")]
Text = Annotated[str, Meta(max_length=TEXT)]
Value: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | float | Text


class Beat(msgspec.Struct, tag="beat", frozen=True, forbid_unknown_fields=True):
    """It is alive."""


class Tell(msgspec.Struct, tag="tell", frozen=True, forbid_unknown_fields=True):
    """Facts of its own."""

    facts: Annotated[dict[Name, Value], Meta(max_length=100)]


class Log(msgspec.Struct, tag="log", frozen=True, forbid_unknown_fields=True):
    """A line for the log."""

    words: Text
    fields: Annotated[dict[Name, Value], Meta(max_length=100)]


class Failed(msgspec.Struct, tag="failed", frozen=True, forbid_unknown_fields=True):
    """The last that it says: why it ends, and where in its code if that was a bug."""

    words: Text
    traceback: Text


Said: TypeAlias = Beat | Tell | Log | Failed

_encoder = msgspec.json.Encoder()
_decoder: "msgspec.json.Decoder[Said]" = msgspec.json.Decoder(Said)


def heard(line: bytes) -> Said:
    """Raises BadInput for what is no message. Its text quotes nothing of the line."""
    if len(line) > LONGEST:
        raise BadInput(f"A message may have {LONGEST:,} bytes.")
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"This is no message of a plug-in: {type(error).__name__}.") from error


class Voice:
    """The process's end of the pipe. Safe to use from several threads."""

    def __init__(self, pipe: int) -> None:
        self.pipe, self._lock = pipe, Lock()

    def end_unless_beaten(self, seconds: float) -> None:
        """Ends the process, and says where it hangs, if this is not called again within so many seconds.

        This needs no interpreter: it works where code hangs that never lets go of it.
        """
        faulthandler.dump_traceback_later(seconds, exit=True, file=self.pipe)

    def say(self, what: Said) -> None:
        """Raises BadInput for what the sidecar would refuse, Cancelled if it is gone."""
        line = _encoder.encode(what)
        heard(line)
        left = memoryview(line + b"\n")
        try:
            with self._lock:
                while left:
                    left = left[os.write(self.pipe, left) :]
        except BrokenPipeError as error:
            raise Cancelled("The sidecar is gone.") from error
