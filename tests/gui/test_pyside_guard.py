"""PySide6 6.12.0 loses a reference to None in most painting calls, until CPython 3.10 and 3.11 abort. Ours must not."""

import sys

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

FRAMES = 300


class Painted(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), QColor("white"))
            painter.setPen(QPen(QColor("navy")))
            painter.setBrush(Qt.GlobalColor.yellow)
            painter.drawRect(QRectF(1, 1, 60, 40))
            painter.drawLine(0, 0, 60, 40)
            painter.drawText(QPointF(5, 20), "then")


def test_painting_does_not_lose_references_to_none(qtbot: QtBot) -> None:
    widget = Painted()
    qtbot.addWidget(widget)
    widget.resize(80, 60)
    widget.grab()
    before = sys.getrefcount(None)
    for _ in range(FRAMES):
        widget.grab()
    assert abs(sys.getrefcount(None) - before) < FRAMES // 2
