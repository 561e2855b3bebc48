"""A field over the versions of its stream: numbers as steps, everything else as a strip of what it was.

Only imported when it is drawn: pyqtgraph takes half a second.
"""

from collections.abc import Sequence
from itertools import pairwise

import pyqtgraph as pg
from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QStackedLayout, QWidget

from explorer.application.blame import FieldHistory
from explorer.application.history import ABSENT, Value
from explorer.gui.panels.plain import shown
from explorer.gui.theme import Theme

LINES = 6
"""The height, in lines of text."""
MOST = 2_000
"""Steps that are drawn: a screen has no more pixels. Of more, every second, third… is."""


class FieldChart(QWidget):
    """Draws a history; a line tells where the moment shown is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("The field over the stream's versions")
        self._steps, self._strip = _Steps(self), _Strip(self)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        for page in (self._steps, self._strip):
            self._pages.addWidget(page)

    def show_history(self, history: FieldHistory, version: int, theme: Theme) -> None:
        """`version` is that of the stream at the moment shown."""
        numbers = [setting.value for setting in history.settings]
        is_number = any(_is_number(value) for value in numbers) and all(
            _is_number(value) or value is ABSENT or value is None for value in numbers
        )
        page = self._steps if is_number else self._strip
        page.show_history(history, version, theme)
        self._pages.setCurrentWidget(page)

    @property
    def is_of_numbers(self) -> bool:
        return self._pages.currentWidget() is self._steps

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(20 * line, LINES * line)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(8 * line, LINES * line)


class _Amounts(pg.AxisItem):
    """Numbers as the rest of the window writes them."""

    def __init__(self) -> None:
        super().__init__("left")
        self.path = self.currency = ""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        del scale, spacing
        return [shown(round(value), self.path, self.currency) if value == round(value) else "" for value in values]


class _Steps(pg.PlotWidget):
    """Only shows: the list beside it is what is clicked."""

    def __init__(self, parent: QWidget) -> None:
        self._amounts = _Amounts()
        super().__init__(parent, axisItems={"left": self._amounts}, enableMenu=False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self._curve = self.plot([], [], stepMode="right", connect="finite")
        self._moment = self.addLine(x=0)

    def show_history(self, history: FieldHistory, version: int, theme: Theme) -> None:
        every = -(-len(history.settings) // MOST)
        kept = history.settings[:: max(1, every)]
        self._amounts.path, self._amounts.currency = history.path, history.currency
        versions = [float(setting.version) for setting in kept]
        values = [_as_float(setting.value) for setting in kept]
        if kept and kept[-1].version < history.latest:
            versions, values = [*versions, float(history.latest)], [*values, values[-1]]
        self.setBackground(theme.surface)
        for axis in ("left", "bottom"):
            self.getAxis(axis).setPen(theme.line)
            self.getAxis(axis).setTextPen(theme.muted)
        self._curve.setData(versions, values, pen=pg.mkPen(theme.accent, width=2), symbol="s", symbolSize=5,
                            symbolBrush=theme.accent, symbolPen=None)  # fmt: skip
        self._moment.setPen(pg.mkPen(theme.text, width=1, style=Qt.PenStyle.DashLine))
        self._moment.setValue(version)
        self.setXRange(0, max(1, history.latest), padding=0.02)


class _Strip(QWidget):
    """From left to right the versions; each stretch is one value, written there if it has room."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._history: FieldHistory | None = None
        self._version = 0
        self._theme: Theme | None = None

    def show_history(self, history: FieldHistory, version: int, theme: Theme) -> None:
        self._history, self._version, self._theme = history, version, theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        history, theme = self._history, self._theme
        if history is None or theme is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.surface))
        line = self.fontMetrics().height()
        room = self.rect().marginsRemoved(QMargins(line // 2, line, line // 2, line))
        ends = [*(setting.version for setting in history.settings), history.latest + 1]
        for number, ((start, end), setting) in enumerate(zip(pairwise(ends), history.settings, strict=True)):
            place = QRect(
                self._x_of(start, room), room.top(), self._x_of(end, room) - self._x_of(start, room), 2 * line
            )
            if setting.value is not ABSENT:
                painter.fillRect(place.adjusted(0, 0, -1, 0), QColor(theme.accent if number % 2 else theme.muted))
            painter.setPen(QColor(theme.text if setting.value is ABSENT else theme.surface))
            text = shown(setting.value, history.path, history.currency)
            elided = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width() - line // 2)
            if len(elided) > 1 or elided == text:
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, elided)
        pen = QPen(QColor(theme.text), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        x = self._x_of(self._version, room)
        painter.drawLine(x, 0, x, self.height())
        painter.end()

    def _x_of(self, version: int, room: QRect) -> int:
        """Version 0 stands at the left edge; the latest one still has a stretch."""
        latest = self._history.latest if self._history is not None else 0
        return room.left() + version * room.width() // (latest + 1)


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _as_float(value: Value) -> float:
    return float(value) if isinstance(value, int) else float("nan")
