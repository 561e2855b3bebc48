"""A plug-in's process, seen from the sidecar: begun, heard and ended.

It is a session of its own, so that it is ended with all that it has started. Needs POSIX.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from select import select
from time import monotonic

from explorer.errors import BadInput, KnownError
from explorer.sidecar.plug_in_process import GRACE as CHILD_GRACE
from explorer.sidecar.plug_in_voice import HANGS, LONGEST, TEXT, Beat, Failed, Log, Said, Tell, heard
from explorer.sidecar.plug_ins import PlugIn
from explorer.sidecar.task import Post, Silence, Task

GRACE = CHILD_GRACE + 1.0
"""Seconds that a process has to end when it is asked to."""
STEP = 0.25
"""Seconds between two looks whether to stop, if nothing is said."""
CHUNK = 4_096
RATE = 200
"""Messages a second that are heard at most. Who says more waits at a full pipe."""
FACTS = 100
"""Facts of its own that a plug-in can have."""


class PlugInFailed(KnownError):
    """A plug-in raised, returned, crashed, hung or said what nobody understands."""


def in_a_process(plug_in: PlugIn, store: Path, hang: float) -> Task:
    """The task that is one run of the plug-in. It beats when the plug-in does; after `hang` seconds it is killed."""
    command = [sys.executable, "-P", "-m", "explorer.sidecar.plug_in_process"]
    arguments = [plug_in.name, plug_in.value, str(store), str(hang)]

    def task(post: Post) -> None:
        with subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, bufsize=0
        ) as process:
            try:
                why = _Hearing(process, plug_in, post, hang).until_it_fails()
            finally:
                status = _end(process)
        raise PlugInFailed(why or f"The plug-in {plug_in.name} {_ended(status)}.")

    return task


class _Hearing:
    """Takes what a process says to where it belongs."""

    def __init__(self, process: "subprocess.Popen[bytes]", plug_in: PlugIn, post: Post, hang: float) -> None:
        assert process.stdout is not None
        self._pipe = process.stdout.fileno()
        self._plug_in, self._post, self._hang = plug_in, post, hang
        self._hung = f"The plug-in {plug_in.name} hung: it did not beat for {hang:g} s."
        self._told: set[str] = set(post.facts.told.plug_ins.get(plug_in.name, {}))

    def until_it_fails(self) -> str:
        """Why it failed, "" if it ended without a word. Raises Cancelled when it is to stop."""
        silence, rest = Silence(self._post, STEP), b""
        while True:
            self._post.check()
            said = os.read(self._pipe, CHUNK) if select([self._pipe], [], [], STEP)[0] else None
            if said == b"":
                return ""
            if silence.seconds() > self._hang * 1.1 + 2 * STEP:  # it did not end itself, as it does after `hang`
                return self._hung
            if said:
                *lines, rest = (rest + said).split(b"\n")
                if why := self._take(lines, rest):
                    return why
                select([], [], [], len(lines) / RATE)

    def _take(self, lines: list[bytes], rest: bytes) -> str:
        """Why it failed, "" if it did not."""
        try:
            for number, line in enumerate(lines):
                if line.startswith(HANGS):
                    return self._take_place(b"\n".join([*lines[number:], rest]))
                if why := self._take_one(heard(line)):
                    return why
            if len(rest) > LONGEST:
                raise BadInput(f"A message may have {LONGEST:,} bytes.")
        except BadInput as error:
            return f"The plug-in {self._plug_in.name} was ended for what it said. {error}"
        return ""

    def _take_place(self, place: bytes) -> str:
        """Logs where it hung, the end of which may still have to be read. Why it failed."""
        while len(place) < LONGEST and select([self._pipe], [], [], STEP)[0] and (more := os.read(self._pipe, CHUNK)):
            place += more
        self._log_place(self._hung, place.decode(errors="replace")[:TEXT])
        return self._hung

    def _log_place(self, words: str, traceback: str) -> None:
        self._post.log.error("%s", words, extra={"fields": {"task": self._post.name, "traceback": traceback}})

    def _take_one(self, said: Said) -> str:
        match said:
            case Beat():
                self._post.beat()
            case Tell(facts):
                self._told |= facts.keys()
                if len(self._told) > FACTS:
                    raise BadInput(f"A plug-in may tell {FACTS} facts.")
                self._post.facts.tell_plug_in(self._plug_in.name, facts)
            case Log(words, more):
                self._post.log.info("%s", words, extra={"fields": {**more, "task": self._post.name}})
            case Failed(words, traceback):
                if traceback:
                    self._log_place(words, traceback)
                return words
        return ""


def _end(process: "subprocess.Popen[bytes]") -> int:
    """Asks the process to end, and sees to it; what it still says is lost. Its exit status, or minus a signal."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    pipe, until = [process.stdout], monotonic() + GRACE
    while _lives(process) and monotonic() < until:
        if select(pipe, [], [], 0.02)[0] and not process.stdout.read(CHUNK):
            pipe = []
    # Before it is waited for: then its number could be somebody else's.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _lives(process: "subprocess.Popen[bytes]") -> bool:
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def _ended(status: int) -> str:
    return f"ended with status {status}" if status >= 0 else f"was ended by signal {-status}"
