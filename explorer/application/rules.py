"""The rules of a store: what they are as of now, and how they are set and retired."""

from collections.abc import Iterable
from typing import NamedTuple

from explorer.application.conditions import StateCondition
from explorer.application.finding import Where
from explorer.application.handle import handle
from explorer.application.hinting import states_of, understood
from explorer.application.history import state_at
from explorer.application.session import Session
from explorer.domain.event import Event, Metadata
from explorer.domain.rule import CATEGORY, RULE, SEVERITIES, RetireRule, Rule, SetRule, rule_stream
from explorer.errors import BadInput, Damaged, Missing
from explorer.store.event_store import PAGE

SEVERITY = "warning"
"""Of a new rule, if nobody says another."""


class StoredRule(NamedTuple):
    """A rule as of a version of its stream. `condition` is None, and `fault` says why, where it cannot be read."""

    stream: str
    version: int
    rule: Rule
    condition: StateCondition | None = None
    fault: str = ""

    @property
    def severity(self) -> int:
        """0 is info; greater is worse."""
        return SEVERITIES.index(self.rule.severity) if self.rule.severity in SEVERITIES else 0

    @property
    def is_watched(self) -> bool:
        return self.rule.is_in_force and self.condition is not None


class Rules:
    """Reads them, as of a position or as of now; what has not moved on since is not read again."""

    def __init__(self, session: Session, position: int | None = None) -> None:
        self._session, self._position = session, position
        self._known: dict[str, StoredRule] = {}

    def all(self) -> list[StoredRule]:
        """Those in force and those retired, by the names of their streams."""
        store, prefix = self._session.store, f"{CATEGORY}-"
        streams: list[str] = []
        while True:
            page = [name for name in store.streams(streams[-1] if streams else prefix) if name.startswith(prefix)]
            streams += page
            if len(page) < PAGE:
                break
        at = self._position
        latest = store.versions_of(streams) if at is None else {one: store.version_at(one, at) for one in streams}
        self._known = {stream: self._read(stream, version) for stream, version in latest.items()}
        return list(self._known.values())

    def _read(self, stream: str, version: int) -> StoredRule:
        known = self._known.get(stream)
        if known is not None and known.version == version:
            return known
        state = RULE.initial
        for record in self._session.store.stream_records(stream, 1, version):
            try:
                state = RULE.evolve(state, self._session.store.codec.domain_event(record))
            except Damaged:
                continue  # it changes nothing, as everywhere; a verification tells of it
        if not state.name:
            return StoredRule(stream, version, state)
        try:
            return StoredRule(stream, version, state, StateCondition.parse(state.condition))
        except BadInput as error:
            return StoredRule(stream, version, state, None, str(error))


def rules_of(session: Session) -> list[StoredRule]:
    """All rules, those that are retired too, in the order of their severity, the worst first, and their names."""
    return in_order(Rules(session).all())


def in_order(rules: Iterable[StoredRule]) -> list[StoredRule]:
    """As `rules_of`."""
    found = [one for one in rules if one.rule.name]
    return sorted(found, key=lambda one: (one.rule.is_retired, -one.severity, one.rule.name.casefold()))


def kept(session: Session, name: str, severity: str | None, category: str | None) -> tuple[str, str]:
    """The severity and category that a rule has when it is set anew: those that nobody says, it keeps."""
    stream = rule_stream(name)
    version = session.store.version_of(stream)
    before = state_at(session, stream, version).state if version else {}
    if severity is None:
        severity = str(before.get("severity") or SEVERITY)
    return severity, str(before.get("category") or "") if category is None else category


def set_rule(
    session: Session,
    name: str,
    condition: str,
    about: Metadata,
    *,
    severity: str | None = None,
    category: str | None = None,
    expected_version: int | None = None,
) -> list[Event]:
    """Makes a rule, or changes the one of that name; no event if it is as it was.

    Without a `severity` or `category` it keeps what it had; a new rule is a warning on all streams. Raises
    NotUnderstood for a condition that cannot be read, Refused with what else is wrong.
    """
    stream = rule_stream(name)
    if severity is None or category is None:
        expected_version = session.store.version_of(stream) if expected_version is None else expected_version
        severity, category = kept(session, name, severity, category)
    understood(condition, states_of(session, Where(category=category.strip())))
    command = SetRule(name.strip(), condition.strip(), severity, category.strip())
    return handle(session, stream, command, about, expected_version=expected_version)


def retire_rule(session: Session, name: str, about: Metadata) -> list[Event]:
    """Ends a rule; what it has found is forgotten. No event if it is retired. Raises Missing if there is none."""
    stream = rule_stream(name)
    if session.store.version_of(stream) == 0:
        raise Missing(f"There is no rule named {name!r} in {session.path}.")
    return handle(session, stream, RetireRule(), about)
