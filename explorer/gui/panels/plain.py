"""What stands in events, as plain text on a screen: nothing hidden, nothing that turns the text around it.

An event's text is evidence and may be hostile: control characters are shown as their pictures (␀, ␊), and the invisible
ones that reorder text (U+202E and its kin) by their numbers.
"""

import re
from html import escape

import msgspec

from explorer.application.history import Absent, Value
from explorer.domain.event import Json
from explorer.domain.money import formatted

HIDDEN = re.compile("[\x00-\x1f\x7f\x80-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Characters that are not seen but change what is seen."""
_LONGEST = 2_000
"""Characters of one text that are shown; a screen has no room for more, and Qt is slow at very long lines."""
_MONEY = ("price", "total", "subtotal", "discount")
_SUMS = ("total", "subtotal")
_SHORT = 8
"""Characters of an id that are shown as they are."""


def plain(text: str) -> str:
    """The text in one line, with everything invisible made visible, and cut where it is very long."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return text if text.isascii() and text.isprintable() else HIDDEN.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"[U+{code:04X}]"


def short_stream(stream: str) -> str:
    """`cart …9f3a` of `cart-018f…9f3a`: the end of a long id, since the beginning of a UUIDv7 is only its time."""
    category, dash, rest = stream.partition("-")
    if not dash:
        return plain(stream)
    return plain(f"{category} {rest if len(rest) <= _SHORT else f'…{rest[-4:]}'}")


def whole_stream(stream: str) -> str:
    """As `short_stream`, for a text of several lines: it is not broken before nor behind its `…`."""
    return short_stream(stream).replace(" …", "\u00a0…\u2060")


def shown(value: Value, path: str = "", currency: str = "") -> str:
    """A value of a document in one line: money by its field's name, no value as "none", no field as a dash."""
    if isinstance(value, Absent):
        return "–"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _number(value, path, currency)
    if isinstance(value, str):
        return plain(value) or "“”"
    return _nested(value, path, currency)


def _number(value: int, path: str, currency: str) -> str:
    if currency and path.endswith(_MONEY):
        return formatted(value, currency)
    return f"{value:,}"


def _nested(value: list[Json] | dict[str, Json], path: str, currency: str) -> str:
    if isinstance(value, list):
        return "1 item" if len(value) == 1 else f"{len(value):,} items"
    fields = sorted(_fields(value, path)[:20], key=_rank)
    parts = (f"{plain(name)} {shown(part, name, currency)}" for name, part in fields)
    return plain(", ".join(parts)) or "{}"


def _fields(value: dict[str, Json], path: str) -> list[tuple[str, Json]]:
    """Without the one by which the path names the whole: `lines[sku=22423]` says which sku it is."""
    named = path.rpartition("[")[2].removesuffix("]") if path.endswith("]") else ""
    return [each for each in value.items() if f"{each[0]}={each[1]}" != named] or [*value.items()]


def _rank(field: tuple[str, Json]) -> int:
    """Most telling first, since the end may be cut: numbers, then the rest, then what is only added up of them."""
    name, value = field
    if name.endswith(_SUMS):
        return 2
    return 0 if isinstance(value, int) and not isinstance(value, bool) else 1


def tip(text: str) -> str:
    """A tooltip that shows the text as it is: Qt would take `<b>` in it for bold."""
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>"


def as_json(value: Json) -> str:
    """A document as JSON for the clipboard."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
