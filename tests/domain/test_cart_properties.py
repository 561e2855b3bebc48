"""What holds for a cart whatever anybody does with it: any commands, in any order, on any day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.domain.cart import (
    Abandon,
    AddItem,
    ApplyCoupon,
    Cart,
    CartCheckedOut,
    CartCommand,
    CartEvent,
    CartOpened,
    ChangeQuantity,
    CheckOut,
    CouponRemoved,
    ItemAdded,
    ItemQuantityChanged,
    ItemRemoved,
    ItemRepriced,
    NoteChanged,
    OpenCart,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    Reprice,
    SetNote,
    Status,
    decide,
    evolve,
)
from explorer.domain.cart_decider import CART, document
from explorer.domain.catalogue import MAX_PRICE, Product
from explorer.errors import Refused
from tests.domain import shop
from tests.domain.stored_form import stored_and_read, through_json

DAYS = {
    "today": shop.TODAY,
    "tomorrow": shop.facts(
        shop.NOW + 1, Product("mug", "Mug, white", 450, "GBP"), Product("gold", "Gold bar", MAX_PRICE, "GBP")
    ),
}
"""Tomorrow the mug costs more, only gold is to be had beside it, and no coupon is good any more."""

IMPORTED = (
    CartOpened("Ann", "Leeds"),
    ItemAdded("mug", 2, 399, "GBP"),
    ItemAdded("mug", 1, 450, "GBP", line="mug at 450"),
)
"""What `decide` never writes but an importer does: one product at two prices."""

skus = st.sampled_from(["mug", "pen", "vase", "gold", "ghost"])
lines = skus | st.just("mug at 450")
quantities = st.integers(-1, 5) | st.sampled_from([99_998, 99_999, 100_000])
texts = st.text(max_size=3) | st.just("x" * 1_001)
commands: st.SearchStrategy[CartCommand] = st.one_of(
    st.builds(OpenCart, texts, texts),
    st.builds(AddItem, skus, quantities),
    st.builds(ChangeQuantity, lines, quantities),
    st.builds(RemoveItem, lines),
    st.builds(Reprice, lines, st.sampled_from(["", "mug"]), st.sampled_from([0, 399])),
    st.builds(ApplyCoupon, st.sampled_from(["TEN", "FREE", "OLD", "NONE"])),
    st.builds(SetNote, texts),
    st.sampled_from([RemoveCoupon(), CheckOut(), Abandon(), Abandon(), Reopen(), Reopen()]),
)

Answer = list[CartEvent] | str
"""What `decide` says to a command: the events it causes, or why it is refused."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command: the cart before it, the answer to it, and the cart after it."""

    before: Cart
    command: CartCommand
    day: str
    answer: Answer
    after: Cart

    @property
    def events(self) -> list[CartEvent]:
        return [] if isinstance(self.answer, str) else self.answer


@dataclass(frozen=True, slots=True)
class Story:
    """A cart's life: what was there at the start, and all that was tried on it since."""

    start: tuple[CartEvent, ...]
    steps: list[Step]

    @property
    def events(self) -> list[CartEvent]:
        return [*self.start, *(event for step in self.steps for event in step.events)]

    @property
    def carts(self) -> list[Cart]:
        return [fold(self.start), *(step.after for step in self.steps)]

    def decided(self) -> Iterator[tuple[Cart, CartEvent, Cart]]:
        """Every event that a decision returned, with the carts before and after it."""
        for step in self.steps:
            before = step.before
            for event in step.events:
                after = evolve(before, event)
                yield before, event, after
                before = after


def fold(events: Iterable[CartEvent], cart: Cart = CART.initial) -> Cart:
    return reduce(evolve, events, cart)


def ask(command: CartCommand, cart: Cart, day: str) -> Answer:
    try:
        return decide(command, cart, DAYS[day])
    except Refused as refusal:
        return str(refusal)


def lived(start: tuple[CartEvent, ...], attempts: list[tuple[CartCommand, str]]) -> Story:
    cart, steps = fold(start), list[Step]()
    for command, day in attempts:
        answer = ask(command, cart, day)
        after = cart if isinstance(answer, str) else fold(answer, cart)
        steps.append(Step(cart, command, day, answer, after))
        cart = after
    return Story(start, steps)


