"""Finding the moment at which a condition on a state becomes true, and stopping there when history is played."""

from collections.abc import Mapping
from typing import ClassVar

from explorer.application.conditions import StateCondition
from explorer.application.finding import Where, first, last
from explorer.application.hinting import Doubt, doubts, states_of, understood
from explorer.application.session import Session
from explorer.application.values import equal_to
from explorer.errors import Cancelled, KnownError
from explorer.gui.actions import Action
from explorer.gui.moment_dialog import MomentDialog
from explorer.gui.panels.plain import whole_stream
from explorer.gui.room import House, Room
from explorer.gui.tasks import Task
from explorer.gui.watchpoint import Watchpoint
from explorer.language.syntax import Dialect
from explorer.projections.runner import Progress
from explorer.store.codec import Record

RECENT = 20
"""Conditions that are remembered."""
SETTING = "recent_conditions"


class _Search:
    """One search: `words` say what came of it, once it has ended."""

    task: Task

    def __init__(self) -> None:
        self.found: Record | None = None
        self.words = ""
        self.is_failure = False
        self.doubts: list[Doubt] = []


class Finding(Room):
    """The dialog stays beside the window; without it the keys seek the last condition on."""

    ACTIONS = (
        Action(
            "find_moment",
            "Go",
            "Find the &moment…",
            "Wind to where a condition on the state becomes true",
            ("Ctrl+Shift+M",),
            ("store",),
            separated=True,
            places=("event", "field", "line", "timeline"),
        ),
        Action(
            "find_next_moment",
            "Go",
            "Next mom&ent",
            "To where the condition becomes true next, behind the moment shown",
            ("F3",),
            ("store", "condition"),
        ),
        Action(
            "find_previous_moment",
            "Go",
            "Previous momen&t",
            "To where the condition became true before the moment shown",
            ("Shift+F3",),
            ("store", "condition"),
        ),
        Action(
            "find_first_moment",
            "Go",
            "F&irst moment",
            "To where the condition first became true",
            ("Ctrl+F3",),
            ("store", "condition"),
        ),
        Action(
            "stop_at_moment",
            "Go",
            "Stop playing &when it holds",
            "When history is played, stop at the event where the condition becomes true",
            ("Ctrl+Shift+W",),
            ("store", "condition"),
            checkable=True,
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {"condition": "No condition is given; find the moment first (Ctrl+Shift+M)."}

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.dialog: MomentDialog | None = None
        self._condition: StateCondition | None = None
        self._watchpoint: Watchpoint | None = None
        self._search: _Search | None = None
        self._is_backwards = False
        """Which way was sought last."""
        house.looking.asked.connect(self._follow)
        house.looking.stopped.connect(self._stop)

    def missing(self) -> set[str]:
        return {"condition"} if self._condition is None else set()

    def find_moment(self) -> None:
        if self.dialog is None:
            self.dialog = MomentDialog(self.house.look, self.house.actions, self._recent, self.house.window)
            self.dialog.changed.connect(self._take_change)
            self.dialog.watch.clicked.connect(self.house.actions["stop_at_moment"].trigger)
            self._follow()
            self._take_change()
        self.house.looking.fetch(states_of, self.dialog.field.know)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        picked = self.house.looking.picked
        if picked is not None and picked.source == "state" and not self.dialog.field.text():
            # To begin with: when did this become so?
            self.dialog.field.setText(equal_to(picked.path, picked.value, dialect=Dialect.STATES))
        self.dialog.field.setFocus()
        self.dialog.field.selectAll()

    def find_first_moment(self) -> None:
        self._seek(backwards=False, after=0, until=None, beyond="")

    def find_next_moment(self) -> None:
        here, is_now = self.house.looking.position, self.house.looking.is_now
        beyond = " behind now" if is_now else f" after event {here:,}" if here else ""
        self._seek(backwards=False, after=here, until=None, beyond=beyond, is_now=is_now)

    def find_previous_moment(self) -> None:
        here = self.house.looking.position
        self._seek(backwards=True, after=0, until=max(0, here - 1), beyond=f" before event {here:,}")

    def stop_at_moment(self) -> None:
        """On or off."""
        if self._watchpoint is None and self._condition is not None:
            self._watchpoint = Watchpoint(self.house.looking, self._condition, self._stream)
            self.house.looking.watch = self._watchpoint.ahead
        else:
            self._end_watch()
        self._show_watch()

    # What is sought

    @property
    def _stream(self) -> str | None:
        """The stream in which it is sought; None for all."""
        return self.house.looking.question.stream if self.dialog is None or self.dialog.is_one_stream else None

    def _take_change(self) -> None:
        assert self.dialog is not None
        self._condition = self.dialog.field.condition
        self._restart_watch()
        self.changed.emit()

    def _follow(self, question: object = None) -> None:
        del question
        if self.dialog is not None:
            self.dialog.show_stream(self.house.looking.question.stream)
            self._show_direction()
        if self._watchpoint is not None and self._watchpoint.stream != self._stream:
            self._restart_watch()

    def _restart_watch(self) -> None:
        """Whatever is sought now is watched for."""
        if self._watchpoint is not None:
            self._end_watch()
            if self._condition is not None:
                self.stop_at_moment()
        self._show_watch()

    def _end_watch(self) -> None:
        if self._watchpoint is not None:
            self._watchpoint.deleteLater()
        self._watchpoint = self.house.looking.watch = None

    def _show_watch(self) -> None:
        is_watching = self._watchpoint is not None
        self.house.actions["stop_at_moment"].setChecked(is_watching)
        if self.dialog is not None:
            self.dialog.watch.setChecked(is_watching)
            self.dialog.watch.setEnabled(self._condition is not None)

    # Seeking

    def _show_direction(self) -> None:
        """Behind now there is nothing: from there it is sought backwards."""
        if self.dialog is not None:
            self.dialog.show_direction(is_backwards=self.house.looking.is_now or self._is_backwards)

    def _seek(self, *, backwards: bool, after: int, until: int | None, beyond: str, is_now: bool = False) -> None:
        condition = self._condition
        if condition is None:
            return
        if self._search is not None:
            self._search.task.cancel()
        self.house.looking.pause()
        self._remember(condition.text)
        self._is_backwards = backwards
        stream = self._stream
        where = Where(stream, "", after, until)
        search = _Search()

        def work(session: Session, progress: Progress) -> str:
            try:
                states = states_of(session, where)
                understood(condition.text, states)
                search.found = (last if backwards else first)(session, condition, where, progress)
                is_before = is_now and search.found is None
                before = last(session, condition, where._replace(after=0, until=after), progress) if is_before else None
            except KnownError as error:
                search.words, search.is_failure = str(error), True
                raise
            if search.found is None and before is None:
                search.doubts = doubts(condition.condition, states)
            is_nowhere = is_now and before is None
            search.words = _words(condition, stream, search, "" if is_nowhere else beyond, before)
            return search.words

        self._search = search
        search.task = self.house.jobs.run_soon("Find the moment", work)
        search.task.ended.connect(self._arrive)

    def _arrive(self, result: object) -> None:
        search = self._search
        if search is None or not search.words:
            return  # of a search that another has replaced
        self._search = None
        looking = self.house.looking
        if isinstance(result, Cancelled):
            search.words, search.is_failure = "The search was stopped.", False
        if search.found is not None:
            looking.go_to(search.found.position, search.found.stream)
        looking.told.emit(search.words)
        self._show_direction()
        if self.dialog is not None:
            role = "refusal" if search.is_failure else "heading" if search.found else "muted"
            self.dialog.say(search.words, role)
            if search.doubts:
                self.dialog.field.doubt(search.doubts)

    def _stop(self, position: int) -> None:
        if self._watchpoint is not None:
            words = f"Stopped at event {position:,}: {self._watchpoint.condition.text} becomes true."
            self.house.looking.told.emit(words)
            if self.dialog is not None:
                self.dialog.say(words, "heading")

    # What was sought before

    @property
    def _recent(self) -> list[str]:
        return [line for line in self.house.settings.text(SETTING).split("\n") if line]

    def _remember(self, text: str) -> None:
        recent = [text, *(other for other in self._recent if other != text)][:RECENT]
        self.house.settings.set_text(SETTING, "\n".join(recent))
        if self.dialog is not None:
            self.dialog.show_recent(recent)


def _words(condition: StateCondition, stream: str | None, search: _Search, beyond: str, before: Record | None) -> str:
    """What came of a search; `before` is the last moment before now, where there is none behind it."""
    record = search.found
    if record is not None:
        return f"Event {record.position:,}: {condition.text} becomes true in {whole_stream(record.stream)}."
    place = f" in {whole_stream(stream)}" if stream else ""
    nowhere = f"{condition.text} becomes true nowhere{place}{beyond}"
    if before is not None:
        return f"{nowhere}; before, it last did at event {before.position:,}: Shift+F3 goes there."
    return " ".join((f"{nowhere}.", *(doubt.words for doubt in search.doubts)))
