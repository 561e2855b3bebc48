"""PySide6 6.12.0 loses references to None while painting, until CPython 3.11 aborts: the one installed must not."""

import sys

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

FRAMES = 400


class Painted(QLabel):
    """Calls what a view of ours calls in every frame."""

    frames = 0

    def paintEvent(self, arg__1: object) -> None:
        painter = QPainter(self)
        for number in range(10):
            painter.fillRect(QRectF(number, 0, 5, 5), QColor("#123456"))
            painter.drawLine(QPointF(0, number), QPointF(50, number))
            painter.drawText(QPointF(5, 20), "text")
        painter.end()
        self.frames += 1


def test_painting_leaves_none_alone(qtbot: QtBot, qapp: QApplication) -> None:
    widget = Painted()
    qtbot.addWidget(widget)
    widget.resize(60, 40)
    image = QImage(60, 40, QImage.Format.Format_ARGB32)
    before = sys.getrefcount(None)
    for _ in range(FRAMES):
        widget.render(image)
    assert widget.frames == FRAMES
    assert abs(sys.getrefcount(None) - before) < FRAMES
