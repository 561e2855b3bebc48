"""The import of Online Retail files next to raw `executemany` of the same rows into the same tables."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from explorer.application.importers.online_retail import BATCH, import_online_retail
from explorer.application.importers.retail_csv import COLUMNS
from explorer.application.session import Session
from tests.benchmarks.bench import Bench
from tests.benchmarks.shape import Happened, Piece
from tests.benchmarks.stores import block_of, connected, draft
from tests.benchmarks.table import Row, at_least
from tests.benchmarks.timing import Samples, Stopwatch, in_turn

ROWS = 300_000
"""Rows of the made-up file, at most."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def imports(bench: Bench) -> Iterator[Row]:
    with draft(bench.within) as scratch:
        if bench.retail is None:
            rows = min(ROWS, bench.middle.events // 3)
            files = [made_up(scratch / "retail.csv", rows, bench.seed)]
        else:
            files = sorted(bench.retail.glob("*.csv*"))
        imported, events = scratch / "imported.events", list[int]()

        def ours() -> float:
            imported.unlink(missing_ok=True)
            watch = Stopwatch()
            with Session(imported, cache=scratch / "cache", create=True) as session, watch:
                for file in files:
                    import_online_retail(session, file, rejects=scratch / "rejects.csv")
            events.append(_size(imported))
            return watch.total

        times = in_turn(3, ours, lambda: _raw(imported, scratch, triggers=True), lambda: _raw(imported, scratch))
    yield from _rows(events[0], times)


def _rows(events: int, times: list[Samples]) -> Iterator[Row]:
    names = ("import", "raw executemany of the same rows", "raw executemany, without triggers")
    for name, samples in zip(names, times, strict=True):
        yield Row("import", name, events, "events/s", events / samples.median)
    ours, raw, bare = times
    share = 100 * raw.median / ours.median
    yield Row("import", "import, share of the raw rate", events, "%", share, at_least(40))
    yield Row("import", "the same, without triggers", events, "%", 100 * bare.median / ours.median)


def _size(store: Path) -> int:
    with connected(store) as connection:
        return connection.execute("SELECT count(*) FROM events").fetchone()[0]


def _raw(imported: Path, scratch: Path, *, triggers: bool = False) -> float:
    """Seconds to insert all events of a store into a new one, in the importer's batches, without reading them."""
    watch = Stopwatch()
    with draft(scratch) as folder, ExitStack() as closing:
        Session(folder / "raw.events", cache=folder / "cache", create=True).close()
        source = closing.enter_context(connected(imported))
        target = closing.enter_context(connected(folder / "raw.events"))
        if not triggers:
            for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                target.execute(f"DROP TRIGGER {name}")
        rows = source.execute("SELECT * FROM events ORDER BY position")
        insert = f"INSERT INTO events VALUES ({', '.join('?' * len(rows.description))})"
        head = source.execute("SELECT * FROM head")
        move = f"UPDATE head SET {', '.join(f'{column[0]} = ?' for column in head.description)}"
        values = head.fetchone()
        while batch := rows.fetchmany(BATCH):
            with watch:
                target.execute("BEGIN IMMEDIATE")
                target.executemany(insert, batch)
                target.execute(move, values)
                target.execute("COMMIT")
    return watch.total


def made_up(path: Path, rows: int, seed: int) -> Path:
    """A file in the real ones' form, of about as many rows, from the made-up shop's year."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(islice(_csv_rows(block_of(rows, seed, None, path.parent)()), rows))
    return path


def _csv_rows(pieces: Iterator[Piece]) -> Iterator[tuple[str, ...]]:
    names: dict[str, str] = {}
    for stream, events in pieces:
        category, _, number = stream.partition("-")
        if category == "product":
            names[number] = str(events[-1].data.get("name", names.get(number)))
            continue
        first = events[0].data
        customer, country = str(first["customer"]), str(first.get("country", first.get("location")))
        for event in events:
            if event.type in {"ItemAdded", "CreditLineRecorded"}:
                sign = "-" if category == "creditnote" else ""
                yield (number, *_item(event, names, sign), f"{customer}.0", country)


def _item(event: Happened, names: dict[str, str], sign: str) -> tuple[str, ...]:
    data = event.data
    sku, price = str(data["sku"]), data["unit_price"]
    assert isinstance(price, int)
    date = (EPOCH + timedelta(microseconds=event.time)).strftime("%Y-%m-%d %H:%M:%S")
    return sku, names[sku], f"{sign}{data['quantity']}", date, f"{price // 100}.{price % 100:02d}"
