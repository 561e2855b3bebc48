"""Nothing is stored again and again: what a cart takes in the read models grows with its events, not their square."""

from pathlib import Path
from typing import Any

import pytest

from explorer.application.handle import new_event
from explorer.application.session import Session
from explorer.domain.cart import CartOpened, ItemAdded
from explorer.domain.event import Metadata
from explorer.projections.states import WEIGHT

ANN = Metadata("ann")


def tables(folder: Path, lines: int) -> dict[str, int]:
    """Rows of the read models of one invoice of so many lines; `states` are bytes of all its snapshots."""
    with Session(folder / f"{lines}.events", cache=folder / f"{lines}", create=True) as session:
        events = [ItemAdded(f"sku{number}", 1 + number % 9, 250, "GBP") for number in range(lines)]
        session.store.append("cart-1", 0, [new_event(event, ANN) for event in (CartOpened("Jane", "Leeds"), *events)])
        session.catch_up()
        data = sum(len(record.data) for record in session.store.stream_records("cart-1"))
        with session.asking() as connection:

            def number(sql: str) -> Any:
                return connection.exec_driver_sql(sql).scalar_one()

            sizes = [row[0] for row in connection.exec_driver_sql("SELECT size FROM snapshot ORDER BY version")]
            assert sum(sizes[:-1]) <= WEIGHT * data
            return {
                **{name: number(f"SELECT count(*) FROM {name}") for name in ("cart_head", "cart_line", "cart_about")},
                "figures": number("SELECT count(*) FROM product_figures"),
                "totals": number("SELECT count(*) FROM totals"),
                "states": number("SELECT sum(length(state)) FROM snapshot"),
            }


@pytest.mark.parametrize("lines", [300, 1_114])
def test_an_invoice_is_stored_line_by_line(tmp_path: Path, lines: int) -> None:
    found = tables(tmp_path, lines)
    assert found["cart_head"] == lines + 1
    assert found["cart_line"] == found["figures"] == lines
    assert found["cart_about"] == 1
    # The first item moves the cart from no currency to its own.
    assert found["totals"] == lines + 2


def test_the_snapshots_of_a_cart_that_grows_and_grows_do_not(tmp_path: Path) -> None:
    small, large = tables(tmp_path, 500)["states"], tables(tmp_path, 2_000)["states"]
    assert large < 1.5 * 4 * small
