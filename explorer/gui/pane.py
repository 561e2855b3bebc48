"""Room in the window for one panel, with what goes on in it kept to itself.

A label whose text changes asks all that hold it to be laid out again, up to the window with its docks, which takes
longer than painting them; here that ends, unless the panel needs more room than it has been promised. And a dock
behind another's tab is left visible by Qt, beyond the window's edge: here its panel is hidden, and draws nothing.
"""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class Pane(QWidget):
    """Holds one panel, which fills it. The least room that it has once needed is kept for it."""

    def __init__(self, panel: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)  # else what is below is painted with every label
        self._panel = panel
        panel.setParent(self)
        panel.show()
        self.setSizePolicy(panel.sizePolicy())
        self.setMaximumSize(panel.maximumSize())
        self._least = self._needed()

    def show_panel(self, is_seen: bool) -> None:  # noqa: FBT001 - a signal's value
        self._panel.setVisible(is_seen)

    def sizeHint(self) -> QSize:
        return self._panel.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._least

    def _needed(self) -> QSize:
        return self._panel.minimumSizeHint().expandedTo(self._panel.minimumSize())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._panel.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            least = self._needed().expandedTo(self._least)
            if least != self._least:
                self._least = least
                self.updateGeometry()
            return True
        return super().event(event)


def stacked(parent: QWidget, *widgets: QWidget) -> QWidget:
    """Widgets below each other without a gap; the last has the room that is left."""
    holder = QWidget(parent)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    column.setStretchFactor(widgets[-1], 1)
    return holder
