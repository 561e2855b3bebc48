"""Comparing the moment shown (A) with a second one (B)."""

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from explorer.application.bookmarks import listed
from explorer.application.view import NOW
from explorer.gui.actions import Action
from explorer.gui.panels.compare_panel import ComparePanel
from explorer.gui.panels.plain import plain
from explorer.gui.room import House, Room
from explorer.projections.bookmarks import BookmarkRow

MOST = 1_000
"""Bookmarks among which one is chosen; the panel Bookmarks has them all."""


class Comparing(Room):
    """Where B is, is part of the question; A is where the user is."""

    TITLE = "Compare"
    ACTIONS = (
        Action(
            "compare_previous",
            "Go",
            "Compare wit&h previous",
            "What the chosen stream's last event changed: B is the stream's event before",
            ("Ctrl+D",),
            ("store", "event"),
            separated=True,
            places=("timeline",),
        ),
        Action(
            "compare_now",
            "Go",
            "&Compare with now",
            "What has changed since the moment shown: B is now",
            ("Ctrl+Shift+D",),
            ("store", "past"),
            places=("timeline",),
        ),
        Action(
            "compare_here",
            "Go",
            "Compa&re from here",
            "Pin the moment shown as B; then go elsewhere",
            ("Ctrl+Alt+D",),
            ("store",),
            places=("timeline",),
        ),
        Action(
            "compare_event",
            "Event",
            "Com&pare with this event",
            "B is the event of this menu",
            ("Ctrl+Alt+E",),
            ("store", "event", "elsewhere"),
            places=("event",),
        ),
        Action(
            "compare_bookmark",
            "View",
            "Compare with bookmar&k…",
            "B is a moment that somebody has marked",
            ("Ctrl+Alt+B",),
            ("store", "bookmarked"),
            places=("timeline",),
        ),
        Action(
            "show_comparison",
            "View",
            "Show c&omparison",
            "What differs between the moment shown and a second one",
            ("F7",),
            separated=True,
        ),
        Action(
            "swap_sides",
            "View",
            "Swap sid&es",
            "Go to B; B is then where you were",
            ("Ctrl+Alt+S",),
            ("store", "comparing"),
        ),
        Action("end_comparing", "View", "End co&mparing", "Forget B", ("Ctrl+Shift+X",), ("store", "comparing")),
    )
    REASONS: ClassVar[Mapping[str, str]] = {
        "comparing": "Nothing is compared; Ctrl+D compares with the stream's event before.",
        "bookmarked": "No moment is marked yet; Ctrl+B marks the one shown.",
        "elsewhere": "This is the moment shown: open the menu of another event.",
    }

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.panel = self.comparison = ComparePanel(house.looking, house.look, house.window)
        self.comparison.swap_wanted.connect(self.swap_sides)
        self.comparison.end_wanted.connect(self.end_comparing)
        self.comparison.empty.pressed.connect(self._begin)

    def missing(self) -> set[str]:
        looking = self.house.looking
        meant = looking.meant
        met = {
            "comparing": looking.is_comparing,
            "bookmarked": looking.answer is not None and looking.answer.bookmarks_in_all > 0,
            "elsewhere": meant is not None and meant.position != looking.position,
        }
        return {need for need, is_met in met.items() if not is_met}

    def compare_with(self, position: int, *, whole: bool | None = None) -> None:
        """Puts B at a position (NOW: wherever now is) and shows what differs."""
        looking = self.house.looking
        is_whole = looking.question.compare_whole if whole is None else whole
        looking.look(compare=position, compare_time=None, compare_whole=is_whole)
        self.show_comparison()

    def _begin(self) -> None:
        """What the empty panel offers."""
        self.compare_previous() if self.house.looking.is_now else self.compare_now()

    def compare_previous(self) -> None:
        answer = self.house.looking.answer
        stream = answer.stream if answer is not None else None
        if stream is not None and stream.record is not None:
            # Before its first event a stream is empty.
            before = stream.previous if stream.previous is not None else stream.record.position - 1
            self.compare_with(before, whole=False)

    def compare_now(self) -> None:
        self.compare_with(NOW)

    def compare_here(self) -> None:
        self.compare_with(self.house.looking.position)

    def compare_event(self) -> None:
        meant = self.house.looking.meant
        if meant is not None:
            self.compare_with(meant.position)

    def compare_bookmark(self) -> None:
        self.house.looking.fetch(lambda session: listed(session, limit=MOST), self._choose_bookmark)

    def _choose_bookmark(self, rows: list[BookmarkRow]) -> None:
        if not rows:
            return
        names = {f"#{row.position:,}  {plain(row.title)}": row.position for row in rows}
        dialog = QInputDialog(self.house.window)
        dialog.setObjectName("compare_bookmark")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Compare with bookmark")
        dialog.setLabelText("Compare the moment shown with:")
        dialog.setComboBoxItems([*names])
        dialog.setOkButtonText("Compare")

        def compare(name: str) -> None:
            self.compare_with(names[name])

        dialog.textValueSelected.connect(compare)
        dialog.open()

    def swap_sides(self) -> None:
        looking = self.house.looking
        compared = looking.answer.comparison if looking.answer is not None else None
        if compared is not None:
            is_now = looking.question.compare == NOW
            looking.compare_with(NOW if looking.is_now else looking.position)
            looking.go_to(None if is_now else compared.there.position)

    def end_comparing(self) -> None:
        self.house.looking.compare_with(None)

    def show_comparison(self) -> None:
        self.house.raise_panel(self.comparison)
        self.comparison.focus_shown()
