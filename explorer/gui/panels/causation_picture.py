"""The graph of causes as a picture: a box for each event, a line from each cause to its effects, left to right."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from explorer.application.causation import OUTSIDE, Graph, Node, branches
from explorer.application.kinds import spoken
from explorer.gui.causation_layout import Neighbours, Place, neighbours, places
from explorer.gui.panels.plain import plain, short_stream, tip
from explorer.gui.theme import SHAPES, Theme, local_time

LETTERS = 30
"""Letters that a box has room for, about."""


def title_of(node: Node) -> str:
    if node.row is None:
        return "outside this log"
    return f"{SHAPES[node.row.kind]} {plain(spoken(node.row.type))}"


def place_of(node: Node) -> str:
    if node.row is None:
        return f"…{node.id[-12:]}"
    return f"#{node.row.position:,} · {short_stream(node.row.stream)} · {plain(node.row.actor)}"


def node_in_words(node: Node) -> str:
    """All that is told of a node, in several lines."""
    if node.row is None:
        return f"A cause that is {OUTSIDE}\n{node.id}"
    row = node.row
    lines = [title_of(node), f"Event {row.position:,} · {plain(row.stream)} · v{row.version:,}", plain(row.summary)]
    lines += [f"{plain(row.actor)}, {local_time(row.time)}", f"Reason: {plain(row.reason)}" if row.reason else ""]
    return "\n".join(line for line in lines if line)


class Box(QGraphicsItem):
    """A node. The event that was asked about has a thick frame and ▶, what is of another piece of work a broken one."""

    def __init__(self, node: Node, size: tuple[int, int], theme: Theme, *, is_shown: bool) -> None:
        super().__init__()
        self.node, self._theme, self._is_shown = node, theme, is_shown
        self.is_current = False
        self._width, self._height = size
        self.setToolTip(tip(node_in_words(node)))

    def boundingRect(self) -> QRectF:
        return QRectF(-3, -3, self._width + 6, self._height + 6)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        del option
        theme, node = self._theme, self.node
        frame = QPen(QColor(theme.accent if self._is_shown else theme.line), 2 if self._is_shown else 1)
        if not node.is_of_work and not self._is_shown:
            frame.setStyle(Qt.PenStyle.DashLine)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(frame)
        painter.setBrush(QColor(theme.selection if self._is_shown else theme.raised))
        painter.drawRoundedRect(QRectF(0, 0, self._width, self._height), 4, 4)
        view = widget.parentWidget() if widget is not None else None
        if self.is_current and view is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            has_focus = view.hasFocus()
            painter.setPen(QPen(QColor(theme.accent), 2 if has_focus else 1, Qt.PenStyle.SolidLine))
            painter.drawRoundedRect(QRectF(-2, -2, self._width + 4, self._height + 4), 6, 6)
        metrics = painter.fontMetrics()
        margin, line = metrics.height() // 3, metrics.height()
        colour = theme.kinds[node.row.kind] if node.row is not None else theme.muted
        for number, (text, ink) in enumerate(
            ((("▶ " if self._is_shown else "") + title_of(node), colour), (place_of(node), theme.text))
        ):
            painter.setPen(QColor(ink))
            cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self._width - 2 * margin)
            painter.drawText(QPointF(margin, margin + number * line + metrics.ascent()), cut)


class Picture(QGraphicsView):
    """Arrow keys move along the lines, Enter or a double click goes to the event."""

    go_wanted = Signal(str)
    moved = Signal(str)
    """A node's id."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._graph: Graph | None = None
        self.boxes: dict[str, Box] = {}
        self._next: Mapping[str, Neighbours] = {}
        self.current = ""
        self.setScene(QGraphicsScene(self))
        self.setAccessibleName("Graph of causes and effects")
        self.setAccessibleDescription("Left goes to the cause, Right to the first effect, Up and Down to the others")
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)

    def show_graph(self, graph: Graph | None) -> None:
        """The event that it is about becomes the current one; more of the same graph leaves that as it is."""
        if graph is None or self._graph is None or graph.shown != self._graph.shown:
            self.current = ""
        self._graph = graph
        self._draw()

    def show_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._draw()

    def choose(self, id_: str) -> None:
        """Marks a node as the current one and brings it into view."""
        for box in (self.boxes.get(self.current), self.boxes.get(id_)):
            if box is not None:
                box.is_current = box.node.id == id_
                box.update()
        self.current = id_
        if id_ in self.boxes:
            self.ensureVisible(self.boxes[id_], 8, 8)

    def _draw(self) -> None:
        scene = self.scene()
        scene.clear()
        self.boxes = {}
        scene.setBackgroundBrush(QColor(self._theme.surface))
        graph = self._graph
        if graph is None:
            return
        lines = branches(graph)
        where = places(lines)
        metrics = QFontMetrics(self.font())
        scene.setFont(self.font())
        size = LETTERS * metrics.averageCharWidth(), 2 * metrics.height() + 2 * (metrics.height() // 3)
        step = size[0] + 3 * metrics.height(), size[1] + metrics.height()
        for edge in graph.edges:
            self._draw_edge(where[edge.cause], where[edge.effect], size, step)
        for node in graph.nodes:
            box = Box(node, size, self._theme, is_shown=node.position == graph.shown)
            box.setPos(where[node.id].column * step[0], where[node.id].row * step[1])
            scene.addItem(box)
            self.boxes[node.id] = box
        self._next = neighbours(lines, [(edge.cause, edge.effect) for edge in graph.edges])
        margin = metrics.height() // 2
        scene.setSceneRect(scene.itemsBoundingRect().adjusted(-margin, -margin, margin, margin))
        shown = next((node.id for node in graph.nodes if node.position == graph.shown), "")
        self.choose(self.current if self.current in self.boxes else shown)

    def _draw_edge(self, cause: Place, effect: Place, size: tuple[int, int], step: tuple[int, int]) -> None:
        width, height = size
        start = QPointF(cause.column * step[0] + width, cause.row * step[1] + height / 2)
        end = QPointF(effect.column * step[0], effect.row * step[1] + height / 2)
        path = QPainterPath(start)
        bend = max(step[0] - width, abs(end.x() - start.x()) / 2) / 2
        path.cubicTo(start + QPointF(bend, 0), end - QPointF(bend, 0), end)
        point = height / 8
        path.addPolygon(QPolygonF([end - QPointF(point, point), end, end - QPointF(point, -point)]))
        line = QGraphicsPathItem(path)
        line.setPen(QPen(QColor(self._theme.muted), 1.5))
        self.scene().addItem(line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.choose(self.current)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(8 * line, 4 * line)

    # The hand

    def keyPressEvent(self, event: QKeyEvent) -> None:
        beside = self._next.get(self.current, Neighbours())
        keys = {
            Qt.Key.Key_Left: beside.left,
            Qt.Key.Key_Right: beside.right,
            Qt.Key.Key_Up: beside.up,
            Qt.Key.Key_Down: beside.down,
        }
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.current:
            self.go_wanted.emit(self.current)
        elif key in keys:
            if keys[key]:
                self.choose(keys[key])
                self.moved.emit(keys[key])
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        box = self._box_at(event)
        if box is not None:
            self.choose(box.node.id)
            self.moved.emit(box.node.id)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        box = self._box_at(event)
        if box is not None:
            self.go_wanted.emit(box.node.id)

    def _box_at(self, event: QMouseEvent) -> Box | None:
        item = self.itemAt(event.position().toPoint())
        return item if isinstance(item, Box) else None
