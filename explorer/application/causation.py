"""What led to an event and what followed from it: its causes back, their effects forward, and its piece of work.

A cause is an event of this store, or something outside it: a command, or an event of another log. Every step is
bounded, and the graph says where it was cut. Foreign ids may run in circles: nothing is visited twice.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from explorer.application.event_list import EventRow, described
from explorer.application.session import Session
from explorer.errors import Missing
from explorer.projections.causes import ID, effects_of, work_of
from explorer.store.codec import Record, id_text

MOST = 200
"""Events of a graph."""
OUTSIDE = "a command or event outside this log"


class Node(NamedTuple):
    """An event, or (without a `row`) a cause that is no event of this store. `id` is its UUID's text."""

    id: str
    row: EventRow | None = None
    is_of_work: bool = False

    @property
    def position(self) -> int:
        """0 for what is outside."""
        return self.row.position if self.row else 0


class Edge(NamedTuple):
    """`effect` was caused by `cause`; both are ids of nodes."""

    cause: str
    effect: str


@dataclass(frozen=True, slots=True)
class Graph:
    """`shown` is the event that was asked about. Nodes stand in order of position, those outside first.

    `more_work`, `more_causes`, `more_effects`: there are more of them than are shown.
    """

    shown: int
    correlation: UUID | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    more_work: bool = False
    more_causes: bool = False
    more_effects: bool = False

    @property
    def cut(self) -> str:
        """What is not shown, in words; empty if all is."""
        parts = (
            (self.more_causes, "earlier causes"),
            (self.more_effects, "further effects"),
            (self.more_work, "the rest of this piece of work"),
        )
        named = [words for is_cut, words in parts if is_cut]
        return f"No more than {len(self.nodes):,} are shown here; left out: {', '.join(named)}." if named else ""

    def causes(self, id_: str) -> list[str]:
        return [edge.cause for edge in self.edges if edge.effect == id_]

    def effects(self, id_: str) -> list[str]:
        return [edge.effect for edge in self.edges if edge.cause == id_]


def graph(session: Session, position: int, most: int = MOST) -> Graph:
    """The event's piece of work, and the chain of causes and effects that it stands in; at most `most` events.

    Raises Missing for an event that is not there. The nearest causes and effects come first, then the rest of the work.
    """
    gathering = _Gathering(session, _event(session, position), most)
    gathering.go_back()
    gathering.go_forward()
    gathering.add_work()
    gathering.add_causes()
    return gathering.result()


def correlation_of(session: Session, position: int) -> UUID | None:
    """The piece of work that an event belongs to; None where it names none. Raises Missing."""
    return _work(_event(session, position))


def _event(session: Session, position: int) -> Record:
    found = session.store.records_at([position])
    if not found:
        raise Missing(f"There is no event {position:,}; the log has the events 1 to {session.store.head().size:,}.")
    return found[0]


def _work(record: Record) -> UUID | None:
    id_ = record.correlation_id
    return UUID(bytes=id_) if id_ is not None and len(id_) == ID else None


