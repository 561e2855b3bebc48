"""What if, on a scratch branch that is never stored; and one command for many streams."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Generic, NamedTuple, TypeVar

from explorer.application.editable import Editable, commandable, editable
from explorer.application.hinting import states_of
from explorer.application.repair import Plan
from explorer.application.session import Session
from explorer.application.what_if import Branch, plan_what_if, what_if
from explorer.errors import KnownError
from explorer.gui.actions import Action
from explorer.gui.bulk_repair_dialog import BulkRepairDialog
from explorer.gui.panels.plain import short_stream
from explorer.gui.repair_dialog import FIELD
from explorer.gui.room import House, Room
from explorer.gui.what_if_dialog import WhatIfDialog

T = TypeVar("T")


class _Tried(NamedTuple, Generic[T]):
    """What came of a job, or why nothing did, to be shown in the dialog rather than in the status bar."""

    result: T | None
    error: KnownError | None = None


class WhatIf(Room):
    """Each dialog is made once and kept. Of what the branch is asked, one is under way, and the newest waits."""

    ACTIONS = (
        Action(
            "try_what_if",
            "Event",
            "What &if…",
            "See what would be had this event not happened, or otherwise; nothing is stored",
            ("Ctrl+Shift+I",),
            ("store", "event"),
            places=("event",),
        ),
        Action(
            "bulk_repair",
            "Tools",
            "Bu&lk repair…",
            "One command for every stream of which a condition holds; looked at first",
            ("Ctrl+Shift+L",),
            ("store", "writable"),
            separated=True,
            places=("field", "line"),
        ),
        Action(
            "bulk_undo",
            "Tools",
            "Und&o events…",
            "Undo every event for which a filter holds; looked at first, then all or nothing",
            ("Ctrl+Alt+L",),
            ("store", "writable"),
            places=("event",),
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {}

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.dialog: WhatIfDialog | None = None
        self.bulk: BulkRepairDialog | None = None
        self._stream = ""
        self._under_way = self._is_waiting = False
        house.looking.accepted.connect(self._take_acceptance)

    def try_what_if(self) -> None:
        meant = self.house.looking.meant
        assert meant is not None  # the action needs one
        if self.dialog is None:
            self.dialog = WhatIfDialog(self.house.look, self.house.window)
            self.dialog.wanted.connect(self._ask)
            self.dialog.apply_wanted.connect(self._apply)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        scratch = self.dialog.scratch
        if self._stream == meant.stream and scratch is not None and scratch.edits:
            self.dialog.table.choose(lambda row: row.version == meant.version)  # what was edited is kept
            return
        self._begin(meant.stream, meant.version)

    def _begin(self, stream: str, version: int | None) -> None:
        dialog = self.dialog
        assert dialog is not None
        self._stream = stream
        dialog.wait_for(stream)

        def show(tried: _Tried[Editable]) -> None:
            if self._stream != stream:
                return
            if tried.error is not None:
                dialog.refuse(tried.error)
            elif tried.result is not None:
                dialog.show_events(tried.result, version)

        self.house.looking.fetch(lambda session: _tried(lambda: editable(session, stream)), show)

    def _ask(self) -> None:
        dialog = self.dialog
        if dialog is None or dialog.scratch is None:
            return
        if self._under_way:
            self._is_waiting = True
            return
        self._under_way, self._is_waiting = True, False
        stream, edits = self._stream, dialog.scratch.edits

        def show(tried: _Tried[Branch]) -> None:
            self._under_way = False
            if self._is_waiting:
                self._ask()
            elif self._stream == stream and dialog.scratch is not None and dialog.scratch.edits == edits:
                if tried.error is not None:
                    dialog.refuse(tried.error)
                elif tried.result is not None:
                    dialog.show_branch(tried.result)
                    self._keep_up(stream, tried.result.version)

        self.house.looking.fetch(lambda session: _tried(lambda: what_if(session, stream, edits)), show)

    def _keep_up(self, stream: str, version: int) -> None:
        """Shows what has been appended since the events were read, behind them."""
        dialog = self.dialog
        if dialog is None or dialog.scratch is None or dialog.scratch.events.version >= version:
            return
        limit = version - dialog.scratch.start

        def show(tried: _Tried[Editable]) -> None:
            if self._stream == stream and tried.result is not None:
                dialog.update_events(tried.result)

        self.house.looking.fetch(lambda session: _tried(lambda: editable(session, stream, limit)), show)

    def _apply(self) -> None:
        dialog = self.dialog
        if dialog is None or dialog.scratch is None:
            return
        stream, edits = self._stream, dialog.scratch.edits

        def planner(session: Session) -> Plan:
            return plan_what_if(session, stream, edits)

        def show(tried: _Tried[Plan]) -> None:
            if tried.error is not None:
                dialog.refusal.say(str(tried.error))
            elif tried.result is not None:
                title = f"Apply what if to {short_stream(stream)}"
                self.house.jobs.ask_repair(planner, tried.result, title, self.house.look.theme)

        self.house.looking.fetch(lambda session: _tried(lambda: planner(session)), show)

    def _take_acceptance(self, field: str, stream: str) -> None:
        """What was tried out has been done: the branch begins anew."""
        if field == FIELD and stream == self._stream and self.dialog is not None and self.dialog.isVisible():
            self._begin(stream, None)

    def bulk_repair(self) -> None:
        self._bulk().show_commands_page()

    def bulk_undo(self) -> None:
        """The filter that is in force over the events is the one to begin with."""
        self._bulk().show_undo_page(self.house.looking.question.filter.text)

    def _bulk(self) -> BulkRepairDialog:
        if self.bulk is None:
            self.bulk = BulkRepairDialog(self.house.look, self.house.jobs, self.house.looking, self.house.window)
            self.house.looking.fetch(commandable, self.bulk.by_command.show_commands)
        self.house.looking.fetch(states_of, self.bulk.by_command.condition.know)
        self.bulk.show()
        self.bulk.raise_()
        self.bulk.activateWindow()
        return self.bulk


def _tried(job: Callable[[], T]) -> _Tried[T]:
    try:
        return _Tried(job())
    except KnownError as error:
        return _Tried(None, error)
