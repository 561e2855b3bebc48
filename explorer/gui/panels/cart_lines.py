"""A cart's lines. Two thousand of them cost what is in view: only there a quantity is a real spin box.

And only where it can be changed: in the past quantities are painted like everything else, since making one spin box
takes longer than painting all lines.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import NamedTuple, cast

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.application.history import FieldChange
from explorer.domain.event import Json
from explorer.domain.money import formatted
from explorer.gui.panels.cart_words import both_times, line_marks
from explorer.gui.panels.page import colour_of
from explorer.gui.panels.plain import plain
from explorer.gui.panels.quantity import Quantity
from explorer.gui.panels.rows import AnyIndex, Cell, Column, Place, Rows
from explorer.gui.panels.state_tree import MARK
from explorer.gui.theme import Theme
from explorer.projections.cart_queries import LineRow

PRODUCT, QUANTITY, PRICE, TOTAL, REMOVE = range(5)
COLUMNS = (
    Column("Product", takes_rest=True),
    Column("Quantity", is_number=True, sample="00,000 ▴▾"),
    Column("Price", is_number=True, sample="00.00", rank=1),
    Column("Total", is_number=True, sample="0,000.00"),
    Column("", sample="✕", spoken="Remove"),
)
MOST_KEPT = 64
"""Spin boxes that are kept when their lines are scrolled out of sight."""
MOST_MOVED = 50
"""Lines that are put in or taken out one by one; when more differ, all are drawn anew."""


class Terms(NamedTuple):
    """What all lines of a cart have in common: the stream and its version, the currency, and why nothing can be changed
    ("" if it can).
    """

    stream: str
    version: int
    currency: str
    why_not: str


class CartLines(Rows):
    """Enter or a digit edits the quantity of the current line, Del or a click on ✕ takes it out."""

    quantity_changed = Signal(str, int)
    """Line and new quantity."""
    overtaken = Signal(str, int, int)
    """As a `Quantity` tells it."""
    dropped = Signal(str)
    """Likewise."""
    removed = Signal(str)
    """Line."""
    picked = Signal(str, object)
    """Path and Value of the field on which the user is; `offering` brings its QMenu."""
    offering = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.shown: Sequence[LineRow] = ()
        self._terms = Terms("", 0, "", "")
        self._marks: Mapping[str, str] = {}
        self._row_of: Mapping[str, int] = {}
        self._is_uneven = False
        self.refusals: dict[str, str] = {}
        """Reasons by line."""
        self._theme = theme
        super().__init__("Lines of the cart", COLUMNS, parent)
        self.setItemDelegateForColumn(QUANTITY, _Beside(self))
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.clicked.connect(self._click)
        self.selectionModel().currentChanged.connect(self._pick)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer)
        self.verticalScrollBar().valueChanged.connect(self._furnish)
        self.verticalScrollBar().rangeChanged.connect(self._furnish)

    # What is shown

    def show_lines(self, lines: Sequence[LineRow], terms: Terms, changes: Sequence[FieldChange]) -> None:
        """`changes` are what the cart's last event did; its lines are marked."""
        marks = line_marks(changes)
        if terms.stream != self._terms.stream:
            self._flush()
            self.refusals.clear()
        else:
            self._align([line.line for line in lines])
        if terms._replace(version=0) != self._terms._replace(version=0):
            self.viewport().update()
        self._terms, self._marks, self.shown = terms, marks, lines
        sources = [(line, marks.get(line.line), terms.currency) for line in lines]
        self._row_of = {line.line: row for row, line in enumerate(lines)}
        self.show_rows(list(self._row_of), lambda row: self._cells_of(lines[row]), sources)
        self._fit_heights()
        self._furnish()

    @property
    def row_height(self) -> int:
        return self._height_of("")

    def set_sizes(self) -> None:
        super().set_sizes()
        for _, spin in self._spins():
            spin.setFont(self.font())
        self._fit_heights()

    def show_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.viewport().update()

    def refuse(self, line: str, reason: str) -> None:
        self.refusals[line] = reason
        if spin := self.spin_of(line):
            spin.take_refusal()
        self._fit_heights()

    def accept(self, line: str) -> None:
        if spin := self.spin_of(line):
            spin.take_acceptance()
        self.forgive(line)

    def forgive(self, line: str) -> None:
        if self.refusals.pop(line, None) is not None:
            self._fit_heights()

    def spin_of(self, line: str) -> Quantity | None:
        """The line's spin box, if it has one now."""
        return self._spin(self.row_of(line))

    def subtitle(self, line: LineRow) -> str:
        """The second line of the product's cell: its number, and what the last event did to it."""
        mark = self._marks.get(line.line)
        return f"{plain(line.sku)} · {mark}" if mark else plain(line.sku)

    def is_marked(self, line: LineRow) -> bool:
        return line.line in self._marks

    def row_of(self, key: str | None) -> int:
        return self._row_of.get(key, -1) if key is not None else -1

    @property
    def is_editable(self) -> bool:
        return not self._terms.why_not

    def _align(self, keys: Sequence[str]) -> None:
        """Takes out and puts in single lines, so that the others keep their spin box and the focus in it."""
        old, new = set(self.keys), set(keys)
        if len(old ^ new) > MOST_MOVED:
            return
        self._is_filling = True
        for row in reversed(range(len(self.keys))):
            if self.keys[row] not in new:
                self.page.take_out(row)
        for row, key in enumerate(keys):
            if key not in old:
                self.page.put_in(row, key)
        self._chosen = self.current_key()  # the next one, where the chosen one went
        self._is_filling = False

    def _cells_of(self, line: LineRow) -> tuple[Cell, ...]:
        currency = self._terms.currency
        mark = f"{MARK} " if line.line in self._marks else ""
        tip = partial(self._about, line)
        return (
            Cell(f"{mark}{plain(line.name) or plain(line.sku)}, {self.subtitle(line)}", tip),
            Cell(f"{line.quantity:,}", partial(self._about_quantity, line)),
            Cell(formatted(line.unit_price, currency), tip),
            Cell(formatted(line.total, currency), tip),
            Cell("✕", partial(self._about_removal, line)),
        )

    def _about_quantity(self, line: LineRow) -> str:
        return self._about(line) if self.is_editable else self._terms.why_not

    def _about_removal(self, line: LineRow) -> str:
        name = plain(line.name) or plain(line.sku)
        return f"Take {name} out of the cart (Del)" if self.is_editable else self._terms.why_not

    def _about(self, line: LineRow) -> str:
        name = plain(line.name) or plain(line.sku)
        mark = f"\nThe last event: {self._marks[line.line]}" if line.line in self._marks else ""
        reason = f"\n⚠ {self.refusals[line.line]}" if line.line in self.refusals else ""
        by = f"{plain(line.sku)} · last set by {plain(line.actor)}"
        return f"{name}\n{by}\n{both_times(line.time)}{mark}{reason}"

    def _fit_heights(self) -> None:
        header = self.verticalHeader()
        for row, line in enumerate(self.shown) if self.refusals or self._is_uneven else ():
            height = self._height_of(self.refusals.get(line.line, ""))
            if header.sectionSize(row) != height:
                header.resizeSection(row, height)
        if self.refusals or self._is_uneven:
            self.viewport().update()
        self._is_uneven = bool(self.refusals)

    # Spin boxes

    def _furnish(self) -> None:
        """Every line in view has a spin box, which shows what the line has; in the past only one that keeps a draft."""
        if self._is_filling:
            return
        if not self.is_editable:
            self._take_away()
        first, last = self._in_view()
        for row in range(first, last + 1):
            if self.is_editable or self._spin(row) is not None:
                self._furnish_row(row)
        self._clear_away(first, last)

    def _take_away(self) -> None:
        for row, spin in self._spins():
            if not spin.is_drafting:
                self.setIndexWidget(self.page.index(row, QUANTITY), cast("QWidget", None))

    def _in_view(self) -> tuple[int, int]:
        if self.viewport().height() <= 0:
            return 0, -1
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        end = len(self.shown) - 1
        return max(0, first), min(last, end) if last >= 0 else end

    # Painting

    def paint_column(
        self, painter: QPainter, column: int, left: int, width: int, places: Sequence[Place], chosen: Collection[int]
    ) -> None:
        if column == PRODUCT:
            for row, top, height in places:
                self._paint_product(painter, QRect(left, top, width, height), self.shown[row])
        elif column == REMOVE:
            group = QPalette.ColorGroup.Active if self.is_editable else QPalette.ColorGroup.Disabled
            painter.setPen(self.palette().color(group, QPalette.ColorRole.Text))
            for _, top, height in places:
                painter.drawText(QRect(left, top, width, height), int(Qt.AlignmentFlag.AlignCenter), "✕")
        elif column == QUANTITY:
            bare = [place for place in places if self._spin(place[0]) is None]
            super().paint_column(painter, column, left, width - self._buttons, bare, chosen)
        else:
            super().paint_column(painter, column, left, width, places, chosen)

    @property
    def _buttons(self) -> int:
        """What a spin box has on the right of its number, about."""
        return self.fontMetrics().height() * 4 // 3

    def _paint_product(self, painter: QPainter, place: QRect, line: LineRow) -> None:
        """A product's name; under it its number and what was done to it, or why a change was refused."""
        metrics, theme = self.fontMetrics(), self._theme
        height, left = metrics.height(), place.left() + metrics.height() // 2
        top, room = place.top() + height // 4, place.width() - height // 2 - height // 4
        if self.is_marked(line):
            edge = QRect(place.left(), place.top() + 1, max(3, height // 5), place.height() - 2)
            painter.fillRect(edge, colour_of(theme.accent))
        painter.setPen(colour_of(theme.text))
        painter.drawText(left, top + metrics.ascent(), self._ruler.fitted(plain(line.name) or plain(line.sku), room)[0])
        reason = self.refusals.get(line.line)
        if reason:
            painter.setPen(colour_of(theme.danger))
            below = QRect(left, top + height, room, place.bottom() - top - height)
            painter.drawText(below, int(Qt.TextFlag.TextWordWrap), f"⚠ {reason}")
            return
        painter.setPen(colour_of(theme.accent if self.is_marked(line) else theme.muted))
        painter.drawText(left, top + height + metrics.ascent(), self._ruler.fitted(self.subtitle(line), room)[0])

    def _height_of(self, reason: str) -> int:
        """Of a line; one whose change was refused is as high as the reason needs."""
        metrics = self.fontMetrics()
        height = metrics.height() * 5 // 2
        if reason:
            room = QRect(0, 0, self.columnWidth(PRODUCT) - metrics.height(), 20 * metrics.height())
            wrapped = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), f"⚠ {reason}")
            height += wrapped.height() - metrics.height()
        return height

    def _furnish_row(self, row: int) -> None:
        spin, line = self._spin(row), self.shown[row]
        if spin is None:
            spin = Quantity(self._tab, self.viewport())
            spin.setFont(self.font())
            spin.wanted.connect(self.quantity_changed)
            spin.dropped.connect(self.forgive)
            spin.dropped.connect(self.dropped)
            spin.overtaken.connect(self.overtaken)
            self.setIndexWidget(self.page.index(row, QUANTITY), spin)
        name = plain(line.name) or plain(line.sku)
        spin.show_line(line.line, line.quantity, name, self._terms.version, self._terms.why_not)

    def _spin(self, row: int) -> Quantity | None:
        return cast("Quantity | None", self.indexWidget(self.page.index(row, QUANTITY))) if row >= 0 else None

    def _spins(self) -> list[tuple[int, Quantity]]:
        found = ((self.row_of(spin.line), spin) for spin in self.viewport().findChildren(Quantity))
        return [(row, spin) for row, spin in found if self._spin(row) is spin]

    def _clear_away(self, first: int, last: int) -> None:
        spins = self._spins()
        for row, spin in spins if len(spins) > MOST_KEPT else ():
            if not first <= row <= last and not spin.is_drafting and not spin.hasFocus():
                self.setIndexWidget(self.page.index(row, QUANTITY), cast("QWidget", None))

    def _flush(self) -> None:
        for _, spin in self._spins():
            spin.flush()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._furnish()

    # The hand

    def _tab(self, line: str, step: int) -> bool:
        """From one quantity to the next; behind the last, and before the first, out of the table."""
        row = self.row_of(line) + step
        if not self.is_editable:
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # a field that is disabled hands the focus on
            return True
        if 0 <= row < len(self.shown):
            self.edit_quantity(row)
            return True
        self.setFocus(Qt.FocusReason.TabFocusReason)
        return True if step < 0 else self.focusNextPrevChild(True)  # noqa: FBT003 - Qt's

    def edit_quantity(self, row: int) -> None:
        if not self.is_editable:
            return
        self.setCurrentIndex(self.page.index(row, QUANTITY))
        self.scrollTo(self.page.index(row, QUANTITY))
        self._furnish_row(row)
        if spin := self._spin(row):
            spin.setFocus(Qt.FocusReason.TabFocusReason)
            spin.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        key, is_plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if not (index.isValid() and is_plain and self.is_editable):
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Delete or (index.column() == REMOVE and key in _PRESSES):
            self.removed.emit(self.keys[index.row()])
        elif key in {Qt.Key.Key_F2, *_PRESSES}:
            self.edit_quantity(index.row())
        elif event.text().isdecimal():
            self.edit_quantity(index.row())
            QApplication.sendEvent(cast("Quantity", self._spin(index.row())), event)
        else:
            super().keyPressEvent(event)

    def _pick(self, index: QModelIndex) -> None:
        if index.isValid() and not self._is_filling and index.row() < len(self.shown):
            self.picked.emit(*_field_of(self.shown[index.row()], index.column()))

    def _offer(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self._pick(index)
            self.offering.emit(menu)
            menu.popup(self.viewport().mapToGlobal(place))

    def _click(self, index: QModelIndex) -> None:
        if index.column() == REMOVE and self.is_editable:
            self.removed.emit(self.keys[index.row()])


_PRESSES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


def _field_of(line: LineRow, column: int) -> tuple[str, Json]:
    """What a cell shows, by its path in the state; the name stands for the whole line."""
    whole = f"lines[{f'sku={line.sku}' if line.line == line.sku else f'line={line.line}'}]"
    fields: dict[int, tuple[str, Json]] = {
        QUANTITY: (f"{whole}.quantity", line.quantity),
        PRICE: (f"{whole}.unit_price", line.unit_price),
        TOTAL: (f"{whole}.line_total", line.total),
    }
    return fields.get(column, (whole, {"sku": line.sku, "quantity": line.quantity}))


class _Beside(QStyledItemDelegate):
    """Where in its cell a spin box stands: beside the name, and no higher than it must be."""

    def __init__(self, lines: CartLines) -> None:
        super().__init__(lines)
        self._lines = lines

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        del index
        cell = cast("QRect", option.rect)  # type: ignore[attr-defined]
        usual = self._lines.verticalHeader().defaultSectionSize()
        height = self._lines.fontMetrics().height() * 5 // 3
        editor.setGeometry(cell.left() + 1, cell.top() + (usual - height) // 2, cell.width() - 2, height)
