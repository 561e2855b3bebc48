"""Undo and redo of one's own edits. Nothing is taken out of the log: an edit is undone by new events, by the rules."""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from explorer.application.bulk_repair import carry_out_bulk
from explorer.application.bulk_undo import plan_undo_of
from explorer.application.kinds import spoken
from explorer.application.repair import carry_out, plan_restore, plan_undo
from explorer.application.session import Session
from explorer.domain.bookmark import BOOKMARK
from explorer.domain.decider import DomainEvent
from explorer.domain.event import Event, category_of
from explorer.domain.rule import RULE
from explorer.errors import Damaged, Refused

TIMELESS = frozenset({BOOKMARK.category, RULE.category})
"""Categories whose streams are about the whole log: they are changed wherever one stands in time."""
LONGEST = 200
"""Characters of an edit's words in a reason."""


class Done(NamedTuple):
    """What one deed of the user's has recorded in a stream; perhaps nothing."""

    stream: str
    events: Sequence[Event]


class Edit(NamedTuple):
    """Consecutive events of a stream that are undone as a whole.

    `at` is the version up to which nothing has come since but what was undone again. `words` say what the edit did.
    """

    stream: str
    first: int
    last: int
    at: int
    words: str = ""


class Work(NamedTuple):
    """One deed that changed several streams, by the positions of its events: undone as a whole, or not at all."""

    positions: tuple[int, ...]
    streams: int

    @property
    def words(self) -> str:
        return f"{len(self.positions):,} events in {self.streams:,} streams"


class TakenBack(NamedTuple):
    """What undid an edit, itself an edit, and its events' positions. `left` are fields that differ all the same."""

    edit: Edit | Work
    first: int
    last: int
    left: tuple[str, ...]


def is_timeless(edit: Edit | Work) -> bool:
    """Whether an edit is undone in the past, too."""
    return isinstance(edit, Edit) and category_of(edit.stream) in TIMELESS


def deed_of(events: Sequence[Event]) -> Edit | Work:
    """What is undone as a whole: at least one event, recorded together."""
    streams = {event.stream for event in events}
    return edit_of(events) if len(streams) == 1 else Work(tuple(event.position for event in events), len(streams))


def edit_of(events: Sequence[Event], words: str = "") -> Edit:
    """At least one event, all of one stream."""
    return Edit(events[0].stream, events[0].version, events[-1].version, events[-1].version, words)


def take_back(session: Session, edit: Edit | Work, actor: str, *, again: bool = False) -> TakenBack:
    """Undoes an edit at once; `again` if it is itself what undid another, whose words it has.

    Raises Refused with the rule, or if others have changed the stream since and the edit is of several events.
    """
    if isinstance(edit, Work):
        return _take_back_work(session, edit, actor, again=again)
    words = edit.words or _words(session, edit)
    if edit.first == edit.last:
        plan = plan_undo(session, edit.stream, edit.first)
    else:
        plan = plan_restore(session, edit.stream, edit.first - 1)
        if plan.version != edit.at:
            raise Refused(
                f"{edit.stream} has changed since these {edit.last - edit.first + 1:,} events, so they are not undone "
                "as a whole. Undo them one by one, or restore the stream to the moment before them."
            )
    if not plan.events:
        raise Refused(f"{edit.stream} is again as it was before: there is nothing to undo.")
    events = carry_out(session, plan, actor, f"{'Redone' if again else 'Undone'}: {words}", "window")
    left = tuple(change.path for change in plan.left)
    return TakenBack(edit_of(events, words), events[0].position, events[-1].position, left)


def _take_back_work(session: Session, work: Work, actor: str, *, again: bool) -> TakenBack:
    plan = plan_undo_of(session, work.positions)
    if plan.refusals:
        first = next(one for one in plan.plans if one.refused)
        raise Refused(
            f"of {work.words} {plan.refusals:,} cannot be taken back, the first in {first.stream}: {first.refused} "
            "Nothing was changed; undo single events, or earlier ones by Event ▸ Undo this event."
        )
    if not plan.events:
        raise Refused("all of it is taken back already: there is nothing to undo.")
    events = carry_out_bulk(session, plan, actor, f"{'Redone' if again else 'Undone'}: {work.words}", "window")
    return TakenBack(deed_of(events), events[0].position, events[-1].position, ())


def settle(stack: MutableSequence[Edit | Work], undone: Edit | Work, by: Edit | Work) -> None:
    """Tells the edit before it, if `undone` followed at once, that its stream is again as that one left it."""
    if isinstance(undone, Work) or isinstance(by, Work):
        return
    for number in reversed(range(len(stack))):
        before = stack[number]
        if isinstance(before, Edit) and before.stream == undone.stream:
            if before.at == undone.first - 1 and by.first == undone.at + 1:
                stack[number] = before._replace(at=by.last)
            return


def _words(session: Session, edit: Edit) -> str:
    """What an edit did. A reason is never erased: what may be personal is not repeated in it."""
    record = next(session.store.stream_records(edit.stream, edit.first, edit.first))
    words = spoken(record.type)
    try:
        event = session.store.codec.domain_event(record)
    except Damaged:
        return words
    if isinstance(event, DomainEvent) and not event.personal:
        words = f"{words} {session.decider(edit.stream).summary(event)}"
    if len(words) > LONGEST:
        words = f"{words[:LONGEST]}…"
    more = edit.last - edit.first
    return f"{words}, and {more:,} more" if more else words
