"""Plug-ins, really installed and each in a process: strangers' code may do what it likes, and the rest goes on."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.privacy import protect
from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.sidecar.plug_ins import PlugIn, found
from explorer.sidecar.supervisor import Pauses
from tests.application.evidence import tamper
from tests.application.shop import open_cart
from tests.sidecar.supervised import PATIENCE, ROOT, Installing, Supervised, lives, until

WELL = """
from pathlib import Path
import os

def counting(post):
    with post.store.with_name("pids").open("a") as file:
        file.write(f"{os.getpid()}\\n")
    count = 0
    while True:
        count += 1
        post.tell(count=count)
        post.wait(0.02)
"""
STRANGE = """
import ctypes, os, signal, subprocess, sys, time

def raising(post):
    raise LookupError("customer 7")

def exiting(post):
    sys.exit(0)

def returning(post):
    post.wait(0.01)

def gone(post):
    os._exit(3)

def crashing(post):
    os.kill(os.getpid(), signal.SIGSEGV)

def pipe(post):
    return post._voice.pipe

def malformed(post):
    os.write(pipe(post), b"customer 7\\n")
    post.wait(1000)

def unknown(post):
    os.write(pipe(post), b'{"type": "append", "stream": "cart-7"}\\n')
    post.wait(1000)

def huge(post):
    for _ in range(1000):
        os.write(pipe(post), b"x" * 1000)
    post.wait(1000)

def nameless(post):
    post.tell(**{"customer 7": 1})

def wordy(post):
    post.log("x" * 10_000)

def mute(post):
    os.close(pipe(post))
    time.sleep(1000)

def noisy(post):
    print("customer 7")
    sys.stdout.flush()
    os.write(1, b"customer 7\\n")
    subprocess.run(["echo", "customer 7"], check=True)
    assert sys.stdin.read() == ""
    post.tell(noise="made")
    while True:
        post.wait(0.02)
"""
FAILURES = {
    "raising": "The plug-in raising raised LookupError; its traceback is in the log.",
    "exiting": "The plug-in exiting raised SystemExit; .*",
    "returning": "The plug-in returning ended by itself.",
    "gone": "The plug-in gone ended with status 3.",
    "crashing": "The plug-in crashing was ended by signal 11.",
    "malformed": "The plug-in malformed was ended for what it said. This is no message of a plug-in: .*",
    "unknown": "The plug-in unknown was ended for what it said. This is no message of a plug-in: ValidationError.",
    "huge": "The plug-in huge was ended for what it said. A message may have 65,536 bytes.",
    "nameless": "The plug-in nameless failed: This is no message of a plug-in: ValidationError.",
    "wordy": "The plug-in wordy failed: This is no message of a plug-in: ValidationError.",
    "mute": "The plug-in mute was ended by signal 9.",
    "missing": "The plug-in missing raised AttributeError; .*",
    "nowhere": "The plug-in nowhere raised ModuleNotFoundError; .*",
}
HANGING = """
import ctypes, time
from pathlib import Path

def busy(post):
    while True:
        pass

def waiting(post):
    time.sleep(1000)

def holding(post):  # the interpreter, so that no other thread of the process goes on
    ctypes.PyDLL(None).sleep(1000)

def defiant(post):
    import faulthandler
    faulthandler.cancel_dump_traceback_later()
    time.sleep(1000)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installing:
    return Installing(tmp_path / "installed", monkeypatch)


def supervised(store: Path, **settings: float) -> Supervised:
    """With all plug-ins that are found."""
    made = Supervised(Pauses(0.5, 60.0), **settings)
    for plug_in in found():
        made.supervisor.add_plug_in(plug_in, store)
    return made


def counting(made: Supervised) -> Callable[[], bool]:
    """Whether the plug-in that is well has counted on since."""
    before = made.facts.told.plug_ins.get("counting", {}).get("count", 0)
    return lambda: made.facts.told.plug_ins.get("counting", {}).get("count", 0) != before


def pids(folder: Path) -> list[int]:
    file = folder / "pids"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def test_what_is_installed_is_found_but_not_loaded(install: Installing) -> None:
    install("first", "raise AssertionError", mailer="task", other="first:things.task")
    install("second", "raise AssertionError", mailer="task")
    assert found() == [
        PlugIn("mailer (first:task)", "first:task"),
        PlugIn("mailer (second:task)", "second:task"),
        PlugIn("other", "first:things.task"),
    ]


