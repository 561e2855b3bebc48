"""Watching the log by the store's rules: each event at which a rule's condition becomes true is a finding.

Findings are derived, and kept in a file that may be deleted. Whoever comes first brings them up to the head, in batches
that are one transaction each: it says where every rule really is, so two may be at it, and one who was stopped goes on
where he was. A rule that was changed is watched anew from the first event; what a retired one found is forgotten.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explorer.application.becoming import Becoming, Wanted
from explorer.application.rules import Rules, StoredRule
from explorer.application.session import Session
from explorer.domain.rule import SEVERITIES
from explorer.projections.cache import Discarded
from explorer.projections.findings import KEPT, Finding, Watched, Writing
from explorer.projections.runner import Progress, no_progress

BATCH = 2_000
"""Events of one transaction."""


class RuleStanding(NamedTuple):
    """A rule, how far it was watched, how much it has found, and how much of that is kept."""

    stored: StoredRule
    watched: int = 0
    found: int = 0

    @property
    def kept(self) -> int:
        return min(self.found, KEPT)


def watch(session: Session, progress: Progress = no_progress) -> int:
    """Brings the findings of all rules up to the head; how many of them are new.

    `progress` may raise Cancelled. Raises Busy while another process is at it.
    """
    watcher = Watcher(session)
    try:
        return watcher.watch(progress)
    except Discarded:
        return watcher.watch(progress)


def standings(session: Session, rules: Sequence[StoredRule]) -> list[RuleStanding]:
    """What was found by each of these rules, as far as it was watched."""
    turn(session)
    known = {(one.rule, one.version): one for one in session.findings.watched()}
    found: list[RuleStanding] = []
    for rule in rules:
        row = known.get((rule.stream, rule.version))
        found.append(RuleStanding(rule, row.position, row.found) if row else RuleStanding(rule))
    return found


def turn(session: Session) -> None:
    """Looks at what was found with what is known of erasures and keys here."""
    session.findings.turn_to(session.store.codec.erasures, session.protection.key_file_name)


def by_severity(found: Sequence[RuleStanding]) -> dict[str, int]:
    """How many findings there are of each severity, the worst first."""
    counts = Counter[str]()
    for one in found:
        counts[SEVERITIES[one.stored.severity]] += one.found
    return {severity: counts[severity] for severity in reversed(SEVERITIES)}


class _Batch(NamedTuple):
    found: int
    reached: int


class Watcher:
    """Watches on, each time it is asked; what it knows of streams it keeps."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rules = Rules(session)
        self._group: tuple[tuple[str, int], ...] = ()
        self._becoming = Becoming(session, ())

    def watch(self, progress: Progress = no_progress) -> int:
        """See `watch`; Discarded, where the file was damaged, means: again."""
        session, found = self._session, 0
        while True:
            session.protection.refresh()
            turn(session)
            if not self.is_behind():
                return found
            with session.findings.writing() as tables:
                batch = self._batch(tables)
            if batch is None:
                return found
            found += batch.found
            progress(batch.reached, session.store.head().size)

    def is_behind(self) -> bool:
        """Whether there is anything to do; looked at without the lock, so that nobody waits for it who has nothing."""
        wanted = {(one.stream, one.version) for one in self._rules.all() if one.is_watched}
        known = self._session.findings.watched()
        head = self._session.store.head().size
        reached = {(one.rule, one.version) for one in known if one.position >= head and self._is_of_this_log(one)}
        return {(one.rule, one.version) for one in known} != wanted or reached != wanted

    def _is_of_this_log(self, watched: Watched) -> bool:
        """Whether the log has the event up to which it was watched: it may have been restored or rolled back since."""
        if watched.position == 0:
            return True
        event = self._session.store.essences(watched.position - 1, 1)
        return bool(event) and event[0].leaf == watched.leaf

    def _batch(self, tables: Writing) -> _Batch | None:
        """Watches the next events by those rules that are furthest behind; None where there are none."""
        rules = {one.stream: one for one in self._rules.all() if one.is_watched}
        known = self._still_known(tables, rules)
        head = self._session.store.head().size
        at = min((one.position for one in known), default=head)
        until = min((one.position for one in known if one.position > at), default=head)
        group = [one for one in known if one.position == at]
        records = self._session.store.records(at, min(BATCH, until - at)) if until > at else []
        if not records:
            for one in group:
                tables.add(one, ())
            return None
        self._turn_to([rules[one.rule] for one in group])
        became, last, new = self._becoming.among(records), records[-1], 0
        for place, one in enumerate(group):
            severity = rules[one.rule].severity
            found = [
                Finding(one.rule, record.position, severity, record.stream, record.version)
                for record, bits in became
                if bits >> place & 1
            ]
            new += len(found)
            tables.add(one._replace(position=last.position, leaf=last.leaf, found=one.found + len(found)), found)
        return _Batch(new, last.position)

    def _still_known(self, tables: Writing, rules: Mapping[str, StoredRule]) -> list[Watched]:
        """How far each rule was watched; what was found by others, or in another log, is forgotten."""
        known: dict[str, Watched] = {}
        for one in tables.watched():
            rule = rules.get(one.rule)
            if rule is None or rule.version != one.version or not self._is_of_this_log(one):
                tables.forget(one.rule)
            else:
                known[one.rule] = one
        return [known.get(stream) or Watched(stream, rule.version, 0, b"", 0) for stream, rule in rules.items()]

    def _turn_to(self, rules: Sequence[StoredRule]) -> None:
        group = tuple((one.stream, one.version) for one in rules)
        if group != self._group:
            wanted = [Wanted(one.condition, one.rule.category) for one in rules if one.condition is not None]
            self._becoming, self._group = Becoming(self._session, wanted), group
