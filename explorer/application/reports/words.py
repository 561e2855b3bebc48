"""How values are put into words, the same in every format."""

import json
import re
from collections.abc import Mapping

from explorer.application.history import Absent, Value
from explorer.domain.event import Json
from explorer.domain.money import formatted

MONEY = frozenset({"unit_price", "line_total", "subtotal", "discount", "total", "revenue", "discounts", "in_carts"})
"""Fields of carts and totals that are amounts in minor units."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def visible(text: str) -> str:
    """Control and direction characters, which could hide or turn round what stands beside them, as `⟨U+202E⟩`."""
    return _INVISIBLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def in_words(value: Value, path: str = "", currency: str = "") -> str:
    """A value for people; amounts of money as such where the currency is known. What is not there is empty."""
    if isinstance(value, Absent) or value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        is_money = currency and re.split(r"[.\]]", path)[-1] in MONEY
        return f"{formatted(value, currency)} {currency}" if is_money else str(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def currency_of(document: Mapping[str, Json]) -> str:
    """The currency that a state's amounts are in, if it says so."""
    currency = document.get("currency")
    return currency if isinstance(currency, str) else ""
