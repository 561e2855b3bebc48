"""Rules that somebody has made: a condition on a state, with a name and a severity, kept in the store like all else.

So they are shared by whoever opens it, and audited. Whether a condition can be read is not for this room to say.
"""

import re
from typing import assert_never

import msgspec

from explorer.domain.decider import Decider, DomainEvent, Facts, short
from explorer.domain.event import Json
from explorer.errors import Refused

CATEGORY = "rule"
SEVERITIES = ("info", "warning", "error")
MAX_NAME, MAX_CONDITION = 100, 1_000


class SetRule(msgspec.Struct, frozen=True):
    """Make a rule, change it, or put it in force again. Without a `category` it is on the states of all streams."""

    name: str
    condition: str
    severity: str = "warning"
    category: str = ""


class RetireRule(msgspec.Struct, frozen=True):
    pass


class RuleSet(DomainEvent, frozen=True):
    """What is in force from here on. Empty `previous_…`: none was before."""

    name: str
    condition: str
    severity: str
    category: str = ""
    previous_condition: str = ""
    previous_severity: str = ""
    previous_category: str = ""


class RuleRetired(DomainEvent, frozen=True):
    name: str


RuleCommand = SetRule | RetireRule
RuleEvent = RuleSet | RuleRetired


class Rule(msgspec.Struct, frozen=True):
    """A rule as of now; an empty `name` means it was never set. One that is retired says what it was."""

    name: str = ""
    condition: str = ""
    severity: str = ""
    category: str = ""
    is_retired: bool = False

    @property
    def is_in_force(self) -> bool:
        return bool(self.name) and not self.is_retired


def rule_stream(name: str) -> str:
    """`rule-quantity-above-10-000` of `Quantity above 10,000`."""
    words = re.findall(r"[^\W_]+", name.casefold())
    return f"{CATEGORY}-{'-'.join(words)[:MAX_NAME]}"


def decide(command: RuleCommand, state: Rule, facts: Facts) -> list[RuleEvent]:
    """Raises Refused with the rule that the command breaks."""
    del facts
    match command:
        case SetRule():
            _check(command, state)
            wanted = Rule(command.name, command.condition, command.severity, command.category)
            if wanted == state:
                return []
            before = state if state.is_in_force else Rule()
            return [
                RuleSet(
                    command.name,
                    command.condition,
                    command.severity,
                    command.category,
                    before.condition,
                    before.severity,
                    before.category,
                )
            ]
        case RetireRule():
            if not state.name:
                raise Refused("There is no such rule.", "name")
            return [] if state.is_retired else [RuleRetired(state.name)]
        case _:
            assert_never(command)


def _check(command: SetRule, state: Rule) -> None:
    if not re.search(r"[^\W_]", command.name) or len(command.name) > MAX_NAME:
        raise Refused(f"A rule's name needs 1 to {MAX_NAME} characters, and a letter or digit among them.", "name")
    if state.name and state.name != command.name:
        raise Refused(
            f"There is a rule named “{state.name}” already, which differs in signs only: use that name, or another.",
            "name",
        )
    if not command.condition.strip() or len(command.condition) > MAX_CONDITION:
        raise Refused(f"A rule needs a condition, of {MAX_CONDITION:,} characters at most.", "condition")
    if command.severity not in SEVERITIES:
        raise Refused(f"A rule's severity is one of {', '.join(SEVERITIES)}.", "severity")
    if "-" in command.category or len(command.category) > MAX_NAME:
        raise Refused("A category is the text before the first - in a stream's name, such as cart.", "category")


def evolve(state: Rule, event: RuleEvent) -> Rule:
    match event:
        case RuleSet(name, condition, severity, category):
            return Rule(name, condition, severity, category)
        case RuleRetired():
            return Rule(state.name, state.condition, state.severity, state.category, is_retired=True)
        case _:
            assert_never(event)


def document(state: Rule) -> dict[str, Json]:
    return {
        "name": state.name,
        "condition": state.condition,
        "severity": state.severity,
        "category": state.category,
        "is_retired": state.is_retired,
    }


def summary(event: RuleEvent) -> str:
    match event:
        case RuleSet(name, condition, severity, category, previous):
            on = f" on {category}" if category else ""
            was = f" (was {short(previous)})" if previous not in {"", condition} else ""
            return f"“{short(name)}”, {severity}{on}: {short(condition)}{was}"
        case RuleRetired(name):
            return f"“{short(name)}”"
        case _:
            assert_never(event)


def restore(now: Rule, then: Rule) -> list[RuleCommand]:
    """The commands that lead from a rule as it is now to what it was."""
    if not then.name:
        raise Refused("A rule that was set cannot become one that never was. Retire it instead.")
    if now == then:
        return []
    if not then.is_retired:
        return [_set(then)]
    return [RetireRule()] if _set(now) == _set(then) else [_set(then), RetireRule()]


def _set(rule: Rule) -> SetRule:
    return SetRule(rule.name, rule.condition, rule.severity, rule.category)


def undo(event: RuleEvent, now: Rule) -> list[RuleCommand]:
    """The command that takes back what an event did, as long as nothing has changed the same since."""
    match event:
        case RuleSet(name, condition, severity, category):
            if now != Rule(name, condition, severity, category):
                raise Refused("The rule was changed again since: undo that first, or set another.", "condition")
            if not event.previous_condition:
                return [RetireRule()]
            return [SetRule(name, event.previous_condition, event.previous_severity, event.previous_category)]
        case RuleRetired():
            if not now.is_retired:
                raise Refused("The rule is in force again: there is nothing to undo.", "name")
            return [_set(now)]
        case _:
            assert_never(event)


def command(event: RuleEvent, state: Rule) -> RuleCommand:
    """The command that would have caused an event."""
    del state
    match event:
        case RuleSet(name, condition, severity, category):
            return SetRule(name, condition, severity, category)
        case RuleRetired():
            return RetireRule()
        case _:
            assert_never(event)


RULE = Decider(
    category=CATEGORY,
    initial=Rule(),
    events=(RuleSet, RuleRetired),
    commands=(SetRule, RetireRule),
    decide=decide,
    evolve=evolve,
    document=document,
    summary=summary,
    needs=lambda _: (),
    restore=restore,
    undo=undo,
    command=command,
)
