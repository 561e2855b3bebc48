"""What somebody else did to the stream while the user was at it, and the user's own change to be put on top."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.gui.looking import Looking
from explorer.gui.panels.between_words import all_of, changes_of, title_of
from explorer.gui.panels.plain import tip

LISTED = 4
"""Changes that are told; the tooltip tells all."""


class ConflictStrip(QFrame):
    """Is seen as long as `Looking.clash` is unsettled."""

    def __init__(self, looking: Looking, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("conflict_strip")
        self._looking = looking
        self.title, self.changes, self.mine = QLabel(self), QLabel(self), QLabel(self)
        for label, name in (
            (self.title, "Conflict"), (self.changes, "What the others changed"), (self.mine, "Your change"),
        ):  # fmt: skip
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.title.setProperty("role", "danger")
        self.retry = QPushButton("Apply mine on &top", self)
        self.retry.setToolTip("Decide your change anew, upon what the others have left (Ctrl+Alt+Return)")
        self.leave = QPushButton("Leave t&heirs", self)
        self.leave.setToolTip("Drop your change; what you typed stays in its field until you change it")
        space = self.fontMetrics().height() // 3
        buttons = QHBoxLayout()
        buttons.addWidget(self.mine, 1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * space, space, 2 * space, space)
        column.setSpacing(space)
        column.addWidget(self.title)
        column.addWidget(self.changes)
        column.addLayout(buttons)
        self.retry.clicked.connect(looking.retry)
        self.leave.clicked.connect(lambda: looking.show_clash(None))
        looking.clash_changed.connect(self._draw)
        self.hide()

    def _draw(self) -> None:
        clash = self._looking.clash
        if clash is not None:
            self.title.setText(title_of(clash.between))
            self.changes.setText("\n".join(changes_of(clash.between, LISTED)))
            self.changes.setToolTip(tip(all_of(clash.between)))
            self.mine.setText(f"Yours, not recorded yet: {clash.mine}")
        self.setVisible(clash is not None)
