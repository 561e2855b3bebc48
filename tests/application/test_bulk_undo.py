"""Bulk undo: the events that a filter finds are taken back, newest first within a stream, all or nothing."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.bulk_repair import BulkPlan, carry_out_bulk
from explorer.application.bulk_undo import plan_bulk_undo
from explorer.application.handle import handle
from explorer.application.history import state_at
from explorer.application.repair import carry_out, plan_undo
from explorer.application.session import Session
from explorer.application.verification import verify_store
from explorer.domain.cart import AddItem, ChangeQuantity, CheckOut, RemoveItem, Reprice, SetNote
from explorer.domain.catalogue import RepriceProduct
from explorer.errors import BadInput, Cancelled, Conflict, Refused
from explorer.language.parser import NotUnderstood
from explorer.projections.runner import Progress
from explorer.store.codec import Record
from tests.application.shop import ANN, BOB, Clock, note, open_cart, opened, record, spoil, stock

BOBS = 'actor == "Bob"'


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Session]:
    """Bob was at work: nine mugs and then a pen in cart-1, a note in cart-2, seven mugs in cart-3, which was checked
    out then.
    """
    with opened(tmp_path, Clock()) as session:
        stock(session)
        for number in (1, 2, 3):
            open_cart(session, f"cart-{number}")
        handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
        handle(session, "cart-2", SetNote("Ring twice."), BOB)
        handle(session, "cart-3", ChangeQuantity("mug", 7), BOB)
        handle(session, "cart-1", AddItem("pen", 3), BOB)
        handle(session, "cart-3", CheckOut(), ANN)
        yield session


def told(plan: BulkPlan) -> dict[str, list[str]]:
    """What would happen to each stream, and what would not."""
    return {
        one.stream: [
            *(kind for kind, _ in one.words),
            *(f"{'needless' if stays.is_needless else 'refused'} v{stays.version}" for stays in one.stays),
        ]
        for one in plan.plans
    }


def only_record(session: Session, stream: str, version: int) -> Record:
    return next(iter(session.store.stream_records(stream, version, version)))


def test_what_would_be_done_to_each_stream_is_told_first(shop: Session) -> None:
    head = shop.store.head().size
    plan = plan_bulk_undo(shop, BOBS)
    assert told(plan) == {
        "cart-1": ["ItemRemoved", "ItemQuantityChanged"],
        "cart-2": ["NoteChanged"],
        "cart-3": ["refused v3"],
    }
    assert (plan.events, plan.streams, plan.refusals, plan.needless, plan.looked_at) == (3, 2, 1, 0, 4)
    assert "checked out" in plan.plans[2].refused
    assert {change.path: change.after for change in plan.plans[0].changes}["units"] == 2
    assert shop.store.head().size == head, "nothing was appended"


def test_it_is_one_piece_of_work_and_each_event_names_what_it_takes_back(shop: Session) -> None:
    plan = plan_bulk_undo(shop, BOBS)
    head = shop.store.head().size
    with pytest.raises(Refused, match="1 of 4 events are refused, the first cart-3: This cart is checked out"):
        carry_out_bulk(shop, plan, "Ann", "Bob was ill")
    assert shop.store.head().size == head
    events = carry_out_bulk(shop, plan, "Ann", "Bob was ill", "test", skip_refused=True)
    assert [(event.stream, event.type) for event in events] == [
        ("cart-1", "ItemRemoved"),
        ("cart-1", "ItemQuantityChanged"),
        ("cart-2", "NoteChanged"),
    ]
    assert len({event.metadata.correlation_id for event in events}) == 1
    assert {(event.metadata.actor, event.metadata.reason) for event in events} == {("Ann", "Bob was ill")}
    undone = [only_record(shop, "cart-1", 4), only_record(shop, "cart-1", 3), only_record(shop, "cart-2", 3)]
    assert [event.metadata.causation_id for event in events] == [UUID(bytes=one.id) for one in undone]
    assert state_at(shop, "cart-1").state == state_at(shop, "cart-1", 2).state
    assert verify_store(shop).ok


def test_what_is_taken_back_already_is_needless(shop: Session) -> None:
    carry_out_bulk(shop, plan_bulk_undo(shop, BOBS), "Ann", "Bob was ill", skip_refused=True)
    plan = plan_bulk_undo(shop, BOBS)
    assert told(plan) == {
        "cart-1": ["needless v4", "needless v3"],
        "cart-2": ["needless v3"],
        "cart-3": ["refused v3"],
    }
    assert (plan.events, plan.streams, plan.refusals, plan.needless) == (0, 0, 1, 3)
    assert plan.plans[0].stays[0].why == "It is taken back already, by event 16."


def test_what_was_done_again_since_is_not_needless(shop: Session) -> None:
    (undone,) = carry_out(shop, plan_undo(shop, "cart-2", 3), "Ann", "why")
    carry_out(shop, plan_undo(shop, "cart-2", undone.version), "Ann", "after all")
    assert told(plan_bulk_undo(shop, f'{BOBS} and stream == "cart-2"')) == {"cart-2": ["NoteChanged"]}
    handle(shop, "cart-2", SetNote("Do not ring."), ANN)
    assert told(plan_bulk_undo(shop, f'{BOBS} and stream == "cart-2"')) == {"cart-2": ["refused v3"]}


def test_a_wrong_price_and_all_that_came_of_it_are_taken_back_together(shop: Session) -> None:
    """The product is put right before the carts, whose rules ask for today's price."""
    handle(shop, "product-mug", RepriceProduct(3), BOB)
    handle(shop, "cart-1", Reprice("mug"), BOB)
    plan = plan_bulk_undo(shop, 'type ~ "*Repriced"')
    assert told(plan) == {"product-mug": ["ProductRepriced"], "cart-1": ["ItemRepriced"]}
    carry_out_bulk(shop, plan, "Ann", "a wrong list")
    shop.catch_up()
    last = list(shop.store.read_stream("cart-1"))[-1]
    assert last.data["unit_price"] == 399


