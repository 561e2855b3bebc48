"""Power failures, replayed from a recording of what a process did to the files of a folder (see `shim.c`).

What was written and not yet synced may be there after the failure, or not, or in part: whole sectors of it. A new name
is there for certain when its folder was synced. A sync is taken at its word.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

SECTOR = 512


class Step(NamedTuple):
    """One call: W(rite), T(runcate), S(ync), C(reate), U(nlink), R(ename), L(ink); or A, what the process says."""

    kind: str
    number: int
    data: bytes
    path: str


def steps_of(log: bytes) -> list[Step]:
    steps: list[Step] = []
    at = 0
    while at < len(log):
        end = log.index(b"\n", at)
        kind, number, size, path = log[at:end].decode().split("\t", 3)
        at = end + 1 + int(size)
        steps.append(Step(kind, int(number), log[end + 1 : at], path))
    return steps


@dataclass
class File:
    """A file's bytes as they are on the disk for certain, and the writes behind them that nobody has synced."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Step] = field(default_factory=list[Step])

    def sync(self) -> None:
        for step in self.pending:
            perform(step, self.durable)
        self.pending.clear()


def perform(step: Step, content: bytearray) -> None:
    if step.kind == "T":
        del content[step.number :]
        content.extend(bytes(step.number - len(content)))
    else:
        content.extend(bytes(max(0, step.number - len(content))))
        content[step.number : step.number + len(step.data)] = step.data


class Disk:
    """The files of a folder while the recording is played."""

    def __init__(self) -> None:
        self.names: dict[str, File] = {}
        self.durable_names: dict[str, File] = {}
        self.said: list[str] = []

    def play(self, step: Step) -> None:
        """What is not of the database itself is left out: the index of a WAL is made anew after a failure."""
        if step.path.endswith("-shm"):
            return
        match step.kind:
            case "A":
                self.said.append(step.data.decode())
            case "C":
                self.names[step.path] = File()
            case "U" | "R" | "L":
                self._name(step)
            case "S" if step.path in self.names:
                self.names[step.path].sync()
            case "S":
                self._sync_folder(step.path)
            case _:
                self.names[step.path].pending.append(step)

    def _name(self, step: Step) -> None:
        if step.kind == "U":
            del self.names[step.path]
            return
        before = step.data.decode()
        self.names[step.path] = self.names[before]
        if step.kind == "R":
            del self.names[before]

    def _sync_folder(self, folder: str) -> None:
        kept = {path: file for path, file in self.durable_names.items() if not _is_in(path, folder)}
        self.durable_names = kept | {path: file for path, file in self.names.items() if _is_in(path, folder)}

    def states(self, chance: random.Random, torn: int) -> Iterator[dict[str, bytes]]:
        """What may be found after a failure right now: the extremes, and so many that chance has left."""
        for names in (self.durable_names, self.names):
            yield {path: _kept(file, [1.0] * len(file.pending), chance) for path, file in names.items()}
            yield {path: _kept(file, [], chance) for path, file in names.items()}
            for _ in range(torn):
                yield {path: _kept(file, _shares(len(file.pending), chance), chance) for path, file in names.items()}

    @property
    def is_quiet(self) -> bool:
        """Whether all is on the disk, so that there is but one state."""
        return self.names == self.durable_names and not any(file.pending for file in self.names.values())


def _is_in(path: str, folder: str) -> bool:
    return str(Path(path).parent) == folder


def _shares(writes: int, chance: random.Random) -> list[float]:
    """How much of each write got to the disk: up to some write all and then nothing, or as it comes."""
    if chance.random() < 0.5:
        whole = chance.randint(0, writes)
        return [1.0] * whole + [chance.choice((0.0, 0.5))] * min(1, writes - whole)
    return [chance.choice((0.0, 0.5, 1.0)) for _ in range(writes)]


def _kept(file: File, shares: Sequence[float], chance: random.Random) -> bytes:
    content = bytearray(file.durable)
    for step, share in zip(file.pending, shares, strict=False):
        if share == 1.0 or (share and step.kind == "T"):
            perform(step, content)
        elif share:
            for start in range(0, len(step.data), SECTOR):
                if chance.random() < share:
                    perform(step._replace(number=step.number + start, data=step.data[start : start + SECTOR]), content)
    return bytes(content)
