"""A cart's lines: quantities as spin boxes, ✕ takes a line out. Two thousand lines cost what is in view."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QSpinBox,
    QStyle,
    QStyledItemDelegate,
    QStyleFactory,
    QStyleOptionSpinBox,
    QStyleOptionViewItem,
    QWidget,
)

from explorer.domain.cart import MAX_QUANTITY
from explorer.domain.money import formatted
from explorer.gui.panels.plain import plain
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.panels.state_tree import MARK
from explorer.gui.theme import Theme, local_time, utc_time
from explorer.projections.queries import LineRow

PRODUCT, QUANTITY, PRICE, TOTAL, REMOVE = range(5)
COLUMNS = (
    Column("Product", takes_rest=True),
    Column("Quantity", is_number=True),
    Column("Price", is_number=True),
    Column("Line", is_number=True),
    Column("", is_number=True),
)
STEP_PAUSE = 400
"""Milliseconds after the last step of a spin box before the quantity is changed: stepping from 3 to 7 is one event."""
AnyIndex = QModelIndex | QPersistentModelIndex


class CartLines(Rows):
    quantity_changed = Signal(str, int)
    """Line and new quantity."""
    removed = Signal(str)
    """Line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Lines of the cart", COLUMNS, parent)
        self._is_editable = False
        self._spins = SpinDelegate(self)
        self.setItemDelegateForColumn(QUANTITY, self._spins)
        self._spins.wanted.connect(self._change)
        self.setEditTriggers(self.EditTrigger.AnyKeyPressed)
        self.clicked.connect(self._click)
        self.setColumnWidth(QUANTITY, self.fontMetrics().averageCharWidth() * 14)
        for column in (PRICE, TOTAL):
            self.setColumnWidth(column, self.fontMetrics().averageCharWidth() * 11)
        self.setColumnWidth(REMOVE, self.fontMetrics().height() * 2)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 12)
        self._lines: Sequence[LineRow] = ()

    def show_lines(
        self, lines: Sequence[LineRow], currency: str, changed: frozenset[str], theme: Theme, *, is_editable: bool
    ) -> None:
        """`changed` are the lines that the last event touched; they are marked."""
        self._lines, self._is_editable = lines, is_editable
        self._spins.is_editable = is_editable

        def cells(number: int) -> tuple[Cell, ...]:
            line = lines[number]
            is_new = line.line in changed
            tip = f"{plain(line.sku)} · last set by {plain(line.actor)}, {local_time(line.time)}\n{utc_time(line.time)}"
            name = f"{MARK if is_new else ''}{plain(line.name or line.sku)}  {plain(line.sku)}"
            return (
                Cell(name, tip, theme.accent if is_new else ""),
                Cell(str(line.quantity), "Type a number or step; Enter changes it" if is_editable else ""),
                Cell(formatted(line.unit_price, currency)),
                Cell(formatted(line.total, currency)),
                Cell("✕" if is_editable else "", f"Remove {plain(line.name or line.sku)}" if is_editable else ""),
            )

        self.show_rows([line.line for line in lines], cells)
        for row in range(self.page.rowCount()):
            for column in range(len(COLUMNS)):
                item = self.page.item(row, column)
                if item.isEditable() != (is_editable and column == QUANTITY):
                    item.setEditable(not item.isEditable())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.current_key()
        if self.state() == self.State.EditingState:
            return  # A key that the editor has left over, like the Enter by which it is about to close.
        if event.key() == Qt.Key.Key_Delete and self._is_editable and isinstance(line, str):
            self.removed.emit(line)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._is_editable:
            self.edit(self.page.index(self.currentIndex().row(), QUANTITY))
        else:
            super().keyPressEvent(event)

    def _click(self, index: QModelIndex) -> None:
        if not self._is_editable:
            return
        if index.column() == REMOVE:
            self.removed.emit(self._lines[index.row()].line)
        elif index.column() == QUANTITY:
            self.edit(index)

    def _change(self, index: QPersistentModelIndex, quantity: int) -> None:
        if index.isValid() and index.row() < len(self._lines):
            self.quantity_changed.emit(self._lines[index.row()].line, quantity)


class SpinDelegate(QStyledItemDelegate):
    """Draws every quantity as a spin box; the one being edited is real."""

    wanted = Signal(object, int)
    """Index and quantity."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_editable = False
        self._style = QStyleFactory.create("Fusion")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        super().paint(painter, option, index)
        if not self.is_editable:
            return
        box = QStyleOptionSpinBox()
        box.rect = option.rect.adjusted(3, 2, -3, -2)  # type: ignore[attr-defined]
        box.palette = option.palette  # type: ignore[attr-defined]
        box.state = QStyle.StateFlag.State_Enabled  # type: ignore[attr-defined]
        box.frame = True
        box.subControls = (
            QStyle.SubControl.SC_SpinBoxFrame | QStyle.SubControl.SC_SpinBoxUp | (QStyle.SubControl.SC_SpinBoxDown)
        )  # type: ignore[attr-defined]
        box.stepEnabled = QSpinBox.StepEnabledFlag.StepUpEnabled | QSpinBox.StepEnabledFlag.StepDownEnabled
        # The plain style: the application's, under a style sheet, draws a spin box without its arrows.
        self._style.drawComplexControl(QStyle.ComplexControl.CC_SpinBox, box, painter)
        painter.setPen(QColor(option.palette.text().color()))  # type: ignore[attr-defined]
        room = box.rect.adjusted(6, 0, -22, 0)  # type: ignore[attr-defined]
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data())

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        del option
        box = QSpinBox(parent)
        # Wider than the rule, so that the rule's own words answer what is too much or too little.
        box.setRange(-MAX_QUANTITY, MAX_QUANTITY * 10)
        box.setAccessibleName("Quantity")
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        box.setProperty("committed", int(index.data()))
        place = QPersistentModelIndex(index)  # type: ignore[arg-type]
        pause = QTimer(box)
        pause.setSingleShot(True)
        pause.setInterval(STEP_PAUSE)
        pause.timeout.connect(lambda: self._want(box, place))
        box.valueChanged.connect(pause.start)
        return box

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        if isinstance(editor, QSpinBox) and not editor.hasFocus():
            with QSignalBlocker(editor):
                editor.setValue(int(index.data()))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        if isinstance(editor, QSpinBox):
            editor.interpretText()
            model.setData(index, str(editor.value()))  # type: ignore[arg-type]
            self._want(editor, QPersistentModelIndex(index))  # type: ignore[arg-type]

    def _want(self, box: QSpinBox, place: QPersistentModelIndex) -> None:
        # Once for each value: the pause, Enter and leaving the field may all come.
        if box.value() != box.property("committed"):
            box.setProperty("committed", box.value())
            self.wanted.emit(place, box.value())

    def eventFilter(self, editor: QWidget, event: QEvent) -> bool:  # type: ignore[override]
        # Up and down step the box instead of leaving it.
        if isinstance(event, QMouseEvent):
            return False
        return super().eventFilter(editor, event)
