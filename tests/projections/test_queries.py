"""No question scans a table that grows with the events: SQLite's own plan says so."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from explorer.application.session import Session
from explorer.projections import cart_queries, queries
from tests.projections.shopping import Shopper

SMALL = ("facet", "checkpoint", "poison", "held", "own", "(subquery")
"""What may be read from end to end: what does not grow with the events, and what a page has chosen already."""
QUESTIONS: dict[str, Callable[[Connection], Any]] = {
    "checkpoint": queries.checkpoint,
    "position_at": lambda c: queries.position_at(c, 5),
    "time_at": lambda c: queries.time_at(c, 5),
    "times_at": lambda c: queries.times_at(c, [5, 6]),
    "extent": queries.extent,
    "carts": lambda c: cart_queries.carts(c, 5),
    "carts by status": lambda c: cart_queries.carts(c, 5, status="open", before=4),
    "cart": lambda c: cart_queries.cart(c, "cart-1", 5),
    "cart_lines": lambda c: cart_queries.cart_lines(c, "cart-1", 5),
    "cart_lines of many changes": lambda c: cart_queries.cart_lines(c, "cart-2", 500),
    "cart_lines_of": lambda c: cart_queries.cart_lines_of(c, "cart-1", ["mug", "pen"], 5),
    "matches": lambda c: cart_queries.matches(c, "jane"),
    "carts among matches": lambda c: cart_queries.carts(c, 5, among=cart_queries.Matches(("jane",), (2, 3), 9)),
    "carts with a word": lambda c: cart_queries.carts(c, 5, words="jane"),
    "products": lambda c: queries.products(c, 5),
    "totals": lambda c: queries.totals(c, 5),
    "streams": lambda c: queries.streams(c, 5),
    "streams of a category": lambda c: queries.streams(c, 5, category="cart", before=4),
    "stream_exists": lambda c: queries.stream_exists(c, "cart-1", 5),
    "values_of": lambda c: queries.values_of(c, "type"),
    "positions_with": lambda c: queries.positions_with(c, [("type", "CartOpened")], 0, 5),
    "positions_with backwards": lambda c: queries.positions_with(
        c, [("actor", "ann"), ("type", "ProductListed")], 9, 5, backwards=True
    ),
    "activity": lambda c: queries.activity(c, 3, 0, 10**15),
    "product_names": lambda c: queries.product_names(c, {5: "mug"}),
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("shop")
    with Session(folder / "shop.events", cache=folder / "cache", create=True) as opened:
        Shopper(opened)
        opened.catch_up()
        yield opened


class Explained:
    """A connection that notes how each statement is carried out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.plans: list[str] = []

    @property
    def connection(self) -> "Explained":
        return self

    def cursor(self) -> "Explained":
        return self

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        cursor: Any = self._connection.connection.cursor()
        self.plans += [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
        return cursor.execute(sql, values)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_by_look_ups(session: Session, name: str) -> None:
    with session.asking() as connection:
        explained = Explained(connection)
        asked: Any = explained
        QUESTIONS[name](asked)
    assert explained.plans
    scans = [plan for plan in explained.plans if plan.startswith("SCAN") and _table(plan) not in SMALL]
    # A list that ends with its page may walk its own key; it stops when the page is full.
    assert [plan for plan in scans if " USING " not in plan and name != "extent"] == []
    assert not [plan for plan in explained.plans if "TEMP B-TREE" in plan and "cart_lines" not in name]


def _table(plan: str) -> str:
    return plan.split()[1].partition("-")[0]