def test_a_stream_that_has_moved_on_stops_all(shop: Session) -> None:
    plan = plan_bulk_undo(shop, f'{BOBS} and stream != "cart-3"')
    handle(shop, "cart-2", AddItem("pen", 1), ANN)
    head = shop.store.head().size
    with pytest.raises(Conflict, match="cart-2"):
        carry_out_bulk(shop, plan, "Ann", "why")
    assert shop.store.head().size == head, "all or nothing"


def test_streams_that_nobody_has_written_rules_for_and_damaged_events_are_refused(
    shop: Session, tmp_path: Path
) -> None:
    record(shop, "thing-1", note({"text": "hello"}, about=BOB))
    place = only_record(shop, "cart-2", 3).position
    shop.catch_up()
    spoil(tmp_path / "shop.events", place)
    plan = plan_bulk_undo(shop, f'{BOBS} and (stream ~ "thing-*" or stream == "cart-2")')
    assert told(plan) == {"cart-2": ["refused v3"], "thing-1": ["refused v1"]}
    assert "Nobody has said how" in plan.plans[1].refused


@pytest.mark.parametrize(("text", "sentence"), [("", "which events"), ("  ", "which events")])
def test_everything_is_never_meant(shop: Session, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        plan_bulk_undo(shop, text)


def test_a_filter_that_is_not_understood_is_told(shop: Session) -> None:
    with pytest.raises(NotUnderstood):
        plan_bulk_undo(shop, "actor ==")


def stopping(at: int) -> Progress:
    """Cancels when it is told for the nth time."""
    left = iter(range(at, 0, -1))

    def tell(done: int, total: int) -> None:
        assert done <= total
        if next(left) == 1:
            raise Cancelled("Stopped.")

    return tell


def test_it_is_called_off_at_any_time(shop: Session) -> None:
    plan, head = plan_bulk_undo(shop, 'stream == "cart-2" and actor == "Bob"'), shop.store.head().size
    for at in (1, 2, 3):
        with pytest.raises(Cancelled):
            plan_bulk_undo(shop, BOBS, stopping(at))
    for at in (1, 2):
        with pytest.raises(Cancelled):
            carry_out_bulk(shop, plan, "Ann", "why", progress=stopping(at))
    assert shop.store.head().size == head, "nothing was half done"


def test_it_needs_a_reason(shop: Session) -> None:
    with pytest.raises(BadInput, match="needs a reason"):
        carry_out_bulk(shop, plan_bulk_undo(shop, BOBS), "Ann", " ", skip_refused=True)


commands = st.lists(
    st.tuples(
        st.sampled_from(["cart-1", "cart-2"]),
        st.one_of(
            st.integers(1, 5).map(lambda n: AddItem("pen", n)),
            st.integers(1, 9).map(lambda n: ChangeQuantity("mug", n)),
            st.sampled_from([RemoveItem("pen"), RemoveItem("vase"), AddItem("vase", 1)]),
            st.sampled_from(["", "a", "b"]).map(SetNote),
        ),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(commands)
def test_undoing_all_that_somebody_did_last_leads_back_to_before_it(done: list[tuple[str, object]]) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder), Clock()) as session:
        stock(session)
        for stream in ("cart-1", "cart-2"):
            open_cart(session, stream)
        before = {stream: state_at(session, stream).state for stream in ("cart-1", "cart-2")}
        for stream, command in done:
            try:
                handle(session, stream, command, BOB)
            except Refused:
                continue
        plan = plan_bulk_undo(session, BOBS)
        assert (plan.refusals, plan.needless) == (0, 0)
        assert plan.events == plan.looked_at
        carry_out_bulk(session, plan, "Ann", "why")
        assert {stream: state_at(session, stream).state for stream in ("cart-1", "cart-2")} == before
        assert plan_bulk_undo(session, BOBS).events == 0, "once is enough"
