"""Every row of a file becomes events, was there already, or is rejected with a reason: nothing vanishes."""

import csv
import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from explorer.application.history import state_at
from explorer.application.importers import FORMATS
from explorer.application.importers.importing import ImportResult
from explorer.application.session import Session
from explorer.errors import BadInput, Cancelled
from explorer.projections import cart_queries, queries

REAL = Path(__file__).parents[4] / "shared" / "data" / "online-retail"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def row(
    invoice: str = "536365", sku: str = "85123A", name: str = "WHITE HEART", quantity: str = "6",
    price: str = "2.55", date: str = "2010-12-01 08:26:00", customer: str = "17850.0",
) -> str:  # fmt: skip
    return f'{invoice},{sku},"{name}",{quantity},{date},{price},{customer},United Kingdom'


class Shop:
    """A store, and files that are imported into it."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder = session, folder

    def file(self, *rows: str, name: str = "invoices.csv") -> Path:
        path = self.folder / name
        path.write_text("\n".join((HEADER, *rows, "")), encoding="utf-8")
        return path

    def read(self, path: Path, **options: Any) -> ImportResult:
        result = FORMATS["online-retail"](self.session, path, rejects=self.folder / "rejects.csv", **options)
        assert result.rows == result.used + result.already + sum(result.rejected.values())
        return result

    def take(self, *rows: str) -> ImportResult:
        return self.read(self.file(*rows))

    def types(self, stream: str) -> list[str]:
        return [event.type for event in self.session.store.read_stream(stream)]

    def rejects(self) -> list[dict[str, str]]:
        with (self.folder / "rejects.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Session(tmp_path / "shop.events", cache=tmp_path / "cache", create=True) as session:
        yield Shop(session, tmp_path)


def test_an_invoice_is_a_cart_with_everything_the_rows_say(shop: Shop) -> None:
    result = shop.take(row(), row(sku="71053", name="LANTERN", price="3.39"))
    assert (result.rows, result.used, result.rejects) == (2, 2, None)
    assert shop.types("cart-536365") == ["CartOpened", "ItemAdded", "ItemAdded", "CartCheckedOut"]
    state = state_at(shop.session, "cart-536365").state
    assert (state["customer"], state["location"], state["status"]) == ("17850", "United Kingdom", "checked_out")
    assert (state["subtotal"], state["currency"]) == (6 * 255 + 6 * 339, "GBP")
    first = next(shop.session.store.read_stream("cart-536365"))
    assert first.occurred_at == 1_291_191_960_000_000
    assert first.recorded_at > first.occurred_at
    assert first.metadata.origin == "import:invoices.csv"
    assert first.id.version == 7


def test_a_product_that_repeats_is_a_changed_quantity(shop: Shop) -> None:
    shop.take(row(quantity="6"), row(quantity="4"))
    events = list(shop.session.store.read_stream("cart-536365"))
    assert events[2].type == "ItemQuantityChanged"
    assert events[2].data == {"sku": "85123A", "previous_quantity": 6, "quantity": 10}


def test_a_product_at_two_prices_has_two_lines_and_the_total_is_right(shop: Shop) -> None:
    shop.take(row(quantity="2", price="1.00"), row(quantity="3", price="2.00"), row(quantity="1", price="1.00"))
    state = state_at(shop.session, "cart-536365").state
    assert state["total"] == 3 * 100 + 3 * 200
    lines: Any = state["lines"]
    assert [(line["sku"], line["quantity"], line["unit_price"]) for line in lines] == [
        ("85123A", 3, 100), ("85123A", 3, 200),
    ]  # fmt: skip


def test_a_credit_note_is_a_stream_that_nobody_wrote_a_decider_for(shop: Shop) -> None:
    shop.take(row("C536379", "D", "Discount", "-1", "27.5"))
    assert shop.types("creditnote-C536379") == ["CreditNoteIssued", "CreditLineRecorded"]
    found: Any = state_at(shop.session, "creditnote-C536379").state["fields"]
    assert (found["sku"], found["quantity"], found["unit_price"]) == ("D", 1, 2750)


def test_a_product_is_listed_once_and_renamed_when_it_is_called_otherwise(shop: Shop) -> None:
    shop.take(row(), row("536366"), row("536367", name="RED HEART"))
    assert shop.types("product-85123A") == ["ProductListed", "ProductRenamed"]
    shop.session.catch_up()
    with shop.session.asking() as connection:
        lines = [cart_queries.cart_lines(connection, f"cart-{n}", 10**9)[0].name for n in (536365, 536366, 536367)]
    assert lines == ["WHITE HEART", "WHITE HEART", "RED HEART"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(price="0"), "no positive price"),
        (row(price="-11062.06"), "no positive price"),
        (row(price="0.001"), "the price is not a whole number of pence"),
        (row(price="cheap"), "the price is not a whole number of pence"),
        (row(price="200000"), "the price is too high"),
        (row(quantity="-3"), "no positive quantity"),
        (row(quantity="0"), "no positive quantity"),
        (row(quantity="many"), "the quantity is not a whole number"),
        (row(quantity="100000"), "more than 99,999 of a product"),
        (row(name=""), "no description"),
        (row(name="x" * 201), "the description is too long"),
        (row(sku=" "), "no stock code"),
        (row(date="yesterday"), "the date is not a date"),
        (row("C1", quantity="3"), "not a negative quantity in a credit note"),
    ],
)
def test_a_row_that_cannot_be_an_event_is_counted_and_kept_with_its_line(shop: Shop, bad: str, reason: str) -> None:
    result = shop.take(row(sku="1"), bad, row(sku="2"))
    assert result.rejected == {reason: 1}
    (kept,) = shop.rejects()
    assert (kept["file"], kept["line"], kept["reason"]) == ("invoices.csv", "3", reason)
    assert [kept[name] for name in HEADER.split(",")] == next(csv.reader([bad]))
    assert len(shop.types("cart-536365")) == 4


def test_an_invoice_of_nothing_but_rejected_rows_leaves_no_stream(shop: Shop) -> None:
    result = shop.take(row(price="0"), row(quantity="-1"))
    assert (result.events, result.used) == (0, 0)
    assert shop.session.store.streams() == []


def test_the_same_file_twice_adds_nothing(shop: Shop) -> None:
    path = shop.file(row(), row("536366"), row("C1", quantity="-1"), row(price="0"))
    first, before = shop.read(path), shop.session.store.records()
    second = shop.read(path)
    assert (first.used, second.events, second.used, second.already) == (3, 0, 0, 3)
    assert shop.session.store.records() == before


def test_the_same_file_gives_the_same_ids_in_another_store(shop: Shop, tmp_path: Path) -> None:
    path = shop.file(row(), row("C1", quantity="-1"))
    shop.read(path)
    with Session(tmp_path / "other.events", cache=tmp_path / "other", create=True) as other:
        FORMATS["online-retail"](other, path, rejects=tmp_path / "r.csv")
        assert [r.id for r in other.store.records()] == [r.id for r in shop.session.store.records()]


def test_an_invoice_that_is_there_with_other_content_is_rejected(shop: Shop) -> None:
    shop.take(row())
    result = shop.take(row(quantity="7"))
    assert result.rejected == {"the invoice is in the store already, with other content": 1}
    assert state_at(shop.session, "cart-536365").state["units"] == 6


def test_an_invoice_whose_rows_lie_apart_is_one_cart(shop: Shop) -> None:
    shop.take(row(), row("536366"), row(sku="71053", name="LANTERN"))
    assert shop.types("cart-536365") == ["CartOpened", "ItemAdded", "ItemAdded", "CartCheckedOut"]


def test_an_invoice_over_two_minutes_ends_with_the_later(shop: Shop) -> None:
    shop.take(row(date="2010-12-01 08:26:00"), row(sku="2", date="2010-12-01 08:27:00"))
    times = [event.occurred_at for event in shop.session.store.read_stream("cart-536365")]
    assert [time - times[0] for time in times] == [0, 0, 60_000_000, 60_000_000]


def test_an_import_cut_short_goes_on_where_it_stopped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.application.importers.online_retail.BATCH", 5)
    path = shop.file(*(row(str(number)) for number in range(536_000, 536_020)))

    def stop(done: int, total: int) -> None:
        if shop.session.store.head().size > 20:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        shop.read(path, progress=stop)
    begun = shop.session.store.head().size
    assert 20 < begun < 61
    result = shop.read(path)
    assert result.already + result.used == 20
    assert shop.session.store.head().size == 61
    assert not list(shop.folder.glob(".rejects*"))


def test_gzip_and_a_byte_order_mark_are_read(shop: Shop) -> None:
    path = shop.folder / "invoices.csv.gz"
    path.write_bytes(gzip.compress(("\ufeff" + "\r\n".join((HEADER, row(), ""))).encode()))
    assert shop.read(path).used == 1


def test_columns_may_stand_in_another_order(shop: Shop) -> None:
    path = shop.folder / "other.csv"
    names = HEADER.split(",")
    cells = next(csv.reader([row()]))
    path.write_text(",".join(reversed(names)) + "\n" + ",".join(reversed(cells)) + "\n", encoding="utf-8")
    assert shop.read(path).used == 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.csv", None, "cannot be read"),
        ("other.csv", b"a,b\n1,2\n", "lacks the columns"),
        ("empty.csv", b"", "lacks the columns"),
        ("short.csv", f"{HEADER}\n{row()}\n1,2\n".encode(), "line 3"),
        ("latin.csv", f"{HEADER}\n{row(name='CAFÉ')}\n".encode("latin-1"), "UTF-8"),
        ("cut.csv.gz", gzip.compress(f"{HEADER}\n{row()}\n".encode())[:-12], "gzipped"),
        ("not.csv.gz", b"hello", "gzipped"),
    ],
)
def test_a_file_that_is_not_of_the_format_is_told_in_words(
    shop: Shop, name: str, content: bytes | None, says: str
) -> None:
    path = shop.folder / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=says) as found:
        shop.read(path)
    assert name in str(found.value)
    assert shop.session.store.head().size == 0


@pytest.mark.skipif(not REAL.is_dir(), reason="the Online Retail data is not here")
def test_a_real_month_comes_in_whole_and_every_invoice_has_its_total(shop: Shop) -> None:
    path = REAL / "2011-02.csv.gz"
    result = shop.read(path)
    totals: dict[str, Decimal] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            price, quantity = Decimal(cells["UnitPrice"]), int(cells["Quantity"])
            number = cells["InvoiceNo"]
            if price > 0 and quantity > 0 and not number.startswith("C") and cells["Description"].strip():
                totals[number] = totals.get(number, Decimal(0)) + price * quantity
    assert result.rows == 27_707
    shop.session.catch_up()
    with shop.session.asking() as connection:
        carts = {cart.stream: cart for cart in cart_queries.carts(connection, 10**9, limit=10**6)}
        whole = queries.totals(connection, 10**9)["GBP"]
    assert {f"cart-{number}": int(total * 100) for number, total in totals.items()} == {
        name: cart.total for name, cart in carts.items()
    }
    assert whole.revenue == int(sum(totals.values()) * 100)
    assert whole.carts_checked_out == len(totals)