def test_strangers_fail_each_by_itself(
    install: Installing, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    places = {name: name for name in FAILURES} | {"nowhere": "nowhere:task", "noisy": "noisy"}
    install("strangers", STRANGE, **places)
    install("well", WELL, counting="counting")
    made = supervised(tmp_path / "shop.events")
    with made.running():
        for name, error in FAILURES.items():
            until(lambda name=name: made.task(f"plug-in {name}").restarts >= 1)
            assert re.fullmatch(error, made.task(f"plug-in {name}").error)
        until(lambda: made.task("plug-in raising").restarts >= 2)
        until(counting(made))
        until(lambda: made.facts.told.plug_ins.get("noisy") == {"noise": "made"})
        for name in ("counting", "noisy"):
            assert made.task(f"plug-in {name}").restarts == 0
            assert made.task(f"plug-in {name}").is_working
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids(tmp_path))
    printed = capfd.readouterr()
    assert (printed.out, printed.err.count("customer 7")) == ("", 3)
    tracebacks = [record.__dict__["fields"].get("traceback", "") for record in caplog.records]
    assert any("in raising" in traceback for traceback in tracebacks)
    assert not any("customer 7" in record.getMessage() for record in caplog.records)


def test_those_that_hang_are_killed(install: Installing, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = ("busy", "waiting", "holding", "defiant")
    install("hanging", HANGING, **{name: name for name in names})
    install("well", WELL, counting="counting")
    made = supervised(tmp_path / "shop.events", hang=1.5)

    def places() -> str:
        return "".join(record.__dict__["fields"].get("traceback", "") for record in caplog.records)

    with made.running():
        for name in names:
            until(lambda name=name: made.task(f"plug-in {name}").restarts >= 1)
            assert made.task(f"plug-in {name}").error == f"The plug-in {name} hung: it did not beat for 1.5 s."
        until(counting(made))
        # A machine that is busy may kill one before it has come there; then the next time.
        until(lambda: all(f"in {name}\n" in places() for name in ("busy", "waiting", "holding")))
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids(tmp_path))


def test_a_plug_in_sees_what_is_appended(install: Installing, tmp_path: Path) -> None:
    install(
        "reading",
        """
def task(post):
    position = 0
    while True:
        for event in post.events(position):
            position = event.position
            post.tell(position=position, last=f"{event.type} {event.data}")
        post.wait(0.01)
""",
        reading="task",
    )
    path = tmp_path / "shop.events"
    with Session(path, cache=tmp_path / "cache", create=True) as session:
        made = supervised(path)
        with made.running():
            for number in (1, 2, 3):
                event = NewEvent("Noted", {"note": number}, Metadata("tester"))
                session.store.append("notes-1", number - 1, [event])
                until(
                    lambda number=number: (
                        made.facts.told.plug_ins.get("reading")
                        == {"position": number, "last": f"Noted {{'note': {number}}}"}
                    )
                )
        assert made.task("plug-in reading").restarts == 0


def test_what_is_sealed_stays_sealed_and_what_cannot_be_read_is_told_of(install: Installing, tmp_path: Path) -> None:
    install(
        "reading",
        """
from explorer.errors import Damaged

def task(post):
    position, unread, seen = 0, 0, ""
    while True:
        try:
            for event in post.events(position):
                position = event.position
                seen += str(event.data.get("customer", ""))
        except Damaged:
            position += 1
            unread += 1
        post.tell(position=position, unread=unread, clear=seen.count("Ann"), sealed=int(len(seen) > 20))
        post.wait(0.01)
""",
        reading="task",
    )
    path = tmp_path / "shop.events"
    with Session(path, cache=tmp_path / "cache", create=True) as session:
        by = Metadata("tester")
        session.store.append("notes-1", 0, [NewEvent("Noted", {"note": number}, by) for number in range(3)])
        protect(session, by)
        open_cart(session, mugs=0)
    tamper(path, "UPDATE events SET data = CAST('torn' AS BLOB) WHERE position = 2")
    made = supervised(path)
    with made.running():
        until(lambda: made.facts.told.plug_ins.get("reading", {}).get("position") == 5)
        told = made.facts.told.plug_ins["reading"]
    assert told == {"position": 5, "unread": 1, "clear": 0, "sealed": 1}


