"""The shop's totals as of the moment."""

import pytest

from explorer.domain.cart import AddItem, CheckOut, OpenCart
from explorer.domain.catalogue import ListProduct, product_stream
from explorer.gui.panels.totals_bar import TotalsBar
from tests.gui.stage import Stage


@pytest.fixture
def bar(on: Stage) -> TotalsBar:
    made = on.put(TotalsBar, 600, 60)
    on.open()
    return made


def figures(bar: TotalsBar) -> dict[str, str]:
    return {caption: figure.text() for caption, figure in bar.figures.items()}


def test_all_figures_are_those_of_the_moment(on: Stage, bar: TotalsBar) -> None:
    assert figures(bar) == {
        "Open": "2",
        "Checked out": "1",
        "Abandoned": "1",
        "Units in carts": "8",
        "In carts": "40.80 GBP",
        "Revenue": "11.47 GBP",
        "Discounts": "1.28 GBP",
    }
    on.after(lambda: on.looking.go_to(7))
    assert figures(bar)["In carts"] == "15.30 GBP"
    assert figures(bar)["Revenue"] == "0.00 GBP"
    on.after(lambda: on.looking.go_to(0))
    assert figures(bar)["Open"] == "0"
    assert figures(bar)["Revenue"] == "0"


def test_currencies_stand_side_by_side_and_are_never_added_up(on: Stage, bar: TotalsBar) -> None:
    for stream, command in (
        (product_stream("E1"), ListProduct("E1", "Euro thing", 150, "EUR")),
        ("cart-euro", OpenCart("Zoë", "Berlin")),
        ("cart-euro", AddItem("E1", 2)),
    ):
        on.after(lambda stream=stream, command=command: on.looking.command(stream, command))
    assert figures(bar)["In carts"] == "3.00 EUR + 40.80 GBP"
    assert figures(bar)["Revenue"] == "11.47 GBP"
    on.after(lambda: on.looking.command("cart-euro", CheckOut()))
    assert figures(bar)["Revenue"] == "3.00 EUR + 11.47 GBP"


def test_a_narrow_bar_cuts_figures_and_tells_them_in_a_tooltip(bar: TotalsBar) -> None:
    height = bar.sizeHint().height()
    bar.resize(200, height)
    assert bar.minimumSizeHint().width() < 600
    assert "40.80 GBP" in bar.figures["In carts"].toolTip()
    assert {figure.accessibleName() for figure in bar.figures.values()} == set(bar.figures)
