"""The events of a scratch branch, in its order: which are left out, and what else was done to each."""

from collections.abc import Callable, Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from explorer.application.kinds import spoken
from explorer.application.scratch import Row
from explorer.gui.panels.plain import plain, shown, tip
from explorer.gui.theme import Theme, local_time_with_offset, tabular

OUT, VERSION, TYPE, SUMMARY, WHO, EDIT = range(6)


class BranchTable(QTableWidget):
    """Space leaves an event out or takes it in, Alt+Up and Alt+Down move it."""

    toggled = Signal()
    step_wanted = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, 6, parent)
        self.rows: Sequence[Row] = ()
        self.setAccessibleName("Events of the branch")
        self.setHorizontalHeaderLabels(["Out", "Ver.", "Event", "Summary", "Who", "What if"])
        title = self.horizontalHeaderItem(VERSION)
        if title is not None:
            title.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(tabular(self.font()))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 3 // 2)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(SUMMARY, QHeaderView.ResizeMode.Stretch)
        letter = self.fontMetrics().averageCharWidth()
        for column, letters in ((OUT, 6), (VERSION, 7), (TYPE, 22), (WHO, 12), (EDIT, 22)):
            self.setColumnWidth(column, letter * letters)
        self.itemChanged.connect(self._take_check)

    def show_rows(
        self, rows: Sequence[Row], refused: Mapping[int | None, str], summaries: Mapping[int, str], theme: Theme
    ) -> None:
        """`refused` says the rule by versions, `summaries` what a changed event says now; the row that was chosen stays
        so.
        """
        chosen = self.chosen
        self.rows = rows
        with QSignalBlocker(self):
            self.setRowCount(len(rows))
            for number, row in enumerate(rows):
                rule, summary = "", ""
                if row.version is not None:
                    rule, summary = refused.get(row.version, ""), summaries.get(row.version, "")
                self._fill(number, row, rule, summary, theme)
        if chosen is not None:
            self.choose(lambda row: row.line == chosen.line and row.insert is chosen.insert)

    @property
    def chosen(self) -> Row | None:
        row = self.currentRow()
        return self.rows[row] if 0 <= row < len(self.rows) else None

    def choose(self, is_it: Callable[[Row], bool]) -> None:
        for number, row in enumerate(self.rows):
            if is_it(row):
                self.setCurrentCell(number, SUMMARY)
                return

    def _fill(self, number: int, row: Row, rule: str, summary: str, theme: Theme) -> None:
        texts, hint = _cells(row, summary), _tip(row, rule)
        words = "✕ would be refused" if rule else row.words
        colours = _colours(row, rule, theme)
        for column, text in enumerate((*texts, words)):
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setToolTip(hint)
            if column in colours:
                item.setForeground(QBrush(QColor(colours[column])))
            font = item.font()
            font.setStrikeOut(row.is_out and column in {TYPE, SUMMARY})
            item.setFont(font)
            if column == VERSION:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column == OUT and row.line is not None:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Checked if row.is_out else Qt.CheckState.Unchecked)
            self.setItem(number, column, item)

    def _take_check(self, item: QTableWidgetItem) -> None:
        if item.column() == OUT:
            self.setCurrentCell(item.row(), OUT)
            self.toggled.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _step(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if step := _step(event):
            self.step_wanted.emit(step)
        elif event.key() == Qt.Key.Key_Space and self.chosen is not None:
            self.toggled.emit()
        else:
            super().keyPressEvent(event)


def _step(event: QKeyEvent) -> int:
    if not event.modifiers() & Qt.KeyboardModifier.AltModifier:
        return 0
    return {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)


def _cells(row: Row, summary: str) -> tuple[str, ...]:
    if row.line is not None:
        line = row.line
        return "", f"{line.version:,}", plain(spoken(line.type)), plain(summary or line.summary), plain(line.actor)
    assert row.insert is not None
    return "", "–", plain(spoken(row.insert.type)), shown(row.insert.data), ""


def _tip(row: Row, rule: str) -> str:
    words = [f"By the rules this would be refused: {rule}"] if rule else []
    if row.line is not None:
        really = "Really: " if row.changed else ""
        words += [plain(row.line.type), f"{really}{plain(row.line.summary)}", local_time_with_offset(row.line.time)]
    return tip("\n".join(words)) if words else ""


def _colours(row: Row, rule: str, theme: Theme) -> Mapping[int, str]:
    muted: Collection[int] = range(TYPE, EDIT) if row.is_out else (VERSION, WHO)
    is_unreadable = row.line is not None and row.line.data is None
    danger = {EDIT: theme.danger} if rule else {}
    return dict.fromkeys(muted, theme.muted) | ({SUMMARY: theme.danger} if is_unreadable else {}) | danger
