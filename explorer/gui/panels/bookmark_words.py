"""How a bookmark is told: its sign, and what it says, as plain text."""

from collections.abc import Sequence

from explorer.gui.panels.plain import plain
from explorer.gui.theme import local_time
from explorer.projections.bookmarks import BookmarkRow

FLAG = "⚑"
LINES = 12
"""Lines of a note that a tooltip shows."""


def bookmark_in_words(row: BookmarkRow) -> str:
    """Title, note and who, in several lines; a long note is cut."""
    lines = row.note.split("\n")
    note = [plain(line) for line in lines[:LINES]] if row.note else []
    more = [f"and {len(lines) - LINES:,} more lines"] if len(lines) > LINES else []
    return "\n".join([f"{FLAG} {plain(row.title)}", *note, *more, f"{plain(row.actor)}, {local_time(row.set_at)}"])


def flags_in_words(rows: Sequence[BookmarkRow]) -> str:
    """What the flags at one place say, the first few of them."""
    told = [f"Event {row.position:,}\n{bookmark_in_words(row)}" for row in rows[:3]]
    more = [f"and {len(rows) - 3:,} more here; W zooms in"] if len(rows) > 3 else []
    return "\n".join([*told, *more, "Click to go there"])
