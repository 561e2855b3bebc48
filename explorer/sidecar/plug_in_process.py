"""The process of one plug-in: loads it and runs it until the sidecar, or it, ends.

Its standard output is where it speaks to the sidecar, so whatever the plug-in prints goes to standard error; its
standard input is how it learns that the sidecar stops or has died, so the plug-in reads nothing there.
"""

import os
import signal
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from threading import Event, Thread
from time import sleep

from explorer.errors import Cancelled, KnownError
from explorer.sidecar.logs import place
from explorer.sidecar.plug_in_voice import TEXT, Failed, Voice
from explorer.sidecar.plug_ins import GROUP, PlugInPost

GRACE = 2.0
"""Seconds that a plug-in has to end when it is to."""


def main(name: str, value: str, store: str, hang: str) -> int:
    """The exit status: 0 if it was asked to end, 1 if the plug-in failed."""
    voice, ear = Voice(os.dup(1)), os.dup(0)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    stopping = Event()
    Thread(target=_listen, args=(ear, stopping), name="sidecar: is it there", daemon=True).start()
    post = PlugInPost(Path(store), voice, stopping, float(hang))
    try:
        post.beat()
        failed = _run(EntryPoint(name, value, GROUP), post)
        if stopping.is_set():
            return 0
        voice.say(failed)
    except Cancelled:
        return 0
    finally:
        post.close()
    return 1


def _run(entry: EntryPoint, post: PlugInPost) -> Failed:
    """Why it ended, whatever that is: it is strangers' code, and the sidecar logs it."""
    try:
        entry.load()(post)
    except KnownError as error:
        return Failed(_shortened(f"The plug-in {entry.name} failed: {error}"), "")
    except BaseException as error:  # noqa: BLE001
        # An exception's own words may be about an event.
        words = f"The plug-in {entry.name} raised {type(error).__name__}; its traceback is in the log."
        return Failed(_shortened(words), _shortened(place(error)))
    return Failed(_shortened(f"The plug-in {entry.name} ended by itself."), "")


def _shortened(text: str) -> str:
    return text[-TEXT:].encode(errors="backslashreplace").decode()[-TEXT:]


def _listen(ear: int, stopping: Event) -> None:
    """Ends the process, and what it has started, some time after its input has ended."""
    while os.read(ear, 1_024):
        pass
    stopping.set()
    sleep(GRACE)
    os.killpg(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
