"""Files of invoices, and what has become of them in a store."""

import csv
from collections.abc import Sequence
from pathlib import Path

from explorer.application.importers.retail_csv import COLUMNS
from explorer.application.session import Session
from explorer.domain.cart import Cart, CartEvent, evolve
from explorer.domain.cart_decider import CART
from explorer.domain.event import Event

Cells = tuple[str, ...]


def row(
    invoice: str = "536365",
    sku: str = "MUG",
    name: str = "White mug",
    quantity: str = "2",
    date: str = "2010-12-01 08:26:00",
    price: str = "2.55",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> Cells:
    return invoice, sku, name, quantity, date, price, customer, country


def write(path: Path, *rows: Cells, header: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((header, *rows))
    return path


def everything(session: Session) -> list[Event]:
    found: list[Event] = []
    while page := session.store.read_all(len(found)):
        found += page
    return found


def typed(session: Session, stream: str) -> list[CartEvent]:
    return [session.store.codec.domain_event(record) for record in session.store.stream_records(stream)]


def cart(session: Session, stream: str) -> Cart:
    state = Cart()
    for event in typed(session, stream):
        state = evolve(state, event)
    return state


def said(session: Session, stream: str) -> list[str]:
    return [f"{type(event).__name__} {CART.summary(event)}" for event in typed(session, stream)]


def rejected_lines(rejects: Path) -> list[list[str]]:
    with rejects.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
