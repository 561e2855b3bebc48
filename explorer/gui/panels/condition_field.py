"""A field for a condition on a state: it keeps what was understood, and marks the part that is not.

Beneath it stands, quietly, what its amounts of money are, and which name no state has.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QInputMethodEvent, QResizeEvent, QShowEvent, QTextCharFormat
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from explorer.application.conditions import StateCondition
from explorer.application.hinting import Doubt, States, doubts, money_hint, understood
from explorer.gui.panels.plain import plain
from explorer.gui.theme import Look, Theme
from explorer.language.syntax import NotUnderstood


class Hint(QLabel):
    """A few quiet words, which take as many lines as they need; no room while there are none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "muted")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What the condition means")
        self.hide()

    def say(self, words: str) -> None:
        self.setText(words)
        self._fit()
        self.setVisible(bool(words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A form within another layout reserves for words that wrap what they would need in half the width; and what
        # a label wants once it has a height is not less than that.
        room = QRect(0, 0, self.width(), 0)
        self.setFixedHeight(self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self.text()).height())


class ConditionField(QLineEdit):
    """`understood` comes when the text says something else than before, or nothing any more.

    `hint` puts itself beneath the field, into the form in which that stands.
    """

    understood = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.condition: StateCondition | None = None
        self.error: NotUnderstood | None = None
        self._theme = look.theme
        self._states, self._doubts = States(), list[Doubt]()
        self.hint = Hint(parent)
        self._is_beneath = False
        self.setPlaceholderText("such as total > 50000, or lines[*].quantity > 100")
        self.textChanged.connect(self._read)
        look.changed.connect(self._take_theme)

    def know(self, states: States) -> None:
        """What the states have that it is about; until then nothing is said of them."""
        if states != self._states:
            was_wrong = self.error is not None
            self._states = states
            self._understand(self.text())
            if was_wrong is not (self.error is not None):
                self.understood.emit()

    def doubt(self, found: Sequence[Doubt]) -> None:
        """Marks names that lead nowhere, as a search has shown."""
        self._doubts = [*found]
        self._mark()

    def _read(self, text: str) -> None:
        self._understand(text)
        self.understood.emit()

    def _understand(self, text: str) -> None:
        self.condition = self.error = None
        if text.strip():
            try:
                self.condition = understood(text.strip(), self._states)
            except NotUnderstood as error:
                self.error = error
        self._doubts = [] if self.condition is None else self._doubts_of(self.condition)
        self._mark()
        self._say_hint()

    def _doubts_of(self, condition: StateCondition) -> list[Doubt]:
        """A name at whose end the caret stands may be about to be written on."""
        caret = self.cursorPosition() - self._ahead
        return [one for one in doubts(condition.condition, self._states) if one.end != caret]

    def _say_hint(self) -> None:
        money = money_hint(self.condition.condition, self._states) if self.condition is not None else ""
        words = [plain(said) for said in (money, *(one.words for one in self._doubts)) if said]
        self.hint.say("\n".join(words))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_beneath:
            self._is_beneath = True
            self._stand_beneath()

    def _stand_beneath(self) -> None:
        """Its own place in the form may be that of the list whose line it is."""
        within = self.hint.parentWidget()
        for form in within.findChildren(QFormLayout) if within is not None else ():
            row = next((row for row in range(form.rowCount()) if _holds(form, row, (self, self.parentWidget()))), None)
            if row is not None:
                form.insertRow(row + 1, "", self.hint)
                return

    def select_wrong(self) -> None:
        """Selects the part that was not understood, so that it can be typed anew."""
        if self.error is not None:
            self.setFocus()
            self.setSelection(*self._wrong(self.error))

    @property
    def _ahead(self) -> int:
        """The blanks before the condition."""
        return len(self.text()) - len(self.text().lstrip())

    def _wrong(self, error: NotUnderstood) -> tuple[int, int]:
        """Where the wrong part begins in the field, and how long it is; the last letter where something is missing."""
        text = self.text()
        start, length = self._ahead + error.start, error.end - error.start
        if length <= 0:
            start, length = max(0, min(start, len(text.rstrip())) - 1), 1
        return start, length

    def _mark(self) -> None:
        """A wavy line below the wrong part; a line edit knows no other formats than those of an input method."""
        marks = [self._wavy(self._ahead + one.start, one.end - one.start, self._theme.muted) for one in self._doubts]
        if self.error is not None:
            marks.append(self._wavy(*self._wrong(self.error), self._theme.danger))
        with QSignalBlocker(self):
            QCoreApplication.sendEvent(self, QInputMethodEvent("", marks))

    def _wavy(self, start: int, length: int, colour: str) -> QInputMethodEvent.Attribute:
        drawn = QTextCharFormat()
        drawn.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        drawn.setUnderlineColor(QColor(colour))
        kind = QInputMethodEvent.AttributeType.TextFormat
        return QInputMethodEvent.Attribute(kind, start - self.cursorPosition(), length, drawn)

    def _take_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._mark()


def _holds(form: QFormLayout, row: int, widgets: Iterable[QWidget | None]) -> bool:
    """Whether one of these is the field of a form's row."""
    item = form.itemAt(row, QFormLayout.ItemRole.FieldRole)
    widget = item.widget() if item is not None else None
    return widget is not None and widget in widgets
