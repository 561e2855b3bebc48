"""The rules of the store and what they find: set, changed and retired here, and watched by this window if by nobody."""

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer

from explorer.application.hinting import States, states_of
from explorer.application.rules import retire_rule, set_rule
from explorer.application.session import Session
from explorer.application.undoing import Done
from explorer.application.view import Answer
from explorer.application.watching import turn, watch
from explorer.domain.event import Metadata, category_of
from explorer.domain.rule import rule_stream
from explorer.errors import Busy, KnownError
from explorer.gui.actions import Action
from explorer.gui.panels.findings_panel import FindingsPanel
from explorer.gui.room import House, Room
from explorer.gui.rule_dialog import FIELD, RuleDialog, RuleWish
from explorer.gui.tasks import Task
from explorer.projections.findings import Finding
from explorer.projections.runner import Progress

PATIENCE = 1_000
"""Milliseconds for which others are given time to watch what is new."""


class Ruling(Room):
    """The panel Findings, and what can be done there."""

    ACTIONS = (
        Action(
            "show_findings",
            "View",
            "Show find&ings",
            "The rules of this store, and what they have found",
            ("Ctrl+Alt+F",),
        ),
        Action(
            "next_finding",
            "Go",
            "Next found by a ru&le",
            "To the next event at which a rule has found something",
            ("F4",),
            ("store", "finding"),
            separated=True,
        ),
        Action(
            "previous_finding",
            "Go",
            "Previo&us found by a rule",
            "To the event before at which a rule has found something",
            ("Shift+F4",),
            ("store", "finding"),
        ),
        Action(
            "set_rule",
            "Tools",
            "Set r&ule…",
            "Make a rule, or change the one that is chosen among the findings; it is recorded in the store",
            ("Ctrl+Shift+U",),
            ("store", "writable"),
            separated=True,
            places=("field",),
        ),
        Action(
            "retire_rule",
            "Tools",
            "Re&tire rule",
            "End the rule that is chosen among the findings; it can be set again",
            ("Ctrl+Alt+X",),
            ("store", "writable", "rule"),
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {
        "finding": "No rule has found anything.",
        "rule": "No rule in force is chosen among the findings.",
    }
    TITLE = "Findings"
    BESIDE = "Trust"

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.panel = self.findings = FindingsPanel(house.looking, house.look, house.actions, house.window)
        self.findings.wanted.connect(house.looking.go_to)
        self.findings.rule_chosen.connect(self.changed)
        self._task: Task | None = None
        self._given_up_at: int | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE)
        self._patience.timeout.connect(self._watch)
        house.looking.answered.connect(self._look_at)

    def missing(self) -> set[str]:
        answer = self.house.looking.answer
        found = answer is not None and any(one.found for one in answer.rulings.in_force)
        chosen = self.findings.chosen
        is_in_force = chosen is not None and chosen.stored.rule.is_in_force
        return {need for need, is_met in (("finding", found), ("rule", is_in_force)) if not is_met}

    # What the user does

    def show_findings(self) -> None:
        self.house.raise_panel(self.findings)

    def next_finding(self) -> None:
        here, rule = self.house.looking.position, self.house.looking.question.finding_rule
        self.house.looking.fetch(lambda session: _following(session, here, rule), self._go)

    def previous_finding(self) -> None:
        here, rule = self.house.looking.position, self.house.looking.question.finding_rule
        self.house.looking.fetch(lambda session: _before(session, here, rule), self._go)

    def _go(self, found: list[Finding]) -> None:
        if found:
            self.house.looking.go_to(found[0].position, found[0].stream)
        else:
            self.house.looking.told.emit("No rule has found anything further that way.")

    def set_rule(self) -> None:
        house, chosen = self.house, self.findings.chosen
        answer = house.looking.answer
        names = {row.category for row in answer.streams} if answer else set[str]()
        if house.looking.question.stream:
            names.add(category_of(house.looking.question.stream))
        rule, version = (chosen.stored.rule, chosen.stored.version) if chosen else (None, None)
        dialog = RuleDialog(house.looking, house.look, sorted(names), house.window, rule, version)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wished.connect(self.carry_out)
        dialog.accepted.connect(self.show_findings)
        dialog.open()
        house.looking.fetch(states_of, self._tell_states)

    def _tell_states(self, states: States) -> None:
        """To the dialogs that are open when it is known."""
        for dialog in self.house.window.findChildren(RuleDialog):
            dialog.condition.know(states)

    def carry_out(self, wish: RuleWish) -> None:
        """Sets a rule as it is wished for."""
        about = Metadata(self.house.looking.actor, wish.reason, origin="window")

        def job(session: Session) -> Done:
            events = set_rule(
                session,
                wish.name,
                wish.condition,
                about,
                severity=wish.severity,
                category=wish.category,
                expected_version=wish.version,
            )
            return Done(rule_stream(wish.name), events)

        self.house.looking.do(job, FIELD)

    def retire_rule(self) -> None:
        """It asks nothing: it can be taken back."""
        chosen = self.findings.chosen
        if chosen is not None:
            name, about = chosen.stored.rule.name, Metadata(self.house.looking.actor, origin="window")
            self.house.looking.do(lambda session: Done(chosen.stored.stream, retire_rule(session, name, about)), FIELD)
            self.house.looking.told.emit(f"“{name}” is retired; Undo, or setting it again, puts it in force.")

    # Watching

    def _look_at(self, answer: Answer) -> None:
        is_wanted = answer.rulings.is_behind and answer.status.head != self._given_up_at
        if is_wanted and self._task is None and not self._patience.isActive():
            self._patience.start()

    def _watch(self) -> None:
        answer = self.house.looking.answer
        if answer is None or not answer.rulings.is_behind or self._task is not None:
            return
        self._task = self.house.jobs.run_quietly("Watching by the rules", _watched)
        self._task.ended.connect(self._end)

    def _end(self, result: object) -> None:
        self._task = None
        answer = self.house.looking.answer
        if isinstance(result, KnownError) and not isinstance(result, Busy):
            # It would hardly do better at once: it is tried again when there is something new.
            self._given_up_at = answer.status.head if answer else None
            self.house.looking.told.emit(str(result))


def _watched(session: Session, progress: Progress) -> str:
    return f"{watch(session, progress):,} found by rules."


def _following(session: Session, position: int, rule: str | None) -> list[Finding]:
    turn(session)
    return session.findings.following(position, rule=rule)


def _before(session: Session, position: int, rule: str | None) -> list[Finding]:
    turn(session)
    return session.findings.newest(1, position, rule)
