"""What somebody else did to the stream while the user was at it, and the user's own change to be put on top."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.application.conflict import Between
from explorer.application.event_list import EventRow
from explorer.application.faults import counted
from explorer.application.kinds import spoken
from explorer.gui.looking import Looking
from explorer.gui.panels.plain import plain, shown, tip, whole_stream
from explorer.gui.theme import local_time

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
            self.title.setText(_title(clash.between))
            lines = _changes(clash.between)
            more = len(lines) - LISTED
            listed = lines[:LISTED] if more <= 1 else [*lines[: LISTED - 1], f"… and {more + 1:,} more"]
            self.changes.setText("\n".join(listed))
            self.changes.setToolTip(tip("\n".join([*lines, "", *map(_event, clash.between.rows)])))
            self.mine.setText(f"Yours, not recorded yet: {clash.mine}")
        self.setVisible(clash is not None)


def _title(between: Between) -> str:
    names = [*dict.fromkeys(plain(row.actor) for row in between.rows)]
    who = " and ".join(names[-2:]) if len(names) <= 2 else f"{names[-1]} and {len(names) - 1:,} others"
    events = counted(between.met - between.seen, "event")
    when = f", last at {local_time(between.rows[-1].time)}" if between.rows else ""
    return (
        f"⚠ {who} changed {whole_stream(between.stream)} while you were at it: {events}, "
        f"version {between.seen:,} → {between.met:,}{when}"
    )


def _changes(between: Between) -> list[str]:
    told = [
        f"{plain(change.path)}: {shown(change.before, change.path, between.currency)} → "
        f"{shown(change.after, change.path, between.currency)}"
        for change in between.changes
    ]
    return told or ["All of it together has left the state as it was."]


def _event(row: EventRow) -> str:
    reason = f" “{plain(row.reason)}”" if row.reason else ""
    words = f"{spoken(row.type)} {plain(row.summary)}"
    return f"v{row.version:,}  {local_time(row.time)}  {plain(row.actor)}  {words}{reason}"
