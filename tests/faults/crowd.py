"""What many processes do on one file at once (see `zygote`)."""

import importlib
import random
import select
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

from explorer import cli
from explorer.application.handle import handle
from explorer.application.outside import new_id
from explorer.application.session import Session
from explorer.application.view import Answer, Question, answer
from explorer.domain.cart import OpenCart, SetNote
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Busy, Conflict
from explorer.proof import merkle
from explorer.store.event_store import EventStore
from tests.faults.deeds import ANN, batch, merge
from tests.faults.inspection import STORE, session_at, store_at

Say = Callable[..., None]


class Watch:
    """How long something took, in milliseconds, each time."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def time(self, what: Callable[[], Any]) -> Any:
        began = monotonic()
        result = what()
        self.times.append((monotonic() - began) * 1_000)
        return result

    def worst(self) -> tuple[int, float, float]:
        """How many there were, the 99th percentile, and the longest."""
        times = sorted(self.times)
        return len(times), round(times[len(times) * 99 // 100], 1), round(times[-1], 1)


# Two windows, a projector and writers


def window(say: Say, folder: str, seconds: float, seed: int) -> None:
    """Looks at what there is and at random moments, and gives a command now and then, as a window does."""
    chance, until, cart = random.Random(seed), monotonic() + seconds, f"cart-window{seed}"
    answers, appends, last = Watch(), Watch(), None
    with session_at(Path(folder)) as session:
        opened = handle(session, cart, OpenCart("Ann", "Leeds"), ANN)
        say("acknowledged", *[str(event.id) for event in opened])
        while monotonic() < until:
            last = answers.time(lambda: _look(session, chance, cart, last))  # noqa: B023
            if chance.random() < 0.2:
                text = SetNote(f"note {chance.random()}")
                events = appends.time(lambda: handle(session, cart, text, ANN))  # noqa: B023
                say("acknowledged", *[str(event.id) for event in events])
    say("answers", *answers.worst())
    say("appends", *appends.worst())


def _look(session: Session, chance: random.Random, cart: str, last: Answer | None) -> Answer:
    with suppress(Busy):  # the other projects
        session.catch_up()
    head = session.store.head().size
    as_of = None if chance.random() < 0.5 else chance.randint(0, head)
    return answer(session, Question(as_of=as_of, stream=cart), last)


def project(say: Say, folder: str, seconds: float, seed: int) -> None:
    """Projects and merges all the time."""
    until, chance = monotonic() + seconds, random.Random(seed)
    with session_at(Path(folder)) as session:
        while monotonic() < until:
            with suppress(Busy):
                session.catch_up()
            if chance.random() < 0.3:
                merge(session.path, chance.choice(("PASSIVE", "RESTART", "TRUNCATE")))
    say("projected")


def write(say: Say, folder: str, seconds: float, seed: int) -> None:
    """Appends as fast as it goes, to streams of its own."""
    chance, until, appends = random.Random(seed), monotonic() + seconds, Watch()
    store = store_at(Path(folder))
    while monotonic() < until:
        ids, appended = batch(chance, [f"note-{seed}"], store, chance.choice((2, 2, 30)))
        appends.time(lambda: store.append_all(appended))  # noqa: B023
        say("acknowledged", *ids)
    store.close()
    say("appends", *appends.worst())


def command(say: Say, folder: str, seconds: float, seed: int) -> None:
    """Types one command after the other, as scripts do; each must end well."""
    chance, until, commands = random.Random(seed), monotonic() + seconds, Watch()
    place, own = Path(folder) / STORE, ["--cache", str(Path(folder) / "cache")]
    for number in count():
        if monotonic() >= until:
            break
        what = chance.choice((
            ["demo", str(place), "--events", "20", "--seed", str(number)],
            ["events", str(place), "--limit", "5"],
            ["state", str(place), "--at", "0"],
            ["verify", str(place)],
            ["backup", str(place), str(Path(folder) / f"backups-{seed}")],
        ))  # fmt: skip
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            status = commands.time(lambda: cli.run([*what, *own]))  # noqa: B023
        assert status == 0, f"{what[0]} ended with {status}: {said.getvalue()}"
    say("commands", *commands.worst())


def weigh(say: Say, folder: str, seconds: float) -> None:
    """Says how large the logs of the store and of its cache have become, in bytes."""
    until, largest = monotonic() + seconds, {"store": 0, "cache": 0}
    while monotonic() < until:
        for name, pattern in (("store", "*.events-wal"), ("cache", "cache/*-wal")):
            for path in Path(folder).glob(pattern):
                with suppress(FileNotFoundError):  # merged and removed meanwhile
                    largest[name] = max(largest[name], path.stat().st_size)
        select.select((), (), (), 0.02)
    say("logs", largest["store"], largest["cache"])


# Clients that want the same streams


def contend(say: Say, folder: str, seconds: float, seed: int, streams: int) -> None:
    """Appends to streams that others append to as well; says what was acknowledged, and where."""
    chance, until = random.Random(seed), monotonic() + seconds
    store = store_at(Path(folder))
    versions: dict[str, int] = {}
    while monotonic() < until:
        stream = f"list-{chance.randrange(streams)}"
        expected = versions.get(stream, 0)
        events = [NewEvent("Noted", {"by": seed}, Metadata("Ann"), id=new_id()) for _ in range(chance.randint(1, 3))]
        try:
            recorded = store.append(stream, expected, events)
        except Conflict as conflict:
            say("conflict", stream, conflict.expected, conflict.actual)
            versions[stream] = conflict.actual
            continue
        versions[stream] = recorded[-1].version
        assert [event.version for event in recorded] == [*range(expected + 1, versions[stream] + 1)]
        say("acknowledged", [[str(event.id), stream, event.version, event.position] for event in recorded])
    store.close()


def follow(say: Say, folder: str, seconds: float) -> None:
    """Reads what is new again and again; what it has read must be the whole of what the head says there is."""
    until, store = monotonic() + seconds, store_at(Path(folder))
    frontier, read = list[bytes](), 0
    while monotonic() < until:
        head = store.head()
        read = _read_to(store, head.size, frontier, read)
        assert merkle.root(frontier) == head.root, f"what was read up to {read} is not what there is"
        say("read", read, head.root.hex())
    store.close()


def _read_to(store: EventStore, size: int, frontier: list[bytes], read: int) -> int:
    while read < size:
        for record in store.records(read, min(1_000, size - read)):
            assert record.position == read + 1, f"the reader missed {read + 1}"
            merkle.push(frontier, read, record.leaf)
            read += 1
    return read


# The same file under two kinds of writers, in plain SQL, so that any SQLite can be tried


def race(say: Say, path: str, module: str, role: str, seconds: float, seed: int) -> None:
    """Merges the WAL as fast as it goes, or writes with pauses; stops when the file is found to be damaged.

    What bites: a checkpoint that found everything merged is put off the processor, between reading the WAL's header and
    asking how much is merged, by a writer that wakes and begins the WAL anew. So the writers sleep and wake often, and
    the mergers never rest. Writers that never pause leave a WAL that is never merged to its end: nothing is reset, and
    the race is hardly ever run (one damaged file in 17 minutes, of gigabytes each; with pauses, one in two seconds).
    """
    driver, chance, until = importlib.import_module(module), random.Random(seed), monotonic() + seconds
    connection = driver.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
    turns = 0
    try:
        while monotonic() < until:
            if role == "merge":
                connection.execute(f"PRAGMA wal_checkpoint({chance.choice(('PASSIVE', 'RESTART'))})").fetchall()
            else:
                _race_on(connection, chance)
                select.select((), (), (), chance.random() * PAUSE_SECONDS)
            turns += 1
    except (driver.DatabaseError, IndexError, TypeError) as error:
        say("damaged", repr(error))
    say("turns", turns)


def _race_on(connection: Any, chance: random.Random) -> None:
    connection.execute("BEGIN IMMEDIATE")
    size, frontier = connection.execute("SELECT size, frontier FROM head").fetchone()
    bodies = [chance.randbytes(chance.choice((40, 900))) for _ in range(chance.randint(1, 4))]
    nodes = merkle.unpacked(frontier)
    merkle.extend(nodes, size, [merkle.leaf_hash(body) for body in bodies])
    rows = [(size + number, body[:20], body) for number, body in enumerate(bodies, 1)]
    connection.executemany("INSERT INTO log VALUES (?, ?, ?)", rows)
    connection.execute("UPDATE head SET size = ?, frontier = ?", (size + len(bodies), merkle.packed(nodes)))
    connection.execute("COMMIT")


PAUSE_SECONDS = 0.002
"""Of a writer between two commits, at most."""

RACE = (
    "PRAGMA journal_mode = WAL",
    "CREATE TABLE log (position INTEGER PRIMARY KEY, key BLOB NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX log_by_key ON log (key)",
    "CREATE TABLE head (size INTEGER NOT NULL, frontier BLOB NOT NULL)",
    "INSERT INTO head VALUES (0, x'')",
)


def race_ground(say: Say, path: str, module: str) -> None:
    """Makes the file."""
    connection = importlib.import_module(module).connect(path, isolation_level=None)
    for statement in RACE:
        connection.execute(statement).fetchall()
    connection.close()


def race_verdict(say: Say, path: str, module: str) -> None:
    """Says what is wrong with the file; empty if nothing is."""
    driver = importlib.import_module(module)
    connection = driver.connect(path, isolation_level=None)
    try:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        (size, frontier) = connection.execute("SELECT size, frontier FROM head").fetchone()
        rows = connection.execute("SELECT position, body FROM log ORDER BY position").fetchall()
    except driver.DatabaseError as error:
        say("verdict", repr(error))
        return
    nodes: list[bytes] = []
    merkle.extend(nodes, 0, [merkle.leaf_hash(body) for _, body in rows])
    whole = [row[0] for row in rows] == [*range(1, size + 1)] and merkle.packed(nodes) == frontier
    say("verdict", said if said != "ok" else "" if whole else "the rows are not those of the head")
