"""What is read of a file, what is rejected of it and why, and which files are refused."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.importers import FORMATS
from explorer.application.importers.importing import ImportResult
from explorer.application.importers.retail_csv import COLUMNS
from explorer.application.session import Session
from explorer.errors import BadInput
from tests.application.importers.invoices import Cells, cart, everything, rejected_lines, row, write

# Rows


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(price="0"), "no positive price"),
        (row(price="-11062.06"), "no positive price"),
        (row(price="0.001"), "the price is not a whole number of pence"),
        (row(price="two"), "the price is not a whole number of pence"),
        (row(price="100000.01"), "the price is too high"),
        (row(quantity="0"), "no positive quantity"),
        (row(quantity="-2"), "no positive quantity"),
        (row("C1", quantity="2"), "not a negative quantity in a credit note"),
        (row(quantity="1.5"), "the quantity is not a whole number"),
        (row(quantity=""), "the quantity is not a whole number"),
        (row(quantity="100000"), "more than 99,999 of a product"),
        (row(name="  "), "no description"),
        (row(name="x" * 201), "the description is too long"),
        (row(sku=" "), "no stock code"),
        (row(sku="x" * 101), "the stock code is too long"),
        (row(" "), "no invoice number"),
        (row("1" * 101), "the invoice number is too long"),
        (row(date="yesterday"), "the date is not a date"),
        (row(date="0001-01-01T00:00:00+14:00"), "the date is not a date"),
        (row(country="x" * 201), "the customer or the country is too long"),
        (row(customer="x" * 201), "the customer or the country is too long"),
        (row(sku="PEN", customer="1"), "another customer or country than the invoice's first row"),
    ],
)
def test_what_cannot_be_an_event_is_rejected_with_its_reason_and_line(
    session: Session, load: Callable[..., ImportResult], rejects: Path, bad: Cells, reason: str
) -> None:
    result = load(row(), bad, row("536366"))
    assert (result.used, result.rejected, result.rejects) == (2, {reason: 1}, rejects)
    assert rejected_lines(rejects) == [["file", "line", "reason", *COLUMNS], ["shop.csv", "3", reason, *bad]]
    assert [event.stream for event in everything(session) if event.version == 1] == [
        "product-MUG", "cart-536365", "cart-536366",
    ]  # fmt: skip


def test_a_side_file_holds_the_cells_to_the_letter_and_lines_are_those_of_the_file(
    load: Callable[..., ImportResult], rejects: Path
) -> None:
    bad = row(name="=1+1\nof “two”, lines ", price="0")
    load(bad, row(), row(price="0"))
    assert [line[1] for line in rejected_lines(rejects)[1:]] == ["3", "5"]
    assert tuple(rejected_lines(rejects)[1][3:]) == bad


# Files


def test_a_byte_order_mark_other_columns_and_their_order_do_not_matter(
    session: Session, path: Path, rejects: Path
) -> None:
    header = ("Extra", *reversed(COLUMNS))
    write(path, ("?", *reversed(row())), header=header)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert FORMATS["online-retail"](session, path, rejects=rejects).used == 1
    assert cart(session, "cart-536365").total == 510


@pytest.mark.parametrize("name", ["shop.csv.gz", "shop.csv"])
def test_a_gzipped_file_is_known_by_what_is_in_it(session: Session, tmp_path: Path, rejects: Path, name: str) -> None:
    plain = write(tmp_path / "plain.csv", row(), row("536366")).read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(plain))
    assert FORMATS["online-retail"](session, tmp_path / name, rejects=rejects).used == 2


def test_empty_lines_are_no_rows(session: Session, path: Path, rejects: Path) -> None:
    write(path, row(), (), row("536366"), ())
    result = FORMATS["online-retail"](session, path, rejects=rejects)
    assert (result.rows, result.used) == (2, 2)


def test_a_file_with_a_header_only_has_nothing_to_say(load: Callable[..., ImportResult]) -> None:
    assert load().events == 0


LINES = b"".join(b"1,MUG,Mug,2,2010-12-01 08:26:00,2.55,17850,UK\r\n" for _ in range(999))
HEAD = ",".join(COLUMNS).encode() + b"\r\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1 lacks the columns InvoiceNo"),
        (b"InvoiceNo,StockCode\r\n1,2\r\n", "line 1 lacks the columns Description, Quantity"),
        (b"PK\x03\x04\xff\xfe\x00spreadsheet", "line 1 is not UTF-8"),
        (HEAD + LINES + b"1,MUG,Caf\xe9,2,2010-12-01 08:26:00,2.55,17850,UK\r\n" + LINES, "line 1001 is not UTF-8"),
        (HEAD + LINES + b"1,MUG\r\n" + LINES, "line 1001: 2 cells instead of 8"),
        (HEAD + LINES + b'1,MUG,"unclosed', "line 1001: "),
        (HEAD + LINES + b'1,MUG,"a"b,2,2010-12-01 08:26:00,2.55,17850,UK\r\n' + LINES, "line 1001: "),
        (gzip.compress(HEAD + LINES)[:-20], ": Compressed file ended"),
        (gzip.compress(HEAD + LINES)[:-20] + b"damaged" * 9, "shop.csv"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_its_line_before_anything_is_imported(
    session: Session, path: Path, rejects: Path, content: bytes, says: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        FORMATS["online-retail"](session, path, rejects=rejects)
    assert str(path) in str(refused.value)
    assert says in str(refused.value)
    assert session.store.head().size == 0
    assert not rejects.exists()


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_file_that_cannot_be_read_is_said_so(session: Session, tmp_path: Path, rejects: Path, name: str) -> None:
    with pytest.raises(BadInput, match="directory"):
        FORMATS["online-retail"](session, tmp_path / name, rejects=rejects)


def test_a_place_where_rejected_rows_cannot_be_written_is_said_so(session: Session, path: Path, tmp_path: Path) -> None:
    write(path, row(price="0"))
    with pytest.raises(BadInput, match="rejected rows cannot be written"):
        FORMATS["online-retail"](session, path, rejects=tmp_path / "none" / "rejected.csv")
