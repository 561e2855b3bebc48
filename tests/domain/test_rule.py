"""Every rule of rules as given / when / then, and that what is restored or undone is as it was."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.domain.decider import Facts
from explorer.domain.rule import (
    RULE,
    RetireRule,
    Rule,
    RuleCommand,
    RuleEvent,
    RuleRetired,
    RuleSet,
    SetRule,
    rule_stream,
)
from explorer.errors import Refused
from tests.domain.specification import Specification
from tests.domain.stored_form import stored_and_read, through_json

FACTS = Facts(now=0)
rule = Specification(RULE, FACTS)
FIRST = RuleSet("Too many", "units > 9", "warning")
RETIRED = RuleRetired("Too many")


def test_a_rule_is_made_and_its_change_records_what_was() -> None:
    rule.given().when(SetRule("Too many", "units > 9")).then(FIRST)
    rule.given(FIRST).when(SetRule("Too many", "units > 20", "error", "cart")).then(
        RuleSet("Too many", "units > 20", "error", "cart", "units > 9", "warning", "")
    )
    rule.given(FIRST).when(SetRule("Too many", "units > 9")).then_nothing_happened()


def test_a_rule_is_retired_and_can_be_put_in_force_again() -> None:
    rule.given(FIRST).when(RetireRule()).then(RETIRED)
    rule.given(FIRST, RETIRED).when(RetireRule()).then_nothing_happened()
    rule.given(FIRST, RETIRED).when(SetRule("Too many", "units > 9")).then(FIRST)
    rule.given().when(RetireRule()).then_refused_because("There is no such rule.", beside="name")


@pytest.mark.parametrize("name", ["", " ", "-!-", "x" * 101])
def test_a_name_has_something_in_it(name: str) -> None:
    rule.given().when(SetRule(name, "units > 9")).then_refused_because(
        "A rule's name needs 1 to 100 characters, and a letter or digit among them.", beside="name"
    )


def test_names_that_differ_in_signs_only_are_not_two_rules() -> None:
    assert rule_stream("Too many") == rule_stream("too-many!") == "rule-too-many"
    assert rule_stream("Quantity above 10,000") == "rule-quantity-above-10-000"
    rule.given(FIRST).when(SetRule("too-many!", "units > 9")).then_refused_because(
        "There is a rule named “Too many” already, which differs in signs only: use that name, or another.",
        beside="name",
    )


def test_condition_severity_and_category_are_looked_at() -> None:
    for condition in ("", "  ", "x" * 1_001):
        rule.given().when(SetRule("A", condition)).then_refused_because(
            "A rule needs a condition, of 1,000 characters at most.", beside="condition"
        )
    rule.given().when(SetRule("A", "x", "grave")).then_refused_because(
        "A rule's severity is one of info, warning, error.", beside="severity"
    )
    rule.given().when(SetRule("A", "x", "info", "cart-1")).then_refused_because(
        "A category is the text before the first - in a stream's name, such as cart.", beside="category"
    )


commands: st.SearchStrategy[RuleCommand] = st.one_of(
    st.builds(SetRule, st.just("A"), st.sampled_from(["x", "y"]), st.sampled_from(["info", "error"]), st.just("cart")),
    st.just(RetireRule()),
)


def states(given_commands: list[RuleCommand]) -> tuple[list[Rule], list[RuleEvent]]:
    """The states, from the empty one on, and the events between them."""
    found, events = [Rule()], list[RuleEvent]()
    for command in given_commands:
        try:
            happened = RULE.decide(command, found[-1], FACTS)
        except Refused:
            continue
        for event in happened:
            events.append(event)
            found.append(RULE.evolve(found[-1], stored_and_read(event)))
    return found, events


def carried_out(commands_: "list[RuleCommand] | tuple[RuleCommand, ...]", state: Rule) -> Rule:
    for command in commands_:
        state = reduce(RULE.evolve, RULE.decide(command, state, FACTS), state)
    return state


@given(st.lists(commands, max_size=8))
def test_any_state_is_restored_but_that_before_the_first(given_commands: list[RuleCommand]) -> None:
    found, _ = states(given_commands)
    for then in found[1:]:
        assert carried_out([*RULE.restore(found[-1], then)], found[-1]) == then
        assert through_json(RULE.document(then)) == RULE.document(then)
    with pytest.raises(Refused, match="Retire it instead"):
        RULE.restore(found[-1], Rule())


@given(st.lists(commands, min_size=1, max_size=8))
def test_the_last_event_is_undone(given_commands: list[RuleCommand]) -> None:
    found, events = states(given_commands)
    if events:
        undone = carried_out([*RULE.undo(events[-1], found[-1])], found[-1])
        assert undone.is_in_force == found[-2].is_in_force
        if undone.is_in_force:
            assert undone == found[-2]


@given(st.lists(commands, max_size=8))
def test_the_command_of_an_event_causes_it_again(given_commands: list[RuleCommand]) -> None:
    found, events = states(given_commands)
    for before, event in zip(found, events, strict=False):
        assert RULE.command is not None
        again = RULE.command(event, before)
        assert again is not None
        assert RULE.decide(again, before, FACTS) == [event]


def test_what_was_changed_since_is_not_undone() -> None:
    now = Rule("Too many", "units > 20", "warning")
    with pytest.raises(Refused, match="changed again since"):
        RULE.undo(FIRST, now)
    with pytest.raises(Refused, match="in force again"):
        RULE.undo(RETIRED, now)
