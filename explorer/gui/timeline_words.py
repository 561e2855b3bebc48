"""What the timeline shows, in words: plain text of our own and of events, for tooltips, labels and screen readers."""

from collections.abc import Sequence
from datetime import UTC, tzinfo

from explorer.application.colouring import Coloured
from explorer.application.kinds import spoken
from explorer.application.stream_view import Mark
from explorer.application.ticks import local, spelled
from explorer.application.timeline import WIDTH_NAMES, Activity, Viewport
from explorer.application.trust import Damage
from explorer.gui.panels.plain import plain
from explorer.gui.timeline_legend import NAMES
from explorer.projections.log import SECOND, WIDTHS

EMPTY = "No events yet"
_WIDTHS = {seconds * SECOND: name for seconds, name in zip(WIDTHS, WIDTH_NAMES, strict=True)}


def moment_in_words(time: int | None, zone: tzinfo | None) -> str:
    """Where the cursor is; None is before the first event."""
    return "Before the first event" if time is None else spelled(time, zone)


def mark_in_words(mark: Mark, crowd: int, zone: tzinfo | None, coloured: Coloured | None = None) -> str:
    """An event, how many stand where it stands, and the colour rule that holds of it."""
    lines = [plain(spoken(mark.type)), f"Event {mark.position:,} · {NAMES[mark.kind]}"]
    lines += [_with_offset(mark.time, zone), f"{local(mark.time, UTC):%Y-%m-%d %H:%M:%S.%f} UTC"]
    if coloured is not None:
        lines.append(f"Colour rule: {plain(coloured.name)}")
    if crowd > 1:
        lines.append(f"{crowd:,} events stand here; W zooms in")
    return "\n".join(lines)


def damage_in_words(damage: Sequence[Damage]) -> str:
    """What is wrong where there is a line, the first few of it."""
    lines = [f"Event {one.position:,}: DAMAGED. {plain(one.words)}" for one in damage[:3]]
    if len(damage) > 3:
        lines.append(f"and {len(damage) - 3:,} more here; W zooms in")
    return "\n".join([*lines, "Click to go there"])


def bar_in_words(activity: Activity, time: int, zone: tzinfo | None) -> str:
    """What happened in the bucket that a time falls into, the topmost part of the bar first."""
    index = activity.bucket_at(time)
    if index is None:
        return f"{_with_offset(time, zone)}\nno events"
    counted = activity.counted(index)
    lines = [f"{_with_offset(activity.buckets[index], zone)} · {_span(activity.width_us)}"]
    lines.append(_events(sum(count for _, count in counted)))
    lines += [f"{count:,} {NAMES[kind]}" for kind, count in reversed(counted)]
    return "\n".join(lines)


def scale_in_words(activity: Activity, viewport: Viewport | None) -> str:
    """What a bar is, and what the highest in view stands for."""
    if viewport is None or not activity.buckets:
        return ""
    edge = viewport.start - activity.width_us
    seen = zip(activity.buckets, activity.totals(), strict=True)
    highest = max((total for start, total in seen if edge < start < viewport.end), default=0)
    return f"one bar = {_span(activity.width_us)} · highest: {_events(highest)}"


def _with_offset(time: int, zone: tzinfo | None) -> str:
    return f"{spelled(time, zone)} {local(time, zone):%z}"


def _span(width_us: int) -> str:
    name = _WIDTHS.get(width_us, f"{width_us / SECOND:,.6g} seconds")
    return name if name[0].isdigit() else f"1 {name}"


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count:,} events"
