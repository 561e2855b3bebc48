"""The command palette: every action by name, with its key, and why it cannot be used where it cannot."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget


def rank(wanted: str, title: str) -> int | None:
    """How well `title` fits: lower is better, None is not at all.

    Letters must come in order; words count as they begin.
    """
    text, rest = title.lower(), wanted.lower().replace(" ", "")
    if wanted.lower() in text:
        return text.index(wanted.lower())
    place, gaps = 0, 0
    for letter in rest:
        found = text.find(letter, place)
        if found < 0:
            return None
        gaps += found - place
        place = found + 1
    return 100 + gaps


class Palette(QDialog):
    """Keeps its last text; the selection moves only by the user's hand."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self._actions, self._window = actions, parent
        self.text = QLineEdit(self)
        self.text.setPlaceholderText("What do you want to do?")
        self.text.setAccessibleName("Find an action")
        self.text.textChanged.connect(self._list)
        self.text.installEventFilter(self)
        self.found = QListWidget(self)
        self.found.setAccessibleName("Actions found")
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.found.itemActivated.connect(self._run)
        self.found.itemClicked.connect(self._run)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.text)
        column.addWidget(self.found)
        width = self.fontMetrics().averageCharWidth() * 70
        self.resize(width, self.fontMetrics().height() * 20)

    def popup(self) -> None:
        """Shows itself over the upper third of its window."""
        window = self._window
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + window.height() // 8)
        self.text.selectAll()
        self._list()
        self.show()
        self.text.setFocus()

    def _list(self) -> None:
        self.found.clear()
        ranked = [(rank(self.text.text(), _title(action)), action) for action in self._actions]
        for _, action in sorted(((fit, action) for fit, action in ranked if fit is not None), key=lambda pair: pair[0]):
            keys = " / ".join(key.toString() for key in action.shortcuts())
            why = "" if action.isEnabled() else f" — {action.property('reason')}"
            item = QListWidgetItem(f"{_title(action)}{why}" + (f"    {keys}" if keys else ""), self.found)
            item.setData(Qt.ItemDataRole.UserRole, self._actions.index(action))
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.ItemIsSelectable)
        self.found.setCurrentRow(0)

    def _run(self, item: QListWidgetItem) -> None:
        number: int = item.data(Qt.ItemDataRole.UserRole)
        action = self._actions[number]
        if action.isEnabled():
            self.hide()
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            row = self.found.currentRow()
            match event.key():
                case Qt.Key.Key_Down | Qt.Key.Key_Up:
                    step = 1 if event.key() == Qt.Key.Key_Down else -1
                    self.found.setCurrentRow(max(0, min(self.found.count() - 1, row + step)))
                    return True
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    if self.found.currentItem():
                        self._run(self.found.currentItem())
                    return True
                case _:
                    pass
        return super().eventFilter(watched, event)


def _title(action: QAction) -> str:
    return f"{action.property('menu')}: {action.text().replace('&', '')}"
