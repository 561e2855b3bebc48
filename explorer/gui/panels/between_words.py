"""What others did to a stream in between, in words."""

from explorer.application.conflict import Between
from explorer.application.event_list import EventRow
from explorer.application.faults import counted
from explorer.application.kinds import spoken
from explorer.gui.panels.plain import plain, shown, whole_stream
from explorer.gui.theme import local_time


def title_of(between: Between) -> str:
    """Who changed what and when, for a head line."""
    names = [*dict.fromkeys(plain(row.actor) for row in between.rows)]
    who = " and ".join(names[-2:]) if len(names) <= 2 else f"{names[-1]} and {len(names) - 1:,} others"
    events = counted(between.met - between.seen, "event")
    when = f", last at {local_time(between.rows[-1].time)}" if between.rows else ""
    return (
        f"⚠ {who} changed {whole_stream(between.stream)} while you were at it: {events}, "
        f"version {between.seen:,} → {between.met:,}{when}"
    )


def changes_of(between: Between, most: int | None = None) -> list[str]:
    """A line for each field; with `most` the last line tells how many more there are."""
    told = [
        f"{plain(change.path)}: {shown(change.before, change.path, between.currency)} → "
        f"{shown(change.after, change.path, between.currency)}"
        for change in between.changes
    ] or ["All of it together has left the state as it was."]
    if most is None or len(told) <= most:
        return told
    return [*told[: most - 1], f"… and {len(told) - most + 1:,} more"]


def event_of(row: EventRow) -> str:
    """One of the events, for a tooltip."""
    reason = f" “{plain(row.reason)}”" if row.reason else ""
    words = f"{spoken(row.type)} {plain(row.summary)}"
    return f"v{row.version:,}  {local_time(row.time)}  {plain(row.actor)}  {words}{reason}"


def all_of(between: Between) -> str:
    """Every change and every event, for a tooltip."""
    return "\n".join([*changes_of(between), "", *map(event_of, between.rows)])
