"""What led to an event and what followed from it, in stores of our own and in those of others."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.causation import Graph, branches, graph
from explorer.application.repair import carry_out, plan_undo
from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.errors import Missing
from tests.application.shop import Clock, open_cart, opened, stock


def id_of(number: int) -> UUID:
    return UUID(int=number)


def happen(session: Session, *events: tuple[int | None, int | None]) -> None:
    """Each with its correlation and its cause, by number; the event at position n has the id n."""
    for correlation, cause in events:
        position = session.store.head().size + 1
        about = Metadata("ann", "", id_of(correlation) if correlation else None, id_of(cause) if cause else None)
        event = NewEvent("Noted", {"number": position}, about, id=id_of(position))
        session.store.append("thing-1", session.store.version_of("thing-1"), [event])
    session.catch_up()


def positions(found: Graph) -> list[int]:
    return [node.position for node in found.nodes]


def edges(found: Graph) -> set[tuple[int, int]]:
    return {(UUID(edge.cause).int, UUID(edge.effect).int) for edge in found.edges}


def tree(found: Graph) -> list[str]:
    return ["  " * depth + str(node.position or "outside") + ("…" if again else "")
            for depth, node, again in branches(found)]  # fmt: skip


def test_causes_back_and_effects_forward(session: Session) -> None:
    happen(session, (None, None), (None, 1), (None, 2), (None, 2), (None, 4), (None, None))
    found = graph(session, 2)
    assert positions(found) == [1, 2, 3, 4, 5]
    assert edges(found) == {(1, 2), (2, 3), (2, 4), (4, 5)}
    assert tree(found) == ["1", "  2", "    3", "    4", "      5"]
    assert (found.cut, found.correlation) == ("", None)
    assert positions(graph(session, 6)) == [6]
    assert positions(graph(session, 5)) == [1, 2, 4, 5], "what only has the cause in common is not asked for"


def test_a_piece_of_work_is_there_whole(session: Session) -> None:
    happen(session, (90, None), (91, None), (90, None), (90, 3), (91, 1))
    found = graph(session, 3)
    assert positions(found) == [1, 3, 4]
    assert [node.is_of_work for node in found.nodes] == [True, True, True]
    assert found.correlation == id_of(90)
    assert [node.is_of_work for node in graph(session, 1).nodes] == [True, True, True, False]


def test_a_cause_outside_is_shown_and_whatever_else_it_caused(session: Session) -> None:
    happen(session, (None, 99), (None, None), (None, 99), (None, 3))
    found = graph(session, 1)
    assert positions(found) == [0, 1, 3, 4]
    assert found.nodes[0].row is None
    assert edges(found) == {(99, 1), (99, 3), (3, 4)}
    assert tree(found) == ["outside", "  1", "  3", "    4"]


def test_the_causes_of_a_whole_piece_of_work_are_events_where_they_are(session: Session) -> None:
    happen(session, (None, None), (None, 1), (90, 2), (90, None))
    assert tree(graph(session, 4)) == ["1", "  2", "    3", "4"]


@pytest.mark.parametrize("position", [1, 2, 3])
def test_foreign_circles_end(session: Session, position: int) -> None:
    happen(session, (None, 3), (None, 1), (None, 2), (None, 4))
    found = graph(session, position)
    assert positions(found) == [1, 2, 3]
    assert tree(found) == ["1", "  2", "    3", "      1…"]
    assert tree(graph(session, 4)) == ["4", "  4…"]


@pytest.mark.parametrize(
    ("events", "shown", "cut"),
    [
        ([(None, None), *((None, n) for n in range(1, 9))], 9, "earlier causes"),
        ([(None, None), *((None, n) for n in range(1, 9))], 1, "further effects"),
        ([(None, None), *((None, 1) for _ in range(8))], 1, "further effects"),
        ([(90, None)] * 9, 4, "the rest of this piece of work"),
        ([(None, n) for n in range(51, 55)] + [(None, 1), (90, 5), (90, 2), (90, 3), (90, 4)], 8, "earlier causes"),
    ],
)
def test_a_graph_is_bounded_and_says_so(
    session: Session, events: list[tuple[int | None, int | None]], shown: int, cut: str
) -> None:
    happen(session, *events)
    found = graph(session, shown, most=5)
    assert len([place for place in positions(found) if place]) <= 5
    assert shown in positions(found)
    assert cut in found.cut
    assert not graph(session, shown, most=20).cut


def test_what_is_just_within_the_bound_is_not_cut(session: Session) -> None:
    happen(session, (90, None), (90, 1), (90, 2), (90, 3), (90, 4))
    for shown in range(1, 6):
        assert graph(session, shown, most=5).cut == ""


def test_a_repair_is_the_effect_of_what_it_repairs(session: Session) -> None:
    stock(session)
    open_cart(session)
    done = carry_out(session, plan_undo(session, "cart-1", 2), "Bob", "too many")
    session.catch_up()
    found = graph(session, 6)
    repaired = UUID(bytes=session.store.records_at([6])[0].id)
    assert edges(found) == {(repaired.int, done[0].id.int)}
    row = found.nodes[-1].row
    assert row is not None
    assert (row.type, row.actor, row.summary) == ("ItemRemoved", "Bob", "2 × mug · Mug, white")


def test_an_event_that_is_not_there_is_told(session: Session) -> None:
    happen(session, (None, None))
    with pytest.raises(Missing, match="the log has the events 1 to 1"):
        graph(session, 2)


numbers = st.one_of(st.none(), st.integers(1, 9))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_graph_is_whole_bounded_and_ends(data: st.DataObject) -> None:

    events = data.draw(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=9))
    most = data.draw(st.integers(1, 12))
    with TemporaryDirectory() as folder, opened(Path(folder), Clock()) as session:
        happen(session, *events)
        for shown in range(1, len(events) + 1):
            found = graph(session, shown, most)
            ids = {node.id for node in found.nodes}
            assert all({edge.cause, edge.effect} <= ids for edge in found.edges)
            assert {line.node.id for line in branches(found)} == ids
            assert sum(node.position > 0 for node in found.nodes) <= most
            assert all(node.position or UUID(node.id).int > len(events) for node in found.nodes)
            if not found.cut:
                assert wanted(events, shown) <= {*positions(found)}


def wanted(events: list[tuple[int | None, int | None]], shown: int) -> set[int]:
    """The chain of causes, all effects, and the work, looked up event by event."""
    found, before = {shown}, set[int]()
    cause = events[shown - 1][1]
    while cause and cause <= len(events) and cause not in found:
        found.add(cause)
        cause = events[cause - 1][1]
    reached = {shown}
    while reached != before:
        before = set(reached)
        reached |= {place for place, (_, why) in enumerate(events, 1) if why in reached}
    work = events[shown - 1][0]
    return found | reached | {place for place, (which, _) in enumerate(events, 1) if work and which == work}