class _Gathering:
    """What has been found so far: records by position, and where it had to stop."""

    def __init__(self, session: Session, shown: Record, most: int) -> None:
        self._session, self._shown, self._most = session, shown, most
        self._records: dict[int, Record] = {shown.position: shown}
        self._outside: set[bytes] = set()
        """Causes that are no events here."""
        self._more_work = self._more_causes = self._more_effects = False

    @property
    def _room(self) -> int:
        return self._most - len(self._records)

    def go_back(self) -> None:
        """An event has one cause: a chain, until one is unknown, outside, or met already."""
        record, seen = self._shown, {self._shown.id}
        while record.causation_id is not None and record.causation_id not in seen:
            if self._room <= 0:
                self._more_causes = True
                return
            seen.add(record.causation_id)
            causes = self._session.store.records_of([record.causation_id])
            if not causes:
                self._outside.add(record.causation_id)
                return
            record = causes[0]
            self._records[record.position] = record

    def go_forward(self) -> None:
        """Breadth first: the nearest effects of all, then theirs; of an outer cause the events beside this one, too."""
        ids, asked = {self._shown.id, *self._outside}, set[bytes]()
        while ids:
            asked |= ids
            found = self._effects(ids)
            new = [place for place in found if place not in self._records]
            self._more_effects = self._more_effects or len(new) > self._room
            self._records |= {record.position: record for record in self._read(new[: self._room])}
            # In a circle an effect may be a cause that is here already: what followed from it followed from this, too.
            ids = {self._records[place].id for place in found if place in self._records} - asked

    def _read(self, positions: Collection[int]) -> list[Record]:
        return self._session.store.records_at(positions) if positions else []

    def _effects(self, ids: Collection[bytes]) -> list[int]:
        """The first ones of each; one more than there is ever room for."""
        with self._session.asking() as connection:
            followed = effects_of(connection, ids, self._most + 1)
        return sorted({place for places in followed.values() for place in places})

    def add_work(self) -> None:
        correlation = self._shown.correlation_id
        if correlation is None:
            return
        with self._session.asking() as connection:
            places = work_of(connection, correlation, self._most + 1)
        new = [place for place in places if place not in self._records]
        self._more_work = len(new) > self._room or len(places) > self._most
        self._records |= {record.position: record for record in self._read(new[: self._room])}

    def add_causes(self) -> None:
        """Of all that is there by now, so that no event of this store is taken for something outside."""
        while missing := self._session.store.records_of(self._unknown_causes()):
            new = missing[: self._room]
            self._more_causes = self._more_causes or len(new) < len(missing)
            if not new:
                return
            self._records |= {record.position: record for record in new}

    def _unknown_causes(self) -> set[bytes]:
        records = self._records.values()
        causes = {record.causation_id for record in records if record.causation_id is not None}
        return causes - {record.id for record in records}

    def result(self) -> Graph:
        records = [self._records[place] for place in sorted(self._records)]
        correlation = self._shown.correlation_id
        events = [
            Node(id_text(record.id), row, correlation is not None and record.correlation_id == correlation)
            for record, row in zip(records, described(self._session, records), strict=True)
        ]
        outside = self._unknown_causes()
        # Where there was no room left, what is unknown here may be an event all the same: then it is not shown at all.
        outside -= {record.id for record in self._session.store.records_of(outside)}
        known = outside | {record.id for record in records}
        return Graph(
            self._shown.position,
            _work(self._shown),
            (*(Node(id_text(id_)) for id_ in sorted(outside)), *events),
            tuple(
                Edge(id_text(record.causation_id), id_text(record.id))
                for record in records
                if record.causation_id is not None and record.causation_id in known
            ),
            self._more_work,
            self._more_causes,
            self._more_effects,
        )


class Branch(NamedTuple):
    """A line of the graph as a tree. `again`: its effects stand where it was met first."""

    depth: int
    node: Node
    again: bool = False


def branches(found: Graph) -> list[Branch]:
    """The graph as an indented tree: each node below its cause, what has none at the left; circles are cut."""
    nodes = {node.id: node for node in found.nodes}
    effects: dict[str, list[str]] = {}
    for edge in found.edges:
        effects.setdefault(edge.cause, []).append(edge.effect)
    caused = {edge.effect for edge in found.edges}
    lines: list[Branch] = []
    seen: set[str] = set()
    # What runs in a circle has no beginning: it begins where it was met first.
    for root in (*(node.id for node in found.nodes if node.id not in caused), *nodes):
        if root not in seen:
            _grow(root, nodes, effects, seen, lines)
    return lines


def _grow(
    root: str, nodes: dict[str, Node], effects: dict[str, list[str]], seen: set[str], lines: list[Branch]
) -> None:
    waiting = [(root, 0)]
    while waiting:
        id_, depth = waiting.pop()
        lines.append(Branch(depth, nodes[id_], again=id_ in seen))
        if id_ not in seen:
            seen.add(id_)
            waiting += [(effect, depth + 1) for effect in reversed(effects.get(id_, ()))]
