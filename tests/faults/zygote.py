"""A process that has imported everything and opened nothing: it forks a child for each deed within milliseconds.

Children may be killed at any moment: what they have said until then stays said. They are started under the shim where
there is one (see `shim.c`).
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that a child may keep silent before its silence is the fault."""

Line = list[Any]


class Child:
    """One deed under way in a process of its own. What it says comes as JSON lists."""

    def __init__(self, zygote: "Zygote", pid: int, voice: int) -> None:
        self._zygote, self.pid, self._voice, self._rest = zygote, pid, voice, b""
        self.is_silent = False
        """Whether it has ended, so that nothing more will be heard."""
        self.status: int | None = None
        """Its exit status, or the negative number of the signal that it died of; None until `wait`."""

    def fileno(self) -> int:
        return self._voice

    def hear(self, seconds: float) -> list[Line]:
        """What it says next: within so many seconds, or nothing."""
        if self.is_silent or not select.select([self._voice], [], [], max(0.0, seconds))[0]:
            return []
        heard = os.read(self._voice, 1 << 16)
        self.is_silent = not heard
        *lines, self._rest = (self._rest + heard).split(b"\n")
        said = [json.loads(line) for line in lines]
        for line in said:
            if line[0] == "failed":
                raise AssertionError(f"A child failed:\n{line[1]}")
        return said

    def lines(self, patience: float = PATIENCE) -> Iterator[Line]:
        """All that it says until it ends."""
        while not self.is_silent:
            began = monotonic()
            said = self.hear(patience)
            assert said or self.is_silent or monotonic() - began < patience, f"A child is silent for {patience:.0f} s."
            yield from said

    def hear_out(self, patience: float = PATIENCE) -> list[Line]:
        """All that it says until it ends; it has then been waited for."""
        said = list(self.lines(patience))
        self.wait()
        return said

    def kill(self) -> list[Line]:
        """Kills it at once, wherever it is; what it had said and nobody had heard yet."""
        os.kill(self.pid, signal.SIGKILL)
        return self.hear_out()

    def stop(self) -> None:
        """Halts it with all its locks, until `go_on`. The signal takes effect a moment later: that is waited for."""
        os.kill(self.pid, signal.SIGSTOP)
        state = Path(f"/proc/{self.pid}/stat")
        while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "T":
            os.sched_yield()

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def wait(self) -> None:
        os.close(self._voice)
        self._zygote.children.remove(self)
        self.status = self._zygote.ask({"wait": self.pid})["status"]


def together(children: Sequence[Child], patience: float = PATIENCE) -> list[list[Line]]:
    """All that each of them says until all have ended."""
    heard = [list[Line]() for _ in children]
    while living := [child for child in children if not child.is_silent]:
        assert select.select(living, [], [], patience)[0], f"{len(living)} children are silent for {patience:.0f} s."
        for child, said in zip(children, heard, strict=True):
            said.extend(child.hear(0))
    for child in children:
        child.wait()
    return heard


class Zygote:
    """Starts deeds, by name: functions of the modules that `serve` knows."""

    def __init__(self, shim: Path | None = None) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        preload = {"LD_PRELOAD": str(shim)} if shim else {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", str(theirs.fileno())],
            cwd=ROOT, env=os.environ | preload, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        self.children: list[Child] = []
        assert self.ask({"ready": True})["ready"]

    def start(self, deed: str, *arguments: Any) -> Child:
        voice, theirs = os.pipe()
        answer = self.ask({"deed": deed, "arguments": arguments}, theirs)
        os.close(theirs)
        self.children.append(Child(self, answer["pid"], voice))
        return self.children[-1]

    def ask(self, request: dict[str, Any], *descriptors: int) -> dict[str, Any]:
        socket.send_fds(self._socket, [json.dumps(request).encode()], list(descriptors))
        return json.loads(self._socket.recv(1 << 16))

    def kill_all(self) -> None:
        """Ends what a failed test has left."""
        for child in list(self.children):
            with contextlib.suppress(AssertionError):
                child.kill()

    def close(self) -> None:
        self.kill_all()
        self._socket.close()
        self._process.wait(10)


def serve(requests: socket.socket) -> None:
    """What the zygote itself does: forks, and waits for whom it has forked."""
    from tests.faults import beside_deeds, crowd, deeds, disk_deeds, held_deeds

    known = vars(beside_deeds) | vars(crowd) | vars(disk_deeds) | vars(held_deeds) | vars(deeds)

    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, 1 << 16, 1)
        if not message:
            return
        request = json.loads(message)
        answer: dict[str, Any] = {"ready": True}
        if "wait" in request:
            answer = {"status": os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])}
        elif "deed" in request:
            (voice,) = descriptors
            pid = os.fork()
            if pid == 0:
                requests.close()
                _live(voice, known[request["deed"]], request["arguments"])
            os.close(voice)
            answer = {"pid": pid}
        requests.send(json.dumps(answer).encode())


def _live(voice: int, deed: Any, arguments: list[Any]) -> None:
    def say(*words: Any) -> None:
        os.write(voice, json.dumps(words).encode() + b"\n")

    status = 1
    try:
        deed(say, *arguments)
        status = 0
    except BaseException:  # noqa: BLE001 - it is told to whoever listens
        say("failed", traceback.format_exc()[-3_000:])
    finally:
        os._exit(status)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
