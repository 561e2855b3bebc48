"""What a bulk repair is to do: one command where a condition holds, or the undoing of what a filter finds."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, TypeAlias

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from explorer.application.bulk_repair import BulkPlan, plan_bulk
from explorer.application.bulk_undo import plan_bulk_undo
from explorer.application.editable import Shape
from explorer.application.filtering import EventFilter
from explorer.application.kinds import spoken
from explorer.application.session import Session
from explorer.domain.event import Json
from explorer.errors import BadInput
from explorer.gui.looking import Looking
from explorer.gui.panels.condition_field import ConditionField
from explorer.gui.panels.fields_form import FieldsForm
from explorer.gui.panels.filter_field import FilterField
from explorer.gui.panels.plain import plain
from explorer.gui.theme import Look
from explorer.language.completion import Known
from explorer.language.syntax import NotUnderstood
from explorer.projections.runner import Progress

Planner: TypeAlias = Callable[[Session, Progress], BulkPlan]


class BulkInputs(QWidget):
    """A page of inputs. `changed`: they say something else, or nothing that can be understood; `entered`: by Enter."""

    TITLE: ClassVar[str] = ""
    NARROW: ClassVar[str] = ""
    """What helps where something is refused."""
    LOOKED_AT: ClassVar[str] = ""

    changed = Signal()
    entered = Signal()

    def wrong(self) -> str:
        """What is wrong with what is written; "" if nothing is."""
        raise NotImplementedError

    def planner(self) -> Planner:
        """Plans what is written now. Raises BadInput with what is missing or wrong, and shows where."""
        raise NotImplementedError


class CommandInputs(BulkInputs):
    TITLE = "One &command"
    NARROW = "narrow the condition"
    LOOKED_AT = "streams looked at"

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._commands: Mapping[str, tuple[Shape, ...]] = {}
        self.category, self.command = _choice("Category", self), _choice("Command", self)
        self.condition = ConditionField(look, self)
        self.condition.setAccessibleName("Condition on the state")
        self.command.setPlaceholderText("what is to be done")
        self.fields = FieldsForm(self)
        form = QFormLayout(self)
        form.addRow("Cate&gory", self.category)
        form.addRow("Co&ndition", self.condition)
        form.addRow("C&ommand", self.command)
        form.addRow("", self.fields)
        self.setFocusProxy(self.condition)
        self.condition.understood.connect(self.changed)
        self.fields.changed.connect(self.changed)
        self.category.currentIndexChanged.connect(self._list_commands)
        self.command.currentIndexChanged.connect(self._show_fields)
        self.condition.returnPressed.connect(self.entered)
        self.fields.entered.connect(self.entered)

    def show_commands(self, commands: Mapping[str, tuple[Shape, ...]]) -> None:
        self._commands = commands
        self.category.addItems([*commands])

    def _list_commands(self, number: int) -> None:
        del number
        self.command.clear()
        for shape in self._shapes:
            self.command.addItem(spoken(shape.name).capitalize(), shape.name)
        self.command.setCurrentIndex(-1)

    @property
    def _shapes(self) -> tuple[Shape, ...]:
        return self._commands.get(self.category.currentText(), ())

    def _show_fields(self, number: int) -> None:
        self.fields.show_shape(self._shapes[number] if 0 <= number < len(self._shapes) else Shape("", {}))
        self.changed.emit()

    def wrong(self) -> str:
        return str(self.condition.error or "")

    def planner(self) -> Planner:
        condition = self.condition.condition
        if condition is None:
            self.condition.select_wrong()
            raise BadInput(self.wrong() or "Say of which streams: total > 50000, for one.")
        command: str | None = self.command.currentData()
        if command is None:
            self.command.setFocus()
            raise BadInput("Say what is to be done: choose a command.")
        return partial(_planned, condition.text, command, self.fields.data(), self.category.currentText())


class UndoInputs(BulkInputs):
    TITLE = "&Undo events"
    NARROW = "narrow the filter"
    LOOKED_AT = "looked at"

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._looking = looking
        self._error: NotUnderstood | None = None
        self.filter = FilterField(self._known, look, self)
        self.filter.setAccessibleName("Filter of the events to be undone")
        self.filter.setPlaceholderText('such as actor == "import" and type == ItemQuantityChanged')
        self.filter.setToolTip("As over the event list; Ctrl+Space offers what may stand at the caret")
        about = QLabel(
            "Every event that passes is undone by the rules, within a stream the newest first. What is taken back "
            "already is left alone.", self,
        )  # fmt: skip
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setProperty("role", "muted")
        about.setWordWrap(True)
        form = QFormLayout()
        form.addRow("F&ilter", self.filter)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(about)
        column.addStretch(1)
        self.setFocusProxy(self.filter)
        self.filter.textChanged.connect(self._read)
        self.filter.returnPressed.connect(self.entered)

    def _known(self) -> Known:
        answer = self._looking.answer
        if answer is None:
            return Known()
        streams = tuple(row.name for row in answer.streams)
        return Known(types=answer.types, actors=answer.actors, streams=streams)

    def _read(self, text: str) -> None:
        self._error = None
        try:
            EventFilter.parse(text)
        except NotUnderstood as error:
            self._error = error
        start, end = self._wrong_part()
        with QSignalBlocker(self.filter):
            self.filter.mark(start, end)
        self.changed.emit()

    def _wrong_part(self) -> tuple[int, int]:
        if self._error is None:
            return 0, 0
        length = len(self.filter.text())
        start = min(self._error.start, max(0, length - 1))
        return start, min(length, max(self._error.end, start + 1))

    def wrong(self) -> str:
        return plain(str(self._error)) if self._error is not None else ""

    def planner(self) -> Planner:
        text = self.filter.text()
        if self._error is not None:
            start, end = self._wrong_part()
            self.filter.setFocus()
            self.filter.setSelection(start, end - start)
            raise BadInput(self.wrong())
        if not text.strip():
            self.filter.setFocus()
            raise BadInput('Say which events: actor == "import" and time >= 2011-01-05, for one.')
        return lambda session, progress: plan_bulk_undo(session, text, progress)


def _planned(
    condition: str, command: str, fields: dict[str, Json], category: str, session: Session, progress: Progress
) -> BulkPlan:
    return plan_bulk(session, condition, command, fields, category, progress)


def _choice(name: str, parent: QWidget) -> QComboBox:
    made = QComboBox(parent)
    made.setAccessibleName(name)
    return made
