"""The bar over the event list: which events are listed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from explorer.application.filtering import EventFilter, words
from explorer.application.kinds import kind_of, spoken
from explorer.application.view import Answer, Question
from explorer.gui.looking import Looking
from explorer.gui.panels.plain import plain, short_stream, tip
from explorer.gui.theme import SHAPES, Look

PAUSE = 200
"""Milliseconds without a keystroke after which the words are looked for."""


class FilterBar(QWidget):
    """Shows the filter that is in force, whoever set it, and sets it."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        del look
        self._looking = looking
        self._filter: EventFilter | None = None
        self._types: tuple[str, ...] | None = None
        self._actors: tuple[str, ...] | None = None
        self.words = _Words(self)
        self.words.setPlaceholderText("Find words")
        self.words.setAccessibleName("Words that the event must contain")
        self.words.setClearButtonEnabled(True)
        self.stream = QCheckBox(self)
        self.stream.setAccessibleName("Only events of this stream")
        self.words.setMinimumWidth(self.fontMetrics().averageCharWidth() * 16)
        self.type = _combo("Event type", 7, self)
        self.actor = _combo("Actor", 5, self)
        self.clear_button = QPushButton("Clear", self)
        self.clear_button.setAccessibleName("Clear the filter")
        widest = self.fontMetrics().horizontalAdvance("Clear (4)") + self.fontMetrics().height()
        self.clear_button.setMinimumWidth(widest)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._lay_out()
        self._connect()
        self._follow(looking.question)

    def focus_words(self) -> None:
        """For the window's "Find events"."""
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def clear(self) -> None:
        self._pause.stop()
        self._looking.show_filter(EventFilter())

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        space = self.fontMetrics().height() // 4
        row.setContentsMargins(space, space, space, space)
        row.setSpacing(space)
        row.addWidget(self.words, 3)
        row.addWidget(self.type, 2)
        row.addWidget(self.actor, 1)
        row.addWidget(self.stream)
        row.addWidget(self.clear_button)
        for before, after in pairwise((self.words, self.type, self.actor, self.stream, self.clear_button)):
            self.setTabOrder(before, after)

    def _connect(self) -> None:
        self.words.textEdited.connect(self._pause.start)
        self.words.returnPressed.connect(self._take_words)
        self._pause.timeout.connect(self._take_words)
        self.stream.clicked.connect(self._take_stream)
        self.type.activated.connect(lambda: self._change(type=self.type.currentData()))
        self.actor.activated.connect(lambda: self._change(actor=self.actor.currentData()))
        self.clear_button.clicked.connect(self.clear)
        self._looking.asked.connect(self._follow)
        self._looking.answered.connect(self._offer)

    # What the user wants

    def _take_words(self) -> None:
        self._pause.stop()
        self._change(where=words(self.words.text()))

    def _take_stream(self, is_on: bool) -> None:  # noqa: FBT001 - a signal's value
        self._change(stream=self._looking.question.stream if is_on else None)

    def _change(self, **conditions: Any) -> None:
        if self._pause.isActive():
            conditions.setdefault("where", words(self.words.text()))
            self._pause.stop()
        self._looking.show_filter(replace(self._looking.question.filter, **conditions))

    # What is in force

    def _follow(self, question: Question) -> None:
        wanted = question.filter
        self._name_stream(wanted.stream or question.stream)
        if wanted == self._filter:
            return
        self._filter = wanted
        self.stream.setChecked(wanted.stream is not None)
        if not self._pause.isActive() and wanted.where != words(self.words.text()):
            self.words.setText(wanted.where)
        _choose(self.type, wanted.type, _type_text)
        _choose(self.actor, wanted.actor, plain)
        conditions = sum(map(bool, (wanted.stream, wanted.type, wanted.actor, wanted.where)))
        self.clear_button.setText(f"Clear ({conditions})" if conditions else "Clear")
        self.clear_button.setToolTip(f"Conditions in force: {conditions}. Show all events again (Ctrl+Shift+F)")
        self.clear_button.setEnabled(conditions > 0)

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
        if answer.types != self._types and not self.type.view().isVisible():
            self._types = answer.types
            _fill(self.type, "All types", answer.types, _type_text)
            _choose(self.type, wanted.type, _type_text)
        if answer.actors != self._actors and not self.actor.view().isVisible():
            self._actors = answer.actors
            _fill(self.actor, "All actors", answer.actors, plain)
            _choose(self.actor, wanted.actor, plain)


class _Words(QLineEdit):
    """Esc empties it; only then does Esc mean "back to now"."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._is_own_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_own_escape(event):
            self.clear()
            self.returnPressed.emit()
            return
        super().keyPressEvent(event)

    def _is_own_escape(self, event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and bool(self.text())


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
