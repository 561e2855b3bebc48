"""A specification that cannot fail proves nothing: each ending is seen to fail on the outcomes that are not its own."""

from collections.abc import Callable

import pytest

from explorer.domain.cart import Abandon, CartAbandoned, CartCommand, CartEvent, CartOpened, CheckOut, SetNote
from explorer.domain.cart_decider import CART
from explorer.domain.decider import Facts
from tests.domain.specification import Outcome, Specification

cart = Specification(CART, Facts(now=0)).given(CartOpened("Ann", "Leeds"))

ENDINGS: dict[str, Callable[[Outcome[CartEvent]], None]] = {
    "abandoned": lambda outcome: outcome.then(CartAbandoned()),
    "nothing happened": lambda outcome: outcome.then_nothing_happened(),
    "refused": lambda outcome: outcome.then_refused_because("An empty cart cannot be checked out: add an item first."),
}


@pytest.mark.parametrize("claimed", ENDINGS)
@pytest.mark.parametrize(
    ("actual", "command"), [("abandoned", Abandon()), ("nothing happened", SetNote("")), ("refused", CheckOut())]
)
def test_an_ending_holds_for_its_own_outcome_only(actual: str, command: CartCommand, claimed: str) -> None:
    outcome = cart.when(command)
    if claimed == actual:
        ENDINGS[claimed](outcome)
    else:
        with pytest.raises(AssertionError):
            ENDINGS[claimed](outcome)


def test_another_event_another_reason_and_another_field_are_failures() -> None:
    with pytest.raises(AssertionError):
        cart.when(Abandon()).then(CartAbandoned(), CartAbandoned())
    with pytest.raises(AssertionError):
        cart.when(CheckOut()).then_refused_because("An empty cart cannot be checked out.")
    with pytest.raises(AssertionError):
        cart.when(CheckOut()).then_refused_because("An empty cart cannot be checked out: add an item first.", "sku")
