"""Filters and colour rules: kept under a name, narrowed by a value that is pointed at, seen in the list."""

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QInputDialog

from explorer.application.colouring import Rule, as_text, from_text
from explorer.application.values import equal_to, field_of_event
from explorer.gui.actions import Action
from explorer.gui.colour_rules_dialog import ColourRulesDialog, Draft
from explorer.gui.panels.filter_bar import FilterBar
from explorer.gui.panels.plain import plain
from explorer.gui.room import House, Room
from explorer.language.completion import Known

LONGEST = 40
"""Characters of a condition in a menu."""


class Filtering(Room):
    """What is picked in the event's detail, or pointed at in the list, becomes a condition of the filter."""

    ACTIONS = (
        Action(
            "filter_by_value",
            "Edit",
            "Filter b&y this value",
            "List only events in which the value picked stands in its field",
            ("Ctrl+Shift+A",),
            ("store", "value"),
            separated=True,
            places=("event", "field"),
        ),
        Action(
            "exclude_value",
            "Edit",
            "E&xclude this value",
            "List no events in which the value picked stands in its field",
            ("Ctrl+Shift+N",),
            ("store", "value"),
            places=("event", "field"),
        ),
        Action(
            "save_filter",
            "Edit",
            "&Save filter…",
            "Give the filter of the event list a name under which it is found again",
            ("Ctrl+S",),
            ("store", "filter"),
        ),
        Action(
            "colour_rules",
            "View",
            "Colour rules…",
            "Mark events of the list and the timeline for which a condition holds",
            ("Ctrl+Alt+C",),
            ("store",),
            places=("event",),
        ),
    )
    REASONS: ClassVar[Mapping[str, str]] = {
        "value": "No value is picked: choose one in the event's changes, data or envelope, or a cell of the list.",
        "filter": "No filter is in force.",
    }

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.rules = from_text(house.settings.text("colour_rules"))
        self._drafts: tuple[Draft, ...] | None = None
        # Not before the window is furnished: there is no bar yet, and others listen to what is asked.
        QTimer.singleShot(0, self, self._move_in)
        house.looking.picked_changed.connect(self._name_value)

    def _move_in(self) -> None:
        bar, actions = self._bar(), self.house.actions
        if bar is not None:
            bar.own_actions = [actions["save_filter"], actions["colour_rules"]]
        if self.rules:
            self.house.looking.look(rules=self.rules)

    def missing(self) -> set[str]:
        looking = self.house.looking
        return {
            *(() if self.condition else ("value",)),
            *(("filter",) if looking.question.filter.is_empty else ()),
        }

    # By value

    @property
    def condition(self) -> str:
        """What the value picked says of an event; empty where it says nothing."""
        return self._of_value("==")

    def _of_value(self, sign: str) -> str:
        picked, answer = self.house.looking.picked, self.house.looking.answer
        if picked is None:
            return ""
        if picked.source == "event":
            return equal_to(picked.path, picked.value, sign)
        event = answer.stream.event if answer and answer.stream else None
        field = field_of_event(picked.path, event.data) if event else ""
        return equal_to(field, picked.value, sign) if field else ""

    def filter_by_value(self) -> None:
        self._narrow(self.condition)

    def exclude_value(self) -> None:
        self._narrow(self._of_value("!="))

    def _narrow(self, condition: str) -> None:
        looking = self.house.looking
        if condition:
            looking.show_filter(looking.question.filter.and_also(condition))

    def _name_value(self) -> None:
        """The menus say which value it would be."""
        shown = plain(self.condition)
        shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
        for entry in self.ACTIONS[:2]:
            text = f"{entry.text}: {shown.replace('&', '&&')}" if shown else entry.text
            self.house.actions[entry.id].setText(text)

    # Saving

    def save_filter(self) -> None:
        bar = self._bar()
        if bar is None:
            return
        text = self.house.looking.question.filter.text
        dialog = QInputDialog(self.house.window)
        dialog.setObjectName("save_filter")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Save filter")
        dialog.setLabelText(f"A name for {plain(text)[:200]}")
        dialog.setOkButtonText("Save filter")

        def keep(name: str) -> None:
            self.keep_filter(name, text)

        dialog.textValueSelected.connect(keep)
        dialog.open()

    def keep_filter(self, name: str, text: str) -> None:
        """Puts a filter under a name; blank, its own text is the name."""
        bar = self._bar()
        if bar is not None:
            name = " ".join(name.split()) or text
            bar.filters.save(name, text)
            self.house.looking.told.emit(f"The filter is saved as {plain(name)}.")

    def _bar(self) -> FilterBar | None:
        return self.house.window.findChild(FilterBar)

    # Colour rules

    def colour_rules(self) -> None:
        bar, house = self._bar(), self.house
        known = bar.field.known if bar is not None else Known
        dialog = ColourRulesDialog(self.rules, house.look, house.window, known, self._drafts)
        dialog.wished.connect(self.show_rules)
        dialog.left.connect(self._keep_drafts)
        if bar is not None:
            dialog.entered.connect(bar.field.entered)
        dialog.open()

    def _keep_drafts(self, drafts: tuple[Draft, ...] | None) -> None:
        """Who goes without using what he wrote finds it again."""
        self._drafts = drafts

    def show_rules(self, rules: tuple[Rule, ...]) -> None:
        """Puts rules in force, and keeps them."""
        self.rules, self._drafts = rules, None
        self.house.settings.set_text("colour_rules", as_text(rules))
        self.house.looking.look(rules=rules)
