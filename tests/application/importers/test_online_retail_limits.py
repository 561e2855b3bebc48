"""Where an invoice meets the limits of a cart, and what other hands have done to the store meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.handle import handle
from explorer.application.importers import FORMATS
from explorer.application.importers.importing import ImportResult
from explorer.application.session import Session
from explorer.domain.cart import CartCheckedOut
from explorer.domain.catalogue import RenameProduct
from explorer.errors import Cancelled
from tests.application.importers.invoices import cart, rejected_lines, row, typed, write
from tests.application.shop import ANN


def test_a_quantity_that_grows_too_large_is_rejected_and_the_cart_goes_on_without(
    session: Session, load: Callable[..., ImportResult], rejects: Path
) -> None:
    result = load(row(quantity="99999"), row(quantity="1", name="Mug, larger"), row(sku="PEN"))
    assert (result.used, sum(result.rejected.values())) == (2, 1)
    assert rejected_lines(rejects)[1][1] == "3"
    assert cart(session, "cart-536365").units == 100_001
    # What was left out has not renamed the product either.
    assert session.store.version_of("product-MUG") == 1


def test_a_cart_has_2000_lines_and_no_more(session: Session, load: Callable[..., ImportResult]) -> None:
    result = load(*(row(sku=f"S{number}") for number in range(2_002)), row(sku="S0"))
    assert (result.used, list(result.rejected.values())) == (2_001, [2])
    assert len(cart(session, "cart-536365").lines) == 2_000


def test_a_stock_code_that_is_the_name_of_another_line_is_rejected(
    session: Session, load: Callable[..., ImportResult]
) -> None:
    result = load(row(), row(price="1.00"), row(sku="MUG@100", price="1.00"))
    assert result.rejected == {"the stock code is the name of another product's line": 1}
    assert cart(session, "cart-536365").total == 710


def test_the_sum_of_the_rows_is_the_total_of_the_cart(session: Session, load: Callable[..., ImportResult]) -> None:
    load(*(row(sku=f"S{number % 7}", quantity=str(number), price=f"{number % 3}.{number:02}") for number in range(40)))
    out = typed(session, "cart-536365")[-1]
    assert out == CartCheckedOut(sum(n * (n % 3 * 100 + n) for n in range(40)), "GBP")


def test_an_invoice_has_as_many_rows_as_it_likes(session: Session, load: Callable[..., ImportResult]) -> None:
    result = load(*[row("C1", quantity="-1")] * 66_000)
    assert (result.used, session.store.version_of("creditnote-C1")) == (66_000, 66_001)


def test_a_longer_file_adds_only_what_is_new(session: Session, load: Callable[..., ImportResult]) -> None:
    load(row())
    result = load(row(), row("536366"), row("536367", name="Mug"))
    assert (result.used, result.already, result.events) == (2, 1, 7)
    assert session.store.version_of("product-MUG") == 2


def test_a_product_that_somebody_renamed_since_is_renamed_by_the_next_file(
    session: Session, load: Callable[..., ImportResult]
) -> None:
    load(row())
    handle(session, "product-MUG", RenameProduct("Beaker"), ANN)
    load(row("536366"))
    assert [event.data["name"] for event in session.store.read_stream("product-MUG")] == [
        "White mug", "Beaker", "White mug",
    ]  # fmt: skip


def test_a_file_of_nothing_but_rejected_rows_can_be_cancelled(session: Session, path: Path, rejects: Path) -> None:
    write(path, *(row(str(number), price="0") for number in range(5_000)))

    def stop(done: int, total: int) -> None:
        assert done < total
        raise Cancelled(f"Stopped at {done} of {total}.")

    with pytest.raises(Cancelled):
        FORMATS["online-retail"](session, path, rejects=rejects, progress=stop)
    assert not rejects.exists()