starts = st.sampled_from([IMPORTED[:1], IMPORTED, ()])
attempts = st.tuples(commands, st.sampled_from(list(DAYS)))
stories = st.sampled_from([0, 10, 30]).flatmap(
    lambda at_least: st.builds(lived, starts, st.lists(attempts, min_size=at_least, max_size=40))
)
"""Some short, some long: left to itself Hypothesis would try five commands on most carts and sell next to nothing."""


def test_the_stories_told_here_reach_every_event() -> None:
    reached = set[type[CartEvent]]()

    @settings(derandomize=True, database=None, max_examples=300)
    @given(stories)
    def tell(story: Story) -> None:
        reached.update(type(event) for _, event, _ in story.decided())

    tell()
    assert reached == set(CART.events)


@given(stories, st.lists(st.integers(0, 50)))
def test_a_history_folds_to_the_same_cart_however_it_is_cut_into_reads(story: Story, cuts: list[int]) -> None:
    """Each read decodes stored events and goes on from a snapshot that was itself written and read."""
    events, cart = story.events, Cart()
    for start, end in pairwise([0, *sorted(cuts), len(events)]):
        cart = fold([stored_and_read(event) for event in events[start:end]], cart)
        cart = msgspec.json.decode(msgspec.json.encode(cart), type=Cart)
    assert cart == story.carts[-1]
    assert list(cart.lines) == list(story.carts[-1].lines)


@given(stories)
def test_units_and_subtotal_are_the_sums_over_the_lines(story: Story) -> None:
    for cart in story.carts:
        assert cart.units == sum(line.quantity for line in cart.lines.values())
        assert cart.subtotal == sum(line.total for line in cart.lines.values())


@given(stories)
def test_no_amount_is_negative_and_no_discount_exceeds_what_it_is_taken_from(story: Story) -> None:
    for cart in story.carts:
        assert 0 <= cart.discount <= cart.subtotal
        assert 0 <= cart.total == cart.subtotal - cart.discount


@given(stories)
def test_every_line_keeps_within_the_rules(story: Story) -> None:
    for cart in story.carts:
        assert all(1 <= line.quantity <= 99_999 for line in cart.lines.values())
        assert bool(cart.currency) == bool(cart.lines)


@given(stories)
def test_every_event_changes_the_cart_and_leaves_the_cart_before_it_as_it_was(story: Story) -> None:
    for before, event, after in story.decided():
        shown = document(before)
        assert evolve(before, event) == after != before
        assert document(before) == shown


@given(stories)
def test_a_command_is_refused_or_ignored_or_changes_the_cart(story: Story) -> None:
    for step in story.steps:
        assert (step.after == step.before) == (not step.events)


@given(stories)
def test_asking_changes_nothing_and_asking_again_gives_the_same_answer(story: Story) -> None:
    for step in story.steps:
        shown = document(step.before)
        assert ask(step.command, step.before, step.day) == step.answer
        assert document(step.before) == shown


@given(stories)
def test_what_an_event_says_was_there_before_was_there_before(story: Story) -> None:
    for before, event, _ in story.decided():
        match event:
            case ItemQuantityChanged(sku, quantity, _, line) | ItemRemoved(sku, quantity, line):
                item = before.lines[line or sku]
                assert (item.sku, item.quantity) == (sku, quantity)
            case ItemRepriced(sku, price, _, line, currency):
                item = before.lines[line or sku]
                assert (item.sku, item.unit_price, before.currency) == (sku, price, currency)
            case NoteChanged(previous_note, _):
                assert previous_note == before.note
            case CouponRemoved(code, percent):
                assert before.coupon is not None
                assert (before.coupon.code, before.coupon.percent) == (code, percent)
            case _:
                pass


@given(stories)
def test_a_checked_out_cart_stays_at_the_total_that_was_recorded(story: Story) -> None:
    totals = [(event.total, event.currency) for event in story.events if isinstance(event, CartCheckedOut)]
    cart = story.carts[-1]
    assert totals == ([(cart.total, cart.currency)] if cart.status is Status.CHECKED_OUT else [])


@given(stories)
def test_the_document_is_json_without_floats(story: Story) -> None:
    for cart in story.carts:
        assert through_json(document(cart)) == document(cart)


@given(stories)
def test_the_command_that_an_event_names_causes_it_again(story: Story) -> None:
    for step in story.steps:
        for event in step.events:
            command = CART.command(event, step.before)
            assert command is not None
            assert ask(command, step.before, step.day) == [event]
