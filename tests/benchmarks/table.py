"""The table: what was measured, the target, the figure, the verdict; printed for people, as JSON for programs."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from explorer.application import outside
from explorer.store.engine import driver
from tests.benchmarks.timing import Samples

GENEROUS = 20
"""By how much a limit is missed before it counts where it is only to be seen that all runs."""


class Limit(NamedTuple):
    """`most`: the figure may be `value` at most; else it must be that at least."""

    value: float
    most: bool = True

    def holds(self, figure: float, slack: float = 1) -> bool:
        return figure <= self.value * slack if self.most else figure >= self.value / slack


def at_most(value: float) -> Limit:
    return Limit(value)


def at_least(value: float) -> Limit:
    return Limit(value, most=False)


class Row(NamedTuple):
    """One line. `figure` is in `unit`, None if it was not measured, then `note` says why; `samples` are in `unit` too.

    Where a row has a limit and is not `required`, it is wanted.
    """

    subject: str
    what: str
    events: int
    unit: str
    figure: float | None
    limit: Limit | None = None
    samples: Samples | None = None
    required: bool = True
    note: str = ""

    def verdict(self) -> str:
        if self.figure is None:
            return "not measured"
        if self.limit is None:
            return ""
        if self.limit.holds(self.figure):
            return "met"
        return "MISSED" if self.required else "not met (wanted)"

    def fails(self, *, generous: bool) -> bool:
        if self.figure is None or self.limit is None or not self.required:
            return False
        return not self.limit.holds(self.figure, GENEROUS if generous else 1)


def p95_row(
    subject: str, what: str, events: int, samples: Samples, limit: Limit | None, *, required: bool = True
) -> Row:
    """A row of times, whose figure is the p95 in milliseconds."""
    in_ms = Samples(tuple(value * 1_000 for value in samples.values))
    return Row(subject, what, events, "ms", in_ms.p95, limit, in_ms, required)


def exit_status(rows: Iterable[Row], *, generous: bool) -> int:
    return 1 if any(row.fails(generous=generous) for row in rows) else 0


_HEADER = ("what", "events", "target", "figure", "median", "p95", "verdict")


def printed(rows: Sequence[Row]) -> str:
    """The whole table, aligned."""
    cells = [_HEADER, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADER))]
    lines = [
        "  ".join(
            cell.rjust(width) if 1 <= column <= 5 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    samples = row.samples if row.samples is not None and len(row.samples) >= 3 else None
    verdict = row.verdict()
    return (
        row.what,
        f"{row.events:,}" if row.events else "",
        f"{'≤' if row.limit.most else '≥'} {number(row.limit.value)} {row.unit}" if row.limit else "",
        "" if row.figure is None else f"{number(row.figure)} {row.unit}",
        number(samples.median) if samples else "",
        number(samples.p95) if samples else "",
        f"{verdict}: {row.note}" if verdict and row.note else verdict or row.note,
    )


def number(value: float) -> str:
    """Three digits that count, or all before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


def machine() -> dict[str, str | int]:
    """On what was measured, when, and how busy it was: the load of the last minute, where the system tells it."""
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=outside.now())
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": driver.sqlite_version,
        "load": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "",
        "date": now.isoformat(timespec="seconds"),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.machine()


def as_json(rows: Sequence[Row], about: dict[str, str | int]) -> bytes:
    """`{"machine": …, "rows": […]}`; a row's samples are told by their number, median and p95."""
    found: dict[str, Any] = {"machine": about, "rows": [_record(row) for row in rows]}
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def _record(row: Row) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "what": row.what,
        "events": row.events,
        "unit": row.unit,
        "figure": row.figure,
        "target": {"at": "most" if row.limit.most else "least", "value": row.limit.value} if row.limit else None,
        "required": row.required,
        "verdict": row.verdict(),
        "note": row.note,
        "samples": {"number": len(row.samples), "median": row.samples.median, "p95": row.samples.p95}
        if row.samples
        else None,
    }
