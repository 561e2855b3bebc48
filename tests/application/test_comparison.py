"""The moment shown beside a second one: only what somebody looks at is read, and lists grow without reading again."""

from dataclasses import replace

import pytest

from explorer.application.comparing import changed_products, changed_streams, changed_totals, compared_stream
from explorer.application.comparison import Comparison
from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.application.view import NOW, Answer, Question, answer
from explorer.domain.cart import ChangeQuantity
from tests.application.shop import ANN, open_cart, stock

HEAD = 12


@pytest.fixture
def shop(session: Session) -> Session:
    """1 to 4 the catalogue, 5 and 6 cart-1, 7 and 8 cart-2, 9 and 10 cart-3, 11 and 12 nine, then five in cart-1."""
    stock(session)
    for stream in ("cart-1", "cart-2", "cart-3"):
        open_cart(session, stream)
    for quantity in (9, 5):
        handle(session, "cart-1", ChangeQuantity("mug", quantity), ANN)
    session.catch_up()
    return session


def of(found: Answer) -> Comparison:
    assert found.comparison is not None
    return found.comparison


def test_without_a_second_moment_there_is_nothing_to_compare(shop: Session) -> None:
    assert answer(shop, Question(compare_limit=5)).comparison is None


def test_while_nobody_looks_only_the_sides_are_told(shop: Session) -> None:
    found = of(answer(shop, Question(as_of=11, stream="cart-1", compare=6)))
    assert (found.here.position, found.there.position, found.stream) == (11, 6, None)
    assert (found.earlier.position, found.later.position) == (6, 11)


def test_the_chosen_stream_is_compared_from_the_earlier_moment_to_the_later(shop: Session) -> None:
    asked = Question(as_of=11, stream="cart-1", compare=6, compare_limit=5)
    found = of(answer(shop, asked))
    assert found.stream == compared_stream(shop, "cart-1", 6, 11)
    assert of(answer(shop, replace(asked, as_of=6, compare=11))).stream == found.stream
    assert of(answer(shop, replace(asked, stream=None))).stream is None


def test_now_is_the_latest_event_whatever_that_is(shop: Session) -> None:
    asked = Question(as_of=11, stream="cart-1", compare=NOW, compare_limit=5)
    before = answer(shop, asked)
    assert of(before).there.position == HEAD
    handle(shop, "cart-1", ChangeQuantity("mug", 7), ANN)
    shop.catch_up()
    after = of(answer(shop, asked, before))
    assert after.there.position == HEAD + 1
    assert after.stream == compared_stream(shop, "cart-1", 11, HEAD + 1)


@pytest.mark.parametrize(("here", "there"), [(4, 12), (12, 4)])
def test_the_lists_of_the_whole_store_grow(shop: Session, here: int, there: int) -> None:
    asked = Question(as_of=here, compare=there, compare_whole=True, compare_limit=2)
    few = answer(shop, asked)
    assert [row.stream for row in of(few).streams] == ["cart-1", "cart-3"]
    more = of(answer(shop, replace(asked, compare_limit=5), few))
    assert [*more.streams] == changed_streams(shop, 4, 12)
    assert more.streams[0] is of(few).streams[0], "not read again"
    assert [*more.products] == changed_products(shop, 4, 12)
    assert [*more.totals] == changed_totals(shop, 4, 12)
    swapped = of(answer(shop, replace(asked, as_of=there, compare=here, compare_limit=1), few))
    assert swapped.streams == of(few).streams[:1]
    elsewhere = of(answer(shop, replace(asked, compare=8, as_of=12, compare_limit=5), few))
    assert [*elsewhere.streams] == changed_streams(shop, 8, 12)
