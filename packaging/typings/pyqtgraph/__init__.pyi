# The part of pyqtgraph 0.14 that the timeline uses; the library carries no complete types of its own.
from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGraphicsGridLayout,
    QGraphicsItem,
    QGraphicsObject,
    QGraphicsView,
    QGraphicsWidget,
    QWidget,
)

class GraphicsObject(QGraphicsObject):
    def __init__(self, parent: QGraphicsItem | None = ...) -> None: ...

class ViewBox(QGraphicsWidget):
    sigResized: ClassVar[Signal]
    def height(self) -> float: ...
    def width(self) -> float: ...

class AxisItem(QGraphicsWidget):
    def __init__(self, orientation: str) -> None: ...
    def setHeight(self, h: int | None = ...) -> None: ...
    def setStyle(self, *, tickLength: int = ...) -> None: ...  # type: ignore[override]

class PlotItem(QGraphicsWidget):
    layout: QGraphicsGridLayout  # type: ignore[assignment]

class PlotWidget(QGraphicsView):
    def __init__(
        self,
        parent: QWidget | None = ...,
        background: str = ...,
        *,
        axisItems: Mapping[str, AxisItem] = ...,
        enableMenu: bool = ...,
    ) -> None: ...
    def disableAutoRange(self) -> None: ...
    def getPlotItem(self) -> PlotItem: ...
    def getViewBox(self) -> ViewBox: ...
    def hideAxis(self, axis: str) -> None: ...
    def hideButtons(self) -> None: ...
    def setBackground(self, background: str) -> None: ...
    def setMouseEnabled(self, *, x: bool, y: bool) -> None: ...
