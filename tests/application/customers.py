"""A shop whose customers' personal data are protected, and where their texts are looked for."""

from pathlib import Path

from explorer.application.handle import Desk, handle
from explorer.application.history import state_at
from explorer.application.privacy import protect
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.verdict import examine
from explorer.domain.cart import AddItem, ChangeQuantity, OpenCart, SetNote
from explorer.domain.event import Metadata
from explorer.projections import cart_queries
from tests.application.shop import stock

TILL = Metadata("till", "sold")
OFFICE = Metadata("office", "asked by letter")
JANE = ("Jane Doe", "Kirkwall", "Leave it with Mrs Flett.")
OMAR = ("Omar Haddad", "Lerwick", "Mind the dog.")


def shopping(session: Session, stream: str, who: tuple[str, str, str], changes: int = 3) -> None:
    """A cart with a customer, a place, a note, and so many changes of a quantity."""
    customer, location, note = who
    handle(session, stream, OpenCart(customer, location), TILL)
    handle(session, stream, AddItem("mug", 1), TILL)
    handle(session, stream, SetNote(note), TILL)
    desk = Desk(session)
    for number in range(changes):
        desk.decide(stream, ChangeQuantity("mug", number + 2), TILL)
    desk.append()


def protected_shop(session: Session) -> Session:
    """Two of Jane's carts, one of them with snapshots, and one of Omar's, in a protected store."""
    protect(session, OFFICE)
    stock(session)
    shopping(session, "cart-1", JANE, changes=120)
    shopping(session, "cart-2", OMAR, changes=120)
    shopping(session, "cart-3", JANE)
    caught_up(session)
    return session


def shown(session: Session, stream: str) -> tuple[str, str, str]:
    """Customer, place and note as the read side has them."""
    with session.asking() as connection:
        cart = cart_queries.cart(connection, stream, session.store.head().size)
    assert cart
    return cart.customer, cart.location, cart.note


def folded(session: Session, stream: str) -> tuple[object, ...]:
    state = state_at(session, stream).state
    return state["customer"], state["location"], state["note"]


def files_with(folder: Path, *texts: str) -> dict[str, list[str]]:
    """Which files below a folder, whatever they are, hold which texts. Nobody may have a store there open."""
    found = {
        str(path.relative_to(folder)): [text for text in texts if text.encode() in path.read_bytes()]
        for path in folder.rglob("*")
        if path.is_file()
    }
    return {name: texts for name, texts in found.items() if texts}


def is_sound(session: Session) -> bool:
    caught_up(session)
    size = session.store.head().size
    return examine(session, session.store.head(), (0, size // 2, size)).ok
