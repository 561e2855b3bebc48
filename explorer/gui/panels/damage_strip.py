"""The strip over a store that is read only: in red where it is damaged, with what to do about it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from explorer.application.trust import Standing
from explorer.gui.panels.elided import Elided
from explorer.gui.panels.plain import plain
from explorer.gui.theme import play_role
from explorer.gui.trust_words import damaged_in_words


class DamageStrip(QFrame):
    """What is wrong, that nothing can be edited, and what to do now; `is_needed` says whether it is to be seen."""

    go_wanted = Signal()
    """To the (next) damaged event."""
    trust_wanted = Signal()
    """To the panel that tells more."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("damage_strip")
        self._standing: Standing | None = None
        self.is_needed = False
        self.label = Elided(self)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.label.setAccessibleName("Why the store is read only")
        self.go = QPushButton("Go to damaged event (F8)", self)
        self.go.setAccessibleName("Go to damaged event")
        self.more = QPushButton("Show trust", self)
        self.more.setToolTip("What was found, event by event, and what was signed")
        row = QHBoxLayout(self)
        margin = self.fontMetrics().height() // 4
        row.setContentsMargins(2 * margin, margin, margin, margin)
        row.setSpacing(2 * margin)
        row.addWidget(self.label, 1)
        row.addWidget(self.go)
        row.addWidget(self.more)
        self.setFixedHeight(self.more.sizeHint().height() + 2 * margin)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.go.clicked.connect(self.go_wanted)
        self.more.clicked.connect(self.trust_wanted)

    def show_standing(self, standing: Standing, store: str) -> None:
        if standing is self._standing:
            return
        self._standing = standing
        self.is_needed = bool(standing.locked)
        damaged = standing.is_damaged
        play_role(self, "danger" if damaged else "notice")
        self.go.setVisible(damaged and bool(standing.found and standing.found.damaged))
        self.more.setVisible(damaged)
        if damaged:
            names_events = bool(standing.found and standing.found.damaged)
            what_now = (
                f"restore a backup, or save what is intact: event-explorer salvage {plain(store)} NEW"
                if names_events
                else "what was found, and by whom it was signed, is in the panel Trust"
            )
            self.label.say(
                f"✕ {damaged_in_words(standing)} · editing is off · {what_now}", plain(standing.trust.read_only_reason)
            )
        else:
            self.label.say(f"Read only: {standing.locked[:1].lower()}{standing.locked[1:]}")
