"""How severe a finding is, as a sign and a word: neither red, which is damage's, nor amber, which is the past's."""

from collections.abc import Mapping, Sequence

from explorer.application.found import FoundRow
from explorer.gui.panels.plain import plain

SIGNS: Mapping[str, str] = {"info": "ℹ", "warning": "⚠", "error": "‼"}


def signed(severity: str) -> str:
    """`‼ error`."""
    return f"{SIGNS.get(severity, '·')} {severity}"


def found_in_words(found: Sequence[FoundRow]) -> str:
    """What was found at one event or several, a line for each of the first."""
    lines = [
        f"Event {one.position:,}: {signed(one.severity)}, {plain(one.name)}\n   {plain(one.condition)}"
        for one in found[:3]
    ]
    if len(found) > 3:
        lines.append(f"and {len(found) - 3:,} more here; W zooms in")
    return "\n".join(lines)
