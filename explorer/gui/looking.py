"""What the user is looking at: the one observable thing that all views share.

Views draw `answer` when `answered` says so and call the methods below to look elsewhere. No view calls another.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.application.event_list import EventFilter
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.timeline import Viewport
from explorer.application.trust import stream_at
from explorer.application.undoing import Done
from explorer.application.view import Answer, Question
from explorer.domain.event import Metadata
from explorer.errors import Conflict, KnownError, Refused
from explorer.gui.meant import Ahead, Clash, Meant, Picked
from explorer.gui.worker import Worker
from explorer.projections import queries

SPEEDS = (1, 5, 25, 100)
"""Events a second when playing."""
PLAY_TICK = 40
"""Milliseconds between two frames at most, when playing."""


T = TypeVar("T")


class _Dropped(NamedTuple):
    """The ticket of a cursor that was let go at a time."""

    time: int


class _Fetch(NamedTuple):
    """The ticket of something that a view wants to know besides the answer."""

    then: Callable[[Any], None]


def _follows(question: Question) -> bool:
    return question.as_of is None and question.at_time is None and question.top is None


def _position_at(session: Session, time: int) -> int:
    with session.asking() as connection:
        return queries.position_at(connection, time)


class Looking(QObject):
    """Question, answer, and what can be done about them."""

    answered = Signal(object)
    """Answer: every view draws its part of it."""
    shown = Signal()
    """Every view has drawn its part."""
    asked = Signal(object)
    """Question: for what must follow the hand at once, before the answer."""
    refused = Signal(str, str)
    """A command was refused: the name of the input it concerns ("" if none) and the reason."""
    accepted = Signal(str, str)
    """A command was carried out: the name of the input it came from, and its stream."""
    recorded = Signal(object)
    """Events that a command of the user's has recorded, in their order; `accepted` follows."""
    failed = Signal(object)
    """KnownError that concerns the whole store."""
    told = Signal(str)
    """A note for the status bar."""
    playing = Signal(bool)
    stopped = Signal(int)  # the event at which playing stops, since it was to be watched for
    places_changed = Signal()
    picked_changed = Signal()
    clash_changed = Signal()
    conflicted = Signal(str, object)
    """A command was decided upon what is no more: the name of its input, and the Conflict. `refused` follows."""
    bookmark_wanted = Signal()
    """The moment is to be marked, or what its bookmark says to be changed."""
    menu_opening = Signal(str, object)
    """A context menu is about to be shown: the kind of its place (see `explorer.gui.actions`), and the QMenu."""

    def __init__(self, worker: Worker, actor: str, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self.actor = actor
        self.question = Question()
        self.answer: Answer | None = None
        self.picked: Picked | None = None
        self._pointed: Meant | None = None
        self.clash: Clash | None = None
        self._visited: list[tuple[int | None, str | None]] = [(None, None)]
        self._place = 0
        self.speed = SPEEDS[1]
        self.watch: Callable[[int], Ahead] | None = None
        """Told the position, says how far playing may go on; None lets it play to the end."""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._play_on)
        worker.answered.connect(self._take)
        worker.done.connect(self._finish)
        worker.failed.connect(self.failed)

    # What is meant

    def pick(self, picked: Picked | None) -> None:
        if picked != self.picked:
            self.picked = picked
            self.picked_changed.emit()

    @property
    def pointed(self) -> Meant | None:
        """The event whose menu is open; None where none is."""
        return self._pointed

    def point_at(self, event: Meant | None) -> None:
        """While a context menu is open, its event is meant, not the one that is shown."""
        self._pointed = event

    @property
    def meant(self) -> Meant | None:
        """The event that actions are about: the one whose menu is open, else the one shown; None where none is."""
        if self._pointed is not None:
            return self._pointed
        stream = self.answer.stream if self.answer else None
        record = stream.record if stream else None
        return Meant(record.position, record.stream, record.version, record.type, record.actor) if record else None

    # Looking elsewhere

    def look(self, **changes: Any) -> None:
        """Asks the question with some of its fields changed."""
        if changes.get("stream", self.question.stream) != self.question.stream:
            self.show_clash(None)
            changes = {"line_limit": Question().line_limit, **changes}
        question = self._resting(replace(self.question, **changes))
        if question != self.question:
            self.question = question
            self.asked.emit(question)
            # Not the local one: whoever heard of it may have asked on.
            self._worker.ask(self.question)

    def _resting(self, question: Question) -> Question:
        """Notes what was the newest event when the list came to rest, so that what is new can be counted."""
        if _follows(question):
            return replace(question, since=None)
        if question.since is None and self.answer is not None:
            return replace(question, since=self.answer.status.checkpoint)
        return question

    @property
    def is_following(self) -> bool:
        """Whether the event list shows the newest event, as soon as it comes."""
        return _follows(self.question)

    def follow(self) -> None:
        """To now, and on with whatever comes."""
        self.pause()
        self.go_to(None)

    def hold(self) -> None:
        """The list rests where it is; everything else goes on with what comes."""
        if self.is_following and self.answer is not None and self.answer.events.rows:
            self.look(top=self.answer.events.rows[0].position, shift=0)

    def ask_again(self) -> None:
        self._worker.ask(self.question)

    def go_to(self, position: int | None, stream: str | None = None) -> None:
        """Winds everything to a position (None: now), and turns to a stream if one is named."""
        if position is not None and self.answer is not None and position >= self.answer.status.checkpoint:
            position = None
        stream = stream or self.question.stream
        if (position, stream) != self._visited[self._place]:
            self._visited[self._place + 1 :] = [(position, stream)]
            self._place = len(self._visited) - 1
            self.places_changed.emit()
        self.look(as_of=position, at_time=None, stream=stream, top=None)

    def visit(self, position: int) -> None:
        """Winds to an event and turns to its stream, whichever that is."""
        self.fetch(lambda session: stream_at(session, position), lambda stream: self.go_to(position, stream))

    def go_to_now(self) -> None:
        self.pause()
        self.go_to(None)

    def drag_to(self, time: int) -> None:
        """While the cursor is being dragged: the moment by its time, µs UTC."""
        self.pause()
        self.look(at_time=time, top=None)

    def drop(self) -> None:
        """The cursor was let go: from now on the moment is the position of its last time, exactly."""
        time = self.question.at_time
        if time is not None:
            self._worker.do(_Dropped(time), lambda session: _position_at(session, time))

    def compare_with(self, position: int | None) -> None:
        """Puts the second moment at a position; None compares no longer."""
        self.look(compare=position, compare_time=None)

    @property
    def is_comparing(self) -> bool:
        return self.question.compare is not None or self.question.compare_time is not None

    def choose_stream(self, stream: str | None) -> None:
        if stream != self.question.stream:
            self.look(stream=stream, top=None, filter=self._followed(stream))
            self._visited[self._place + 1 :] = [(self.question.as_of, stream)]
            self._place = len(self._visited) - 1
            self.places_changed.emit()

    def _followed(self, stream: str | None) -> EventFilter:
        """The filter; where it shows the chosen stream only, it follows the choice."""
        wanted = self.question.filter
        follows = wanted.stream is not None and wanted.stream == self.question.stream and stream is not None
        return replace(wanted, stream=stream) if follows else wanted

    def show_filter(self, wanted: EventFilter) -> None:
        self.look(filter=wanted, top=None, seek=True)

    def show_viewport(self, viewport: Viewport | None, width: int) -> None:
        self.look(viewport=viewport, width=width)

    @property
    def position(self) -> int:
        """The position of the moment, as far as it is known."""
        if self.question.at_time is None and self.question.as_of is not None:
            return self.question.as_of
        return self.answer.status.as_of if self.answer else 0

    @property
    def is_now(self) -> bool:
        """Whether what is shown is the present, which alone can be edited."""
        return self.question.as_of is None and self.question.at_time is None

    @property
    def locked(self) -> str:
        """Why nothing can be changed even now, "" if it can: the log is damaged, or may not be written."""
        return self.answer.standing.locked if self.answer else ""

    def step(self, events: int) -> None:
        """Some events further, or (negative) back."""
        self.go_to(max(0, self.position + events))

    def step_in_stream(self, events: int) -> None:
        """To the own stream's next (1) or previous (-1) event."""
        stream, here = self.answer.stream if self.answer else None, self.position
        if stream is None or not stream.holds(here):
            return  # the answer that tells is on its way
        own = stream.record.position if stream.record else None
        aim = stream.next if events > 0 else own if own != here else stream.previous
        if aim is not None:
            self.go_to(aim)

    def go_back(self) -> None:
        self._revisit(self._place - 1)

    def go_forward(self) -> None:
        self._revisit(self._place + 1)

    @property
    def can_go_back(self) -> bool:
        return self._place > 0

    @property
    def can_go_forward(self) -> bool:
        return self._place < len(self._visited) - 1

    def _revisit(self, place: int) -> None:
        if 0 <= place < len(self._visited):
            self._place = place
            position, stream = self._visited[place]
            self.look(as_of=position, at_time=None, stream=stream, top=None)
            self.places_changed.emit()

    # Playing

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    def play(self) -> None:
        """From here on, or from the start if this is the end."""
        if self.answer is None or self.is_playing:
            return
        if self.is_now:
            self.go_to(0)
        self._timer.start(max(PLAY_TICK, 1000 // self.speed))
        self.playing.emit(self.is_playing)

    def pause(self) -> None:
        if self.is_playing:
            self._timer.stop()
            self.playing.emit(self.is_playing)

    def set_speed(self, speed: int) -> None:
        """Events a second."""
        self.speed = speed
        if self.is_playing:
            self._timer.start(max(PLAY_TICK, 1000 // speed))

    def _play_on(self) -> None:
        here = self.position
        aim, is_stop = here + max(1, self.speed * PLAY_TICK // 1000), False
        if self.watch is not None:
            ahead = self.watch(here)
            is_stop = ahead.is_stop and aim >= ahead.until
            aim = min(aim, ahead.until)
        if aim <= here:
            return  # what lies ahead is being looked at
        self.go_to(aim)
        if is_stop:
            self.stopped.emit(aim)
        if is_stop or self.is_now:
            self.pause()

    # Changing the present

    def show_clash(self, clash: Clash | None) -> None:
        """What is to be settled; None when it is."""
        if clash is not self.clash:
            self.clash = clash
            self.clash_changed.emit()

    def retry(self) -> None:
        """Puts the user's change on top of what the others have done."""
        clash = self.clash
        if clash is not None:
            self.show_clash(None)
            clash.retry()

    def command(
        self, stream: str, command: object, *, field: str = "", expected_version: int | None = None, reason: str = ""
    ) -> None:
        """Carries out a command on the present. `accepted` or `refused` follows, naming `field`."""
        about = Metadata(self.actor, reason, origin="window")
        self.do(
            lambda session: Done(stream, handle(session, stream, command, about, expected_version=expected_version)),
            field,
        )

    def do(self, job: Callable[[Session], Done | str], field: str = "") -> None:
        """Runs a job that returns the stream it has changed, with the events if they can be undone by `Undo`;
        `accepted` or `refused` follows.
        """
        self._worker.do(field, job)

    def fetch(self, job: Callable[[Session], T], then: Callable[[T], None]) -> None:
        """Reads something once, for a copy or an export; `then` gets it in the window's thread. A failure is told."""
        self._worker.do(_Fetch(then), job)

    def _finish(self, ticket: object, result: object) -> None:
        if isinstance(ticket, _Fetch):
            if isinstance(result, KnownError):
                self.told.emit(str(result))
            else:
                ticket.then(result)
        elif isinstance(ticket, _Dropped):
            if isinstance(result, int) and self.question.at_time == ticket.time:
                self.go_to(result)
        else:
            self._reply(ticket, result)

    def _reply(self, ticket: object, result: object) -> None:
        """Tells what came of a command."""
        if isinstance(result, Refused):
            self.refused.emit(str(ticket) or result.field, str(result))
        elif isinstance(result, KnownError):
            if isinstance(result, Conflict):
                self.conflicted.emit(str(ticket), result)
            self.refused.emit(str(ticket), str(result))
        else:
            if isinstance(result, Done) and result.events:
                self.recorded.emit(result.events)
            self.accepted.emit(str(ticket), result.stream if isinstance(result, Done) else str(result))

    def _take(self, found: Answer) -> None:
        self.answer = found
        self.answered.emit(found)
        self.shown.emit()
