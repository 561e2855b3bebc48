"""An import into a store that protects personal data."""

from collections.abc import Callable

from explorer.application.importers.importing import ImportResult
from explorer.application.privacy import erase, protect
from explorer.application.session import Session
from explorer.domain.event import Metadata
from explorer.domain.privacy import ERASED
from tests.application.importers.invoices import cart, row

OFFICE = Metadata("office")


def test_customers_are_sealed_and_can_be_erased(session: Session, load: Callable[..., ImportResult]) -> None:
    protect(session, OFFICE)
    rows = (
        row("1", customer="17850.0", country="Wales"),
        row("2", customer="13047.0", country="Malta"),
        row("C3", quantity="-2", customer="17850.0", country="Wales"),
    )
    assert load(*rows).used == 3
    stored = b"".join(record.data for record in session.store.records())
    assert not [text for text in ("17850", "13047", "Wales", "Malta") if f'"{text}"'.encode() in stored]
    assert [cart(session, f"cart-{number}").customer for number in (1, 2)] == ["17850", "13047"]
    assert load(*rows).already == 3
    assert erase(session, OFFICE, subject="17850").events == 2
    assert [cart(session, f"cart-{number}").location for number in (1, 2)] == [ERASED, "Malta"]
    assert next(session.store.read_stream("creditnote-C3")).data["customer"] == ERASED
    assert load(*rows).already == 3
