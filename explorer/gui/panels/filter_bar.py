"""The bar over the event list: which events are listed, all of it one text of the language."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.application.filtering import EventFilter
from explorer.application.kinds import kind_of, spoken
from explorer.application.values import data_paths
from explorer.application.view import Answer, Question
from explorer.gui.looking import Looking
from explorer.gui.panels.filter_field import FilterField
from explorer.gui.panels.kept_filters import KeptFilters
from explorer.gui.panels.plain import plain, short_stream, tip
from explorer.gui.settings import Settings
from explorer.gui.theme import SHAPES, Look
from explorer.language.completion import Known
from explorer.language.syntax import NotUnderstood

PAUSE = 200
"""Milliseconds without a keystroke after which the filter is in force."""
EXAMPLE = "Find words, or: type == ItemAdded and data.quantity > 2"
WAITING = "Say what it must be, such as == and a value; or press Enter to look for it as it stands."
LONGEST = 60
"""Characters of a filter in a menu."""


class FilterBar(QWidget):
    """Shows the filter that is in force, whoever set it, and sets it. While what is written is not understood, or only
    half written, the last filter that somebody meant stays in force; Enter always takes what is there.
    """

    def __init__(self, looking: Looking, look: Look, parent: QWidget, settings: Settings | None = None) -> None:
        super().__init__(parent)
        self._looking = looking
        self._filter: EventFilter | None = None
        self._is_waiting = False
        """What is written is not in force, for more may come."""
        self._types: tuple[str, ...] | None = None
        self._actors: tuple[str, ...] | None = None
        self._known, self._known_of = Known(), ()
        self.filters = KeptFilters(settings)
        self.field = FilterField(lambda: self._known, look, self)
        self.field.setPlaceholderText(EXAMPLE)
        self.field.setAccessibleName("Filter of the event list")
        self.field.setToolTip(
            "Words that an event must contain, or a condition such as type == ItemAdded and data.quantity > 2 "
            "(Ctrl+Space offers what may stand at the caret)"
        )
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(self.fontMetrics().averageCharWidth() * 16)
        self.stream = QCheckBox(self)
        self.stream.setAccessibleName("Only events of this stream")
        self.type = _combo("Event type", 7, self)
        self.actor = _combo("Actor", 5, self)
        self.kept = QToolButton(self)
        self.kept.setText("Filters")
        self.kept.setAccessibleName("Recent and saved filters")
        self.kept.setToolTip("Recent and saved filters")
        self.kept.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.kept.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.own_actions: Sequence[QAction] = ()
        """What else the menu of filters offers: set by whoever knows how to save one."""
        self.kept.setMenu(self.menu)
        self.clear_button = QPushButton("Clear", self)
        self.clear_button.setAccessibleName("Clear the filter")
        widest = self.fontMetrics().horizontalAdvance("Clear (4)") + self.fontMetrics().height()
        self.clear_button.setMinimumWidth(widest)
        self.waiting = _words("What the filter waits for", "muted", self)
        self.refusal = _words("What is wrong with the filter", "refusal", self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._lay_out()
        self._connect()
        self._follow(looking.question)

    def focus_words(self) -> None:
        """For the window's "Find events"."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def clear(self) -> None:
        self._pause.stop()
        self._wait(is_waiting=False)
        self._say(None)
        self.field.clear()
        self._looking.show_filter(EventFilter())

    def _lay_out(self) -> None:
        space = self.fontMetrics().height() // 4
        column = QVBoxLayout(self)
        column.setContentsMargins(space, space, space, space)
        column.setSpacing(space)
        written, picked = QHBoxLayout(), QHBoxLayout()
        written.setSpacing(space)
        written.addWidget(self.field, 1)
        written.addWidget(self.kept)
        written.addWidget(self.clear_button)
        picked.setSpacing(space)
        picked.addWidget(self.type, 2)
        picked.addWidget(self.actor, 1)
        picked.addWidget(self.stream)
        column.addLayout(written)
        column.addWidget(self.refusal)
        column.addWidget(self.waiting)
        column.addLayout(picked)
        order = (self.field, self.kept, self.clear_button, self.type, self.actor, self.stream)
        for before, after in pairwise(order):
            self.setTabOrder(before, after)

    def _connect(self) -> None:
        self.field.textEdited.connect(self._begin_pause)
        self.field.declined.connect(self._wait_no_more)
        self.field.returnPressed.connect(self._enter)
        self.field.emptied.connect(self.take_text)
        self.field.entered.connect(self._look_at_data)
        self._pause.timeout.connect(self._take_if_whole)
        self.stream.clicked.connect(self._take_stream)
        self.type.activated.connect(lambda: self._change(type=self.type.currentData()))
        self.actor.activated.connect(lambda: self._change(actor=self.actor.currentData()))
        self.clear_button.clicked.connect(self.clear)
        self.menu.aboutToShow.connect(self._list_kept)
        self._looking.asked.connect(self._follow)
        self._looking.answered.connect(self._offer)

    # What the user wants

    def take_text(self) -> EventFilter | None:
        """Puts what is written in force; None where it is not understood, which is said."""
        self._pause.stop()
        self._wait(is_waiting=False)
        wanted = self._written()
        if wanted is not None and wanted != self._looking.question.filter:
            self._looking.show_filter(wanted)
        return wanted

    def _begin_pause(self) -> None:
        self._pause.start()

    def _wait_no_more(self) -> None:
        """No choice is taken: what is written may be all."""
        if self._is_waiting:
            self._pause.start()

    def _take_if_whole(self) -> None:
        """What is half written is not asked for: it would only empty the list."""
        if self.field.is_half_written and self._is_understood:
            self._say(None)
            self._wait(is_waiting=True)
        else:
            self.take_text()

    @property
    def _is_understood(self) -> bool:
        try:
            EventFilter.parse(self.field.text())
        except NotUnderstood:
            return False
        return True

    def _wait(self, *, is_waiting: bool) -> None:
        self._is_waiting = is_waiting
        self.waiting.setText(WAITING if is_waiting and not self.field.is_offering else "")
        self.waiting.setVisible(bool(self.waiting.text()))

    def _enter(self) -> None:
        wanted = self.take_text()
        if wanted is not None and not wanted.is_empty:
            self.filters.remember(wanted.text)

    def _written(self) -> EventFilter | None:
        try:
            wanted = EventFilter.parse(self.field.text())
        except NotUnderstood as error:
            self._say(error)
            return None
        self._say(None)
        return wanted

    def _say(self, error: NotUnderstood | None) -> None:
        """Marks what is wrong, and says it below."""
        if error is None:
            self.field.mark(0, 0)
        else:
            length = len(self.field.text())
            start = min(error.start, max(0, length - 1))
            self.field.mark(start, min(length, max(error.end, start + 1)))
        self.refusal.setText(f"✕ {plain(str(error))} Listed is what passed before." if error else "")
        self.refusal.setVisible(error is not None)

    def _take_stream(self, is_on: bool) -> None:  # noqa: FBT001 - a signal's value
        self._change(stream=self._looking.question.stream if is_on else None)

    def _change(self, **conditions: str | None) -> None:
        """Changes a part of the filter, and takes what is being written along."""
        written = self._written() if self._pause.isActive() or self._is_waiting else None
        self._pause.stop()
        self._wait(is_waiting=False)
        wanted = replace(written or self._looking.question.filter, **conditions)
        self._say(None)
        self.field.setText(wanted.text)
        self._looking.show_filter(wanted)

    # What is in force

    def _follow(self, question: Question) -> None:
        wanted = question.filter
        self._name_stream(wanted.stream or question.stream)
        if wanted == self._filter:
            return
        self._filter = wanted
        self.stream.setChecked(wanted.stream is not None)
        if not self._pause.isActive() and not self._says(wanted):
            self.field.setText(wanted.text)
            self.field.setCursorPosition(0)
            self._say(None)
            self._wait(is_waiting=False)
        _choose(self.type, wanted.type, _type_text)
        _choose(self.actor, wanted.actor, plain)
        conditions = len(wanted.parts)
        self.clear_button.setText(f"Clear ({conditions})" if conditions else "Clear")
        self.clear_button.setToolTip(f"Conditions in force: {conditions}. Show all events again (Ctrl+Shift+F)")
        self.clear_button.setEnabled(conditions > 0)

    def _says(self, wanted: EventFilter) -> bool:
        """Whether what is written means this, however it is written."""
        try:
            return EventFilter.parse(self.field.text()) == wanted
        except NotUnderstood:
            return False

    def _name_stream(self, stream: str | None) -> None:
        title = f"Only {short_stream(stream)}" if stream else "Only this stream"
        self.stream.setText(title.replace("&", "&&"))
        self.stream.setToolTip(
            tip(f"List only the events of {plain(stream)} (Ctrl+L)" if stream else "No stream is chosen")
        )
        self.stream.setEnabled(stream is not None)

    def _offer(self, answer: Answer) -> None:
        # A menu that is open is not pulled from under the hand; the next answer fills it.
        wanted = self._looking.question.filter
        streams = (
            answer.question.stream,
            *(row.stream for row in answer.events.rows),
            *(s.name for s in answer.streams),
        )
        named = tuple(dict.fromkeys(filter(None, streams)))
        self._known = self._known._replace(types=answer.types, actors=answer.actors, streams=named)
        if self.field.hasFocus():
            self._look_at_data()
        if answer.types != self._types and not self.type.view().isVisible():
            self._types = answer.types
            _fill(self.type, "All types", answer.types, _type_text)
            _choose(self.type, wanted.type, _type_text)
        if answer.actors != self._actors and not self.actor.view().isVisible():
            self._actors = answer.actors
            _fill(self.actor, "All actors", answer.actors, plain)
            _choose(self.actor, wanted.actor, plain)

    def _look_at_data(self) -> None:
        """The fields of the events on the page can be named."""
        answer = self._looking.answer
        positions = tuple(row.position for row in answer.events.rows) if answer else ()
        if positions and positions != self._known_of:
            self._known_of = positions
            self._looking.fetch(lambda session: data_paths(session, positions), self._know_paths)

    def _know_paths(self, paths: tuple[str, ...]) -> None:
        # Those of the pages before are worth offering, too.
        self._known = self._known._replace(paths=tuple(dict.fromkeys((*paths, *self._known.paths)))[: LONGEST * 5])

    # Recent and saved

    def _list_kept(self) -> None:
        self.menu.clear()
        saved, recent = self.filters.kept
        for title, pairs in (("Saved", saved), ("Recent", tuple((text, text) for text in recent))):
            self.menu.addSection(title)
            for name, text in pairs:
                entry = self.menu.addAction(_in_menu(name))
                entry.setToolTip(tip(plain(text)))
                entry.triggered.connect(lambda _=False, text=text: self.show_text(text))
            if not pairs:
                self.menu.addAction("None yet").setEnabled(False)
        self.menu.addSeparator()
        self.menu.addActions([*self.own_actions])
        if saved:
            forget = self.menu.addMenu("For&get")
            for name, _ in saved:
                forget.addAction(_in_menu(name)).triggered.connect(lambda _=False, name=name: self.filters.forget(name))
        self.menu.setToolTipsVisible(True)

    def show_text(self, text: str) -> None:
        """Puts a text in force, as if it had been typed."""
        self.field.setText(text)
        self.take_text()


def _in_menu(text: str) -> str:
    shown = plain(text)
    return (shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…").replace("&", "&&")


def _words(name: str, role: str, parent: QWidget) -> QLabel:
    """They take no room while there is nothing to say."""
    words = QLabel(parent)
    words.setProperty("role", role)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setWordWrap(True)
    words.setAccessibleName(name)
    words.hide()
    return words


def _combo(name: str, letters: int, parent: QWidget) -> QComboBox:
    combo = QComboBox(parent)
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(letters)
    combo.setMaxVisibleItems(20)
    return combo


def _fill(combo: QComboBox, everything: str, values: Sequence[str], text: Callable[[str], str]) -> None:
    combo.clear()
    combo.addItem(everything, None)
    for value in values:
        combo.addItem(text(value), value)


def _choose(combo: QComboBox, value: str | None, text: Callable[[str], str]) -> None:
    """Turns to a value, also to one that no event has yet."""
    if value is not None and combo.findData(value) < 0:
        combo.addItem(text(value), value)
    combo.setCurrentIndex(0 if value is None else combo.findData(value))


def _type_text(event_type: str) -> str:
    return f"{SHAPES[kind_of(event_type)]} {plain(spoken(event_type))}"
