"""What the colours and shapes of the timeline mean."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.application.kinds import KINDS, Kind
from explorer.gui.timeline_colours import TimelineColours
from explorer.gui.timeline_signs import cross, flag, indent_of_labels, side_of_sign, sign, triangle

NAMES: Mapping[Kind, str] = {kind: {"done": "checked out"}.get(kind, kind) for kind in KINDS}


class Seen(NamedTuple):
    """What else there is in the timeline; its sign is explained only where there is any."""

    damaged: int = 0
    """Events."""
    found: bool = False
    """Findings of rules, in view."""
    bookmarked: bool = False
    """Bookmarks, in view."""


class Legend(QWidget):
    """Names with shapes on the left, and on the right a note of what a bar is. What does not fit whole is left out."""

    def __init__(self, colours: TimelineColours, parent: QWidget) -> None:
        super().__init__(parent)
        self._colours = colours
        self._note = ""
        self._seen = Seen()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._name()

    def _name(self) -> None:
        damage = f"; damaged events: {self._seen.damaged:,}" if self._seen.damaged else ""
        found = "; findings of rules" if self._seen.found else ""
        bookmarks = "; bookmarks" if self._seen.bookmarked else ""
        self.setAccessibleName("Kinds of events: " + ", ".join(NAMES.values()) + damage + found + bookmarks)

    @property
    def note(self) -> str:
        return self._note

    def set_note(self, note: str) -> None:
        if note != self._note:
            self._note = note
            self.update()

    @property
    def seen(self) -> Seen:
        return self._seen

    def set_seen(self, seen: Seen) -> None:
        if seen != self._seen:
            self._seen = seen
            self._name()
            self.update()

    def set_colours(self, colours: TimelineColours) -> None:
        self._colours = colours
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(40 * line, line + line // 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        end = self._draw_signs(painter)
        metrics = self.fontMetrics()
        wanted = metrics.horizontalAdvance(self._note)
        if end + metrics.height() + wanted <= self.width() - self._space():
            painter.setPen(QColor(self._colours.muted))
            place = self.rect().adjusted(0, 0, -indent_of_labels(metrics.height()), 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._note)
        painter.end()

    def _space(self) -> int:
        return self.fontMetrics().height() // 2

    def _signs(self, side: int) -> Iterator[tuple[QImage, str, str]]:
        """Each with its words and their colour. Damage before all else: it is what must be seen."""
        colours, ratio, (damaged, found, bookmarked) = self._colours, self.devicePixelRatioF(), self._seen
        if damaged:
            image = cross(side, colours.danger, colours.background, ratio)
            yield image, f"{damaged:,} damaged", colours.danger
        for kind, name in NAMES.items():
            yield sign(kind, side, colours.kinds[kind], ratio), name, colours.text
        if found:
            image = triangle(side, colours.text, colours.background, ratio, is_filled=True)
            yield image, "found by a rule", colours.text
        if bookmarked:
            yield flag(side, colours.accent, ratio), "bookmark", colours.text

    def _draw_signs(self, painter: QPainter) -> int:
        """Where the last word ends."""
        metrics, space = self.fontMetrics(), self._space()
        side = side_of_sign(metrics.height())
        x = end = indent_of_labels(metrics.height())
        for image, words, colour in self._signs(side):
            left = x + side + space // 2
            end = left + metrics.horizontalAdvance(words)
            if end > self.width() - space:
                return x
            painter.drawImage(QPointF(x, (self.height() - side) // 2), image)
            painter.setPen(QColor(colour))
            place = self.rect().adjusted(left, 0, 0, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            x = end + 2 * space
        return end
