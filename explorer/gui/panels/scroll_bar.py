"""A scroll bar in flat colours: Qt's own paints gradients, which takes longer than the table beside it."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPolygon
from PySide6.QtWidgets import QScrollBar, QStyle, QStyleOptionSlider

_Part = QStyle.SubControl


class ScrollBar(QScrollBar):
    """Vertical; its parts are where the style has them, so the mouse meets what is seen."""

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        palette = self.palette()
        painter = QPainter(self)
        painter.fillRect(self.rect(), palette.window())
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(0, 0, 0, self.height())
        slider = self._place(option, _Part.SC_ScrollBarSlider).adjusted(2, 1, -2, -2)
        painter.setBrush(palette.highlight() if self.isSliderDown() else palette.button())
        painter.setPen(palette.color(QPalette.ColorRole.Dark))
        if self.isEnabled() and self.maximum() > self.minimum():
            painter.drawRoundedRect(slider, 2, 2)
        painter.setBrush(palette.color(QPalette.ColorRole.Dark))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawPolygon(_arrow(self._place(option, _Part.SC_ScrollBarSubLine), -1))
        painter.drawPolygon(_arrow(self._place(option, _Part.SC_ScrollBarAddLine), 1))
        painter.end()

    def _place(self, option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
        return self.style().subControlRect(QStyle.ComplexControl.CC_ScrollBar, option, part, self)


def _arrow(place: QRect, down: int) -> QPolygon:
    middle, half = place.center(), max(2, place.width() // 4)
    foot = middle.y() - down * (half // 2)
    return QPolygon(
        [QPoint(middle.x() - half, foot), QPoint(middle.x() + half, foot), QPoint(middle.x(), foot + down * half)]
    )