def test_it_tells_and_logs(install: Installing, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    install(
        "telling",
        """
from explorer.errors import BadInput

def task(post):
    refused = 0
    for wrong in (True, float("nan"), None, 2**64, ["text"], "x" * 10_000):
        try:
            post.tell(wrong=wrong)
        except BadInput:
            refused += 1
    post.tell(refused=refused, ratio=0.5, words="in words")
    post.log("Sent 100%s.", sent=3, task="another's")
    while True:
        post.wait(0.01)
""",
        telling="task",
    )
    made = supervised(tmp_path / "shop.events")
    with made.running():
        until(lambda: any(record.getMessage() == "Sent 100%s." for record in caplog.records))
        assert made.facts.told.plug_ins == {"telling": {"refused": 6, "ratio": 0.5, "words": "in words"}}
    (said,) = [record for record in caplog.records if record.getMessage() == "Sent 100%s."]
    assert said.__dict__["fields"] == {"sent": 3, "task": "plug-in telling"}


def test_one_that_tells_ever_more_is_ended(install: Installing, tmp_path: Path) -> None:
    install(
        "telling",
        """
def task(post):
    for number in range(1000):
        post.tell(**{f"fact_{number}": number})
    post.wait(1000)
""",
        telling="task",
    )
    made = supervised(tmp_path / "shop.events")
    with made.running():
        until(lambda: made.task("plug-in telling").restarts >= 1)
        assert "A plug-in may tell 100 facts" in made.task("plug-in telling").error
        assert len(made.facts.told.plug_ins["telling"]) == 100


def test_what_plug_ins_started_ends_with_them_and_stopping_asks_first(install: Installing, tmp_path: Path) -> None:
    install(
        "ending",
        """
import os, subprocess, time
from explorer.errors import Cancelled

def note(post, pid):
    with post.store.with_name("pids").open("a") as file:
        file.write(f"{pid}\\n")

def polite(post):
    post.tell(begun=1)
    try:
        post.wait(1000)
    except Cancelled:
        post.store.with_name("cleaned").touch()
        raise

def deaf(post):
    note(post, subprocess.Popen(["sleep", "1000"]).pid)
    post.tell(begun=1)
    while True:
        try:
            post.wait(1000)
        except Cancelled:
            pass

def leaving(post):
    note(post, subprocess.Popen(["sleep", "1000"]).pid)
    os._exit(1)
""",
        polite="polite",
        deaf="deaf",
        leaving="leaving",
    )
    made = supervised(tmp_path / "shop.events")
    with made.running():
        until(lambda: made.facts.told.plug_ins == {"polite": {"begun": 1}, "deaf": {"begun": 1}})
        until(lambda: made.task("plug-in leaving").restarts >= 1)
        assert any(map(lives, pids(tmp_path)))
    assert (tmp_path / "cleaned").exists()
    assert len(pids(tmp_path)) >= 2
    until(lambda: not any(map(lives, pids(tmp_path))))


def test_when_the_sidecar_is_killed_its_plug_ins_end(install: Installing, tmp_path: Path) -> None:
    install(
        "orphans",
        """
import os

def note(post):
    with post.store.with_name("pids").open("a") as file:
        file.write(f"{os.getpid()}\\n")

def waiting(post):
    note(post)
    post.wait(1000)

def busy(post):
    note(post)
    while True:
        pass
""",
        waiting="waiting",
        busy="busy",
    )
    code = f"""
from pathlib import Path
from tests.sidecar.test_plug_ins import supervised
supervised(Path({str(tmp_path / "shop.events")!r}), hang=1e4).supervisor.run()
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:
        try:
            until(lambda: len(pids(tmp_path)) == 2)
            children = pids(tmp_path)
            assert all(map(lives, children))
        finally:
            os.kill(parent.pid, signal.SIGKILL)
        assert parent.wait(PATIENCE) == -signal.SIGKILL
    until(lambda: not any(map(lives, children)))
