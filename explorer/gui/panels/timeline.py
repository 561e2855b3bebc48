"""The timeline as a panel: it shows the answer, and what the hand and the keys ask for becomes a question."""

from collections.abc import Callable, Iterator, Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.application import timeline
from explorer.application.comparing import position_at
from explorer.application.kinds import Kind, kind_of
from explorer.application.timeline import Viewport
from explorer.application.trust import Damage
from explorer.application.view import Activity, Answer
from explorer.gui.looking import Looking
from explorer.gui.panels.seen import Seen
from explorer.gui.theme import Look, Theme
from explorer.gui.timeline_colours import TimelineColours
from explorer.gui.timeline_second import SecondHand
from explorer.gui.timeline_view import TimelineView
from explorer.projections.log import SECOND, WIDTHS

PAGE = 10
"""Events that PageUp and PageDown go."""


class Timeline(Seen):
    """The one place where a drag, a wheel or a key on the timeline becomes another question."""

    def __init__(self, looking: Looking, look: Look, parent: QWidget) -> None:
        super().__init__(looking, parent)
        self._activity: Activity | None = None
        self._damage: Mapping[int, Damage] | None = None
        self.view = TimelineView(TimelineColours.of(look.theme), self)
        self.setFocusProxy(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.addWidget(self.view)
        self._steps: Mapping[str, Callable[[], object]] = {
            "previous": lambda: looking.step(-1),
            "next": lambda: looking.step(1),
            "previous_in_stream": lambda: looking.step_in_stream(-1),
            "next_in_stream": lambda: looking.step_in_stream(1),
            "start": lambda: looking.go_to(0),
            "now": looking.go_to_now,
            "page_back": lambda: looking.step(-PAGE),
            "page_on": lambda: looking.step(PAGE),
            "play": lambda: looking.pause() if looking.is_playing else looking.play(),
        }
        self.view.time_dragged.connect(looking.drag_to)
        self.view.drag_finished.connect(looking.drop)
        self.view.viewport_requested.connect(self._ask)
        self.view.frame_requested.connect(self._frame_stream)
        self.view.mark_clicked.connect(self._go_to)
        self.view.bookmark_requested.connect(looking.bookmark_wanted)
        self.view.step_requested.connect(self._step)
        self.second = SecondHand(self.view)
        self.second.dragged.connect(self._drag_second)
        self.second.dropped.connect(self._drop_second)
        self.second.stepped.connect(self._step_second)
        look.changed.connect(self._take_theme)

    def show_answer(self, answer: Answer) -> None:
        status, extent = answer.status, answer.status.extent
        first, last = extent or (None, None)
        self.view.show_extent(first, last)
        self.view.show_viewport(answer.question.viewport or Viewport.fitted(first, last))
        if answer.activity is not self._activity:
            self._activity = answer.activity
            width = WIDTHS[answer.activity.level] * SECOND
            counted: Iterator[tuple[int, Kind, int]] = (
                (row.start, kind_of(row.type), row.events) for row in answer.activity.rows
            )
            self.view.show_activity(timeline.Activity.of(width, counted))
        self.view.show_marks(answer.marks)
        self.view.canvas.lane.show_coloured(answer.mark_colours)
        if answer.damage is not self._damage:
            self._damage = answer.damage
            self.view.show_damage(answer.damage)
        self.view.show_flags(answer.flags)
        if answer.finding_marks is not self.view.findings.found:
            self.view.show_found(answer.finding_marks)
        self.view.show_cursor(status.time if status.as_of else None, at_now=status.is_now)

        there = answer.comparison.there if answer.comparison is not None else None
        first_time = first if there is not None and there.time is None else None
        self.second.show_at(there.time if there is not None and there.time is not None else first_time)

    def _drag_second(self, time: int) -> None:
        self._looking.look(compare_time=time)

    def _drop_second(self, time: int) -> None:
        """From now on it is the position of its last time, exactly."""
        self._looking.fetch(lambda session: position_at(session, time), self._looking.compare_with)

    def _step_second(self, events: int) -> None:
        answer = self._looking.answer
        if answer is not None:
            compared = answer.comparison
            here = compared.there.position if compared is not None else self._looking.position
            self._looking.compare_with(max(0, min(here + events, answer.status.checkpoint)))

    def _go_to(self, position: int) -> None:
        """A mark is of the own stream; damage, bookmarks and findings may be of any."""
        signs = (*self.view.flags.bookmarks, *self.view.findings.found)
        if (self._damage and position in self._damage) or any(one.position == position for one in signs):
            self._looking.visit(position)
        else:
            self._looking.go_to(position)

    def _step(self, step: str) -> None:
        self._steps[step]()

    def _ask(self, viewport: Viewport) -> None:
        answer = self._looking.answer
        everything = answer is not None and answer.status.extent and Viewport.fitted(*answer.status.extent)
        self._looking.show_viewport(None if viewport == everything else viewport, self.view.plot_width)

    def _frame_stream(self) -> None:
        answer = self._looking.answer
        if answer is not None and answer.stream is not None and answer.stream.extent is not None:
            self._ask(Viewport.fitted(*answer.stream.extent))

    def _take_theme(self, theme: Theme) -> None:
        self.view.set_theme(TimelineColours.of(theme))
