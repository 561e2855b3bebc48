"""A comparison in words: the names of both sides, and the cells of what differs between them."""

from collections.abc import Mapping, Sequence
from functools import partial

from explorer.application.comparing import ProductChange, Side, StreamChange, TotalChange
from explorer.application.comparison import Comparison
from explorer.application.history import ABSENT, FieldChange
from explorer.domain.event import Json
from explorer.domain.money import formatted
from explorer.gui.panels.cart_words import both_times, money
from explorer.gui.panels.page import Cell
from explorer.gui.panels.plain import plain, short_stream, shown
from explorer.gui.theme import Theme, day_of, local_time

_AMOUNTS = frozenset({"value_in_carts", "revenue", "discounts"})
FIRST = 2
"""Fields that a row says of a stream."""
TOTALS: Mapping[str, str] = {
    "carts_open": "Open carts",
    "carts_checked_out": "Carts checked out",
    "carts_abandoned": "Carts abandoned",
    "units_in_carts": "Units in carts",
    "value_in_carts": "In carts",
    "units_sold": "Units sold",
    "revenue": "Revenue",
    "discounts": "Discounts",
}


def heading(compared: Comparison, *, is_now: bool) -> str:
    """`B #41, 09:12 → A #42, 09:13 (now)`: with the letters that they have in the timeline, in the order of time."""
    letters = ("B", "A") if compared.later is compared.here else ("A", "B")
    return " → ".join(
        f"{letter} {_named(side, compared)}{' (now)' if is_now and side is compared.later else ''}"
        for letter, side in zip(letters, (compared.earlier, compared.later), strict=True)
    )


def _named(side: Side, compared: Comparison) -> str:
    """The time as short as tells both sides apart."""
    if side.time is None:
        return f"#{side.position:,}, before the first event"
    other = compared.there if side is compared.here else compared.here
    day, _, clock = local_time(side.time).rpartition(" ")
    is_near = other.time is not None and day_of(side.time) == day_of(other.time)
    is_same_year = other.time is not None and day_of(side.time).year == day_of(other.time).year
    is_same_minute = other.time is not None and is_near and local_time(other.time)[:-3] == local_time(side.time)[:-3]
    when = clock if is_same_minute else clock[:-3]
    _, number, month, year = day.split(" ")
    date = "" if is_near else f"{number} {month} " if is_same_year else f"{number} {month} {year} "
    return f"#{side.position:,}, {date}{when}"


def about_sides(compared: Comparison) -> str:
    """Both sides at length, for a tooltip."""
    return "\n".join(
        f"{letter}: event {side.position:,}\n{both_times(side.time) if side.time is not None else 'before the first'}"
        for letter, side in (("A", compared.here), ("B", compared.there))
    )


def is_new(change: StreamChange) -> bool:
    """Whether the stream had not begun on the earlier side."""
    return change.before == 0 < change.after


def field_changes(change: StreamChange) -> Sequence[FieldChange]:
    """The fields that differ; where the stream had not begun there were none."""
    return [one._replace(before=ABSENT) for one in change.changes] if is_new(change) else change.changes


def stream_note(change: StreamChange) -> str:
    """Over the fields of a stream that differ."""
    if not change.events:
        return "Nothing differs: this stream has no event between both moments."
    events = "1 event" if change.events == 1 else f"{change.events:,} events"
    span = f"Version {change.before:,} → {change.after:,}, {events}"
    count = len(change.changes)
    if not change.is_told:
        return f"{span}. It is too long to be looked at here: Enter turns to it, This stream tells what differs."
    if is_new(change):
        return f"New. {span}: 1 field." if count == 1 else f"New. {span}: {count:,} fields."
    if not count:
        return f"{span}. Nothing differs: what they changed was changed back."
    return f"{span}: 1 field differs." if count == 1 else f"{span}: {count:,} fields differ."


def stream_cells(change: StreamChange, theme: Theme) -> tuple[Cell, ...]:
    tip = f"{plain(change.stream)}\n{stream_note(change)}\nEnter turns to it"
    return (
        Cell(f"{change.position:,}", lambda: tip, theme.muted),
        Cell(short_stream(change.stream), lambda: tip),
        Cell(f"{change.before:,} → {change.after:,}", lambda: tip),
        Cell(f"{change.events:,}", lambda: tip),
        Cell(_summary(change), lambda: tip, theme.text if change.changes else theme.muted),
    )


def _summary(change: StreamChange) -> str:
    """The first few fields that differ, and how many more do."""
    if not change.is_told:
        return "too long to tell here"
    first = ", ".join(_field(one, change) for one in change.changes[:FIRST])
    more = len(change.changes) - FIRST
    told = f"{first} and {more:,} more" if more > 0 else first
    return f"new: {told}" if is_new(change) else told or "nothing: changed back"


def _field(one: FieldChange, change: StreamChange) -> str:
    before, after = (shown(value, one.path, change.currency) for value in (one.before, one.after))
    return f"{plain(one.path)} {after}" if is_new(change) else f"{plain(one.path)} {before} → {after}"


def product_cells(change: ProductChange, theme: Theme) -> tuple[Cell, ...]:
    named = change.named
    tip = partial(_about_product, change)
    differing = {figure.path for figure in change.figures}

    def cell(name: str) -> Cell:
        shown = [_figure(row and getattr(row, name), name, named.currency) for row in (change.before, change.after)]
        text = " → ".join(shown) if name in differing else shown[-1]
        return Cell(text, tip, theme.text if name in differing else theme.muted)

    name = plain(named.name)
    if change.before is not None and change.after is not None and change.before.name != named.name:
        name = f"{plain(change.before.name)} → {name}"
    return (
        Cell(plain(change.sku), tip, theme.muted),
        Cell(name if change.before is not None else f"{name} (new)", tip),
        *map(cell, ("unit_price", "in_carts", "sold", "removed", "revenue")),
    )


def total_cells(change: TotalChange, theme: Theme) -> tuple[Cell, ...]:
    before, after, by = (
        _figure(value, change.name, change.currency)
        for value in (change.before, change.after, change.after - change.before)
    )
    more = f"+{by}" if change.after > change.before else by
    return (
        Cell(TOTALS[change.name]),
        Cell(change.currency or "–", "" if change.currency else "Carts without an item have no currency", theme.muted),
        Cell(before, "", theme.muted),
        Cell(after),
        Cell(more, "", theme.accent),
    )


def _figure(value: Json, name: str, currency: str) -> str:
    if not isinstance(value, int):
        return "–"
    return formatted(value, currency) if name in _AMOUNTS or name == "unit_price" else f"{value:,}"


def _about_product(change: ProductChange) -> str:
    named = change.named
    lines = [f"{plain(named.name)}\nNumber {plain(change.sku)}, last changed by event {change.position:,}"]
    for figure in change.figures:
        before, after = (
            money(value, named.currency)
            if figure.path in {"unit_price", "revenue"} and isinstance(value, int)
            else value
            for value in (figure.before, figure.after)
        )
        lines.append(f"{figure.path.replace('_', ' ')}: {_said(before)} → {_said(after)}")
    return "\n".join(lines)


def _said(value: object) -> str:
    return "–" if value is None else plain(str(value))
