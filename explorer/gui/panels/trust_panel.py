"""How far the store can be trusted: what was verified and signed, by which key, and what is damaged."""

from collections.abc import Mapping
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QModelIndex, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QFontDatabase
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.application import outside
from explorer.application.faults import counted
from explorer.application.trust import UNKNOWN, Damage, Standing
from explorer.application.view import Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.cart_words import short_time
from explorer.gui.panels.plain import plain, tip
from explorer.gui.panels.rows import Cell, Column, Rows
from explorer.gui.panels.seen import Seen
from explorer.gui.theme import Look, Theme, day_of, explain, local_time_with_offset, play_role, utc_time
from explorer.gui.trust_words import PROVES, Said, headline, signature

COLUMNS = (
    Column("Event", is_number=True, sample="0,000,000"),
    Column("Time", sample="30 Nov 2000 00:00 ", rank=1),
    Column("What is wrong", takes_rest=True),
)
ROWS = 5
"""Damaged events that are seen at once."""


class TrustPanel(Seen):
    """Shows; what its buttons do are the window's actions, and they can be used when those can."""

    damage_chosen = Signal(int)
    """The position of the damaged event that was picked."""
    stop_wanted = Signal()
    """The verification that is running is to be stopped."""

    def __init__(self, looking: Looking, look: Look, actions: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._theme = look.theme
        self._shown: tuple[Standing, int, object] | None = None
        self._damage: Mapping[int, Damage] = {}
        self.verdict, self.detail, self.signed, self.signed_detail, self.kept, self.proves = (
            _label(self) for _ in range(6)
        )
        self.failure = _label(self)
        self.failure.setProperty("role", "danger")
        self.failure.hide()
        self.progress, self.stop = QProgressBar(self), QPushButton("Stop", self)
        self.key, self.rows = QLineEdit(self), Rows("Damaged events", COLUMNS, self)
        self.show_folder = QPushButton("Sho&w", self)
        self.explain = QPushButton("▸ What does this prove?", self)
        self.buttons = {
            name: self._button(actions[name], text)
            for name, text in (
                ("verify_now", "&Verify now"),
                ("go_on_verifying", "Go on"),
                ("sign_checkpoint", "&Sign checkpoint"),
                ("export_checkpoint", "Export checkpoint…"),
                ("copy_public_key", "Copy"),
            )
        }
        self._lay_out()
        self.rows.activated_key.connect(self._choose)
        self.rows.clicked.connect(self._click)
        self.stop.clicked.connect(self.stop_wanted)
        self.show_folder.clicked.connect(self._open_folder)
        self.explain.clicked.connect(self._fold)
        look.changed.connect(self._take_theme)

    def _button(self, action: QAction, text: str) -> QPushButton:
        """A button that is its action, in fewer words where the panel says the rest."""
        button = QPushButton(text, self)
        button.setAccessibleName(action.text().replace("&", ""))
        button.clicked.connect(action.trigger)
        action.changed.connect(partial(_follow, button, action))
        _follow(button, action)
        return button

    # Layout

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 3
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(3 * space, 2 * space, 3 * space, 2 * space)
        column.setSpacing(space)
        self.buttons["verify_now"].setProperty("primary", "true")
        for label in (self.verdict, self.signed):
            large = label.font()
            large.setPointSizeF(large.pointSizeF() * 1.15)
            label.setFont(large)
        column.addWidget(self.verdict)
        column.addWidget(self.detail)
        column.addWidget(self.failure)
        column.addWidget(self.rows)
        column.addLayout(self._verifying(space))
        column.addSpacing(2 * space)
        column.addWidget(self.signed)
        column.addWidget(self.signed_detail)
        column.addLayout(_row(space, self.buttons["sign_checkpoint"], self.buttons["export_checkpoint"]))
        column.addSpacing(2 * space)
        column.addLayout(self._kept(space))
        column.addSpacing(space)
        self.explain.setProperty("role", "link")
        self.explain.setAccessibleName("What does this prove?")
        column.addWidget(self.explain, 0, Qt.AlignmentFlag.AlignLeft)
        self.proves.setText(PROVES)
        self.proves.setProperty("role", "muted")
        self.proves.hide()
        column.addWidget(self.proves)
        column.addStretch(1)
        self.rows.hide()
        self._area = area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self._order()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _order(self) -> None:
        """Tab goes from top to bottom."""
        buttons = self.buttons
        order = (
            self.rows, buttons["verify_now"], buttons["go_on_verifying"], self.stop, buttons["sign_checkpoint"],
            buttons["export_checkpoint"], self.key, buttons["copy_public_key"], self.show_folder, self.explain,
        )  # fmt: skip
        for before, after in pairwise(order):
            self.setTabOrder(before, after)

    def _verifying(self, space: int) -> QHBoxLayout:
        """The buttons, and beside them how far a verification is while it runs."""
        self.progress.setTextVisible(True)
        self.progress.setAccessibleName("Progress of the verification")
        self.progress.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.stop.setAccessibleName("Stop the verification")
        self.stop.setToolTip("It can go on from there later")
        self.progress.hide()
        self.stop.setEnabled(False)
        row = _row(space, self.buttons["verify_now"], self.buttons["go_on_verifying"], self.stop)
        row.insertWidget(3, self.progress, 10)
        return row

    def _kept(self, space: int) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(space)
        caption = QLabel("Public &key", self)
        caption.setBuddy(self.key)
        self.key.setReadOnly(True)
        self.key.setAccessibleName("Public key")
        self.key.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        kept = QLabel("Kept", self)
        for number, (label, widget, button) in enumerate((
            (caption, self.key, self.buttons["copy_public_key"]), (kept, self.kept, self.show_folder),
        )):  # fmt: skip
            label.setProperty("role", "muted")
            for place, each in enumerate((label, widget, button)):
                grid.addWidget(each, number, place)
        self.show_folder.setAccessibleName("Show the folder of the checkpoints")
        grid.setColumnStretch(1, 1)
        return grid

    # What is shown

    def show_answer(self, answer: Answer) -> None:
        today = day_of(outside.now())
        if self._shown != (answer.standing, answer.status.head, today):
            self._shown = answer.standing, answer.status.head, today
            said = headline(answer.standing, answer.status.head, today)
            if said.tone == "danger" and said.words != self.verdict.text():
                self._area.verticalScrollBar().setValue(0)  # what is wrong stands at the top
            self._say(self.verdict, self.detail, said)
            self._say(self.signed, self.signed_detail, signature(answer.standing, answer.status.head, today))
            self._explain(answer.standing)
        if answer.damage is not self._damage:
            self._damage = answer.damage
            self._fill()

    def show_progress(self, done: int, total: int) -> None:
        """Of the verification that runs; a total of 0 is that none does."""
        is_running, had_focus = total > 0, self.stop.hasFocus()
        self.progress.setVisible(is_running)
        self.stop.setEnabled(is_running)
        if had_focus and not is_running:
            self.buttons["verify_now"].setFocus()
        if is_running:
            # Qt's range is 31 bits.
            self.progress.setRange(0, 1_000)
            self.progress.setValue(done * 1_000 // total)
            self.progress.setFormat(f"Verifying: {done:,} of {counted(total, 'event')}")

    def show_failure(self, words: str) -> None:
        """Why something could not be done; "" takes it away."""
        self.failure.setText(f"⚠ {plain(words)}" if words else "")
        self.failure.setVisible(bool(words))

    def _say(self, label: QLabel, detail: QLabel, said: Said) -> None:
        label.setText(said.words)
        play_role(label, "heading" if said.tone == "muted" else said.tone)
        detail.setText(said.detail)
        play_role(detail, "refusal" if said.tone == "danger" else "muted")

    def _explain(self, standing: Standing) -> None:
        found, newest, key = standing.found, standing.trust.newest, standing.trust.key
        explain(self.verdict, _both_times(found.at) if found else "")
        explain(self.detail, tip(f"Merkle root {found.root}") if found else "")
        explain(self.signed, _both_times(newest.kept_at) if newest else "")
        self.key.setText(key.text if key else "")
        self.key.setPlaceholderText("none yet: it is made when the first checkpoint is signed")
        self.key.setCursorPosition(0)
        explain(self.key, tip(f"Key {key.id_text}: whoever is to check a signature needs this line") if key else "")
        count = standing.trust.checkpoints
        where = f" in {plain(standing.folder.name)}" if count else ""
        self.kept.setText(f"{counted(count, 'checkpoint')}{where}")
        explain(self.kept, tip(plain(str(standing.folder))) if count else "")
        self.show_folder.setEnabled(count > 0)
        explain(self.show_folder, "Open the folder; keep copies elsewhere" if count else "No checkpoint is kept yet.")

    def _fill(self) -> None:
        damage = list(self._damage.values())
        self.rows.show_rows([str(one.position) for one in damage], lambda row: _cells(damage[row], self._theme))
        line = self.rows.verticalHeader().defaultSectionSize()
        self.rows.setFixedHeight(line * (min(ROWS, len(damage)) + 1) + line // 2)
        self.rows.setVisible(bool(damage))

    def _choose(self, key: str) -> None:
        self.damage_chosen.emit(int(key))

    def _click(self, index: QModelIndex) -> None:
        self._choose(self.rows.keys[index.row()])

    def _fold(self) -> None:
        is_open = self.proves.isHidden()
        self.proves.setVisible(is_open)
        self.explain.setText(f"{'▾' if is_open else '▸'} What does this prove?")
        if is_open:
            # Once it is laid out: what a click has opened below the edge would seem not to have come.
            QTimer.singleShot(0, self.proves, lambda: self._area.ensureWidgetVisible(self.proves))

    def _open_folder(self) -> None:
        standing = self._shown[0] if self._shown else UNKNOWN
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(standing.folder)))

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.rows.forget_sources()
        self._fill()


def _label(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _row(space: int, *widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(space)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _follow(button: QPushButton, action: QAction) -> None:
    if button.isEnabled() != action.isEnabled():
        button.setEnabled(action.isEnabled())
    explain(button, action.toolTip())


def _both_times(time: int) -> str:
    return f"{local_time_with_offset(time)}\n{utc_time(time)}"


def _cells(damage: Damage, theme: Theme) -> tuple[Cell, Cell, Cell]:
    words = plain(damage.words)
    return (
        Cell(f"{damage.position:,}", tip(words), theme.danger),
        Cell(short_time(damage.time), tip(_both_times(damage.time)), theme.muted),
        Cell(words.removeprefix(f"Event {damage.position:,} "), tip(words)),
    )
