"""UCI "Online Retail": invoice lines of a gift shop become carts, credit notes become a category without a decider.

An invoice is a cart: opened, items added, a quantity changed where a product repeats, checked out. A product that
repeats at another price gets a line of its own. What is first sold, or sold under another description than before, also
makes an event of the product. An invoice number beginning with C is a stream `creditnote-…`, which nobody wrote a
decider for.

Times are InvoiceDate taken as UTC; the data set names no zone. Ids are made from the invoice and its rows alone, so the
same file gives the same ids, and an invoice that is there already is recognised by them.
"""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from explorer.application.handle import new_event
from explorer.application.importers.importing import ImportResult
from explorer.application.importers.retail_csv import CURRENCY, Invoice, Item, Rejects, RetailFile, Row, item
from explorer.application.outside import numbered_uuid7, uuid7
from explorer.application.session import Session
from explorer.domain.cart import (
    MAX_LINES,
    MAX_QUANTITY,
    CartCheckedOut,
    CartEvent,
    CartOpened,
    ItemAdded,
    ItemQuantityChanged,
    Line,
)
from explorer.domain.catalogue import MAX_CODE, MAX_NAME, MAX_PRICE, ProductListed, ProductRenamed, product_stream
from explorer.domain.event import Json, Metadata, NewEvent
from explorer.errors import BadInput
from explorer.projections.runner import Progress, no_progress
from explorer.store.codec import Record
from explorer.store.event_store import Append

BATCH = 2_000
"""Events a transaction, and rows between two calls of `progress` at most."""
ACTOR = "online-retail"
NOBODY = "unknown"
"""The customer of a row without CustomerID."""
OTHER_CONTENT = "the invoice is in the store already, with other content"
TWO_CUSTOMERS = "another customer or country than the invoice's first row"
SAME_LINE = "the stock code is the name of another product's line"


def import_online_retail(
    session: Session, path: Path, *, rejects: Path, progress: Progress = no_progress
) -> ImportResult:
    """See `Importer`."""
    file = RetailFile(path)
    side = Rejects(rejects, path.name)
    try:
        run = _Import(session, file, side, progress)
        run.go()
        place = side.keep()
    except OSError as error:
        raise BadInput(f"The rejected rows cannot be written to {rejects}: {error.strerror}.") from error
    finally:
        side.drop()
    return ImportResult(path.name, run.events, run.rows, run.used, run.already, dict(side.counts), place)


class _Prepared(NamedTuple):
    """An invoice as events, and what of it cannot be."""

    stream: str
    events: list[NewEvent]
    used: list[Item]
    rejected: list[tuple[Row, str]]
    ids: "_Ids | None"
    customer: str = ""
    """Whom the personal texts of the first event are about."""


class _Import:
    """One file's import. Counts rows; appends invoices in batches, each with the product events it needs."""

    def __init__(self, session: Session, file: RetailFile, side: Rejects, progress: Progress) -> None:
        self._store, self._file, self._side, self._progress = session.store, file, side, progress
        self._protection = session.protection
        self._origin = f"import:{file.path.name}"
        self._names: dict[str, tuple[int, str]] = {}
        """Product → (version, name), as the store has it or will after this batch."""
        self._batch: list[_Prepared] = []
        self.events = self.rows = self.used = self.already = 0

    def go(self) -> None:
        # What was alive before the import need not be searched for garbage again and again: a fifth of the time.
        gc.freeze()
        try:
            events = rows = 0
            for invoice in self._file.invoices():
                self.rows += len(invoice.rows)
                self._batch.append(self._prepare(invoice))
                events, rows = events + len(self._batch[-1].events), rows + len(invoice.rows)
                if max(events, rows) >= BATCH:
                    self._append()
                    events = rows = 0
            self._append()
        finally:
            gc.unfreeze()

    def _prepare(self, invoice: Invoice) -> _Prepared:
        items, rejected = _items(invoice)
        if not items:
            return _Prepared("", [], [], rejected, None)
        ids = _Ids(invoice, items)
        about = Metadata(ACTOR, correlation_id=ids.correlation, origin=self._origin)
        customer = _customer(items[0].row)[0]
        if invoice.is_credit_note:
            events = list(_credit_note(items, about, ids))
            return _Prepared(f"creditnote-{invoice.number}", events, items, rejected, ids, customer)
        happened, used, left_out = _cart(items)
        events = [
            new_event(event, about, time, ids.of_version(version, time))
            for version, (event, time) in enumerate(happened, 1)
        ]
        return _Prepared(f"cart-{invoice.number}", events, used, rejected + left_out, ids, customer)

    def _append(self) -> None:
        """Appends what of the batch is not there yet, all in one transaction."""
        invoices = [prepared.stream for prepared in self._batch if prepared.events]
        versions = self._store.versions_of(invoices)
        self._learn_names({each.sku for prepared in self._batch for each in prepared.used} - self._names.keys())
        appends: list[Append] = []
        for prepared in self._batch:
            appends += self._appends(prepared, versions.get(prepared.stream, 0))
            for row, reason in sorted(prepared.rejected):
                self._side.add(row, reason)
        subjects = {(prepared.stream, 1): prepared.customer for prepared in self._batch if prepared.customer}
        begun = {(append.stream, append.expected_version + 1) for append in appends}
        theirs = {place: subjects[place] for place in begun & subjects.keys()}
        self.events += len(self._store.append_all(self._protection.sealed(appends, theirs, self._protection.version)))
        self._batch = []
        self._progress(self._file.read, max(1, self._file.size))

    def _appends(self, prepared: _Prepared, version: int) -> list[Append]:
        """What an invoice adds to the store, in which its stream is at `version`."""
        if not prepared.events:
            return []
        if version == 0:
            self.used += len(prepared.used)
            return [*self._product_appends(prepared), Append(prepared.stream, 0, prepared.events)]
        if version == len(prepared.events) and self._is_there(prepared):
            self.already += len(prepared.used)
        else:
            prepared.rejected.extend((each.row, OTHER_CONTENT) for each in prepared.used)
        return []

    def _is_there(self, prepared: _Prepared) -> bool:
        stored = self._store.stream_records(prepared.stream)
        return [record.id for record in stored] == [event.id.bytes for event in prepared.events if event.id]

    def _product_appends(self, prepared: _Prepared) -> Iterator[Append]:
        """Products that are sold for the first time, or under another name than before."""
        for each in prepared.used:
            version, name = self._names[each.sku]
            if name == each.name or prepared.ids is None:
                continue
            stream = product_stream(each.sku)
            listed = ProductListed(each.sku, each.name, each.unit_price, CURRENCY)
            happened = ProductRenamed(name, each.name) if version else listed
            about = Metadata(ACTOR, correlation_id=prepared.ids.correlation, origin=self._origin)
            id_ = prepared.ids.of_product(stream, version + 1, each.time)
            yield Append(stream, version, [new_event(happened, about, each.time, id_)])
            self._names[each.sku] = version + 1, each.name

    def _learn_names(self, skus: Iterable[str]) -> None:
        """What products are called in the store."""
        found = self._store.latest([*map(product_stream, skus)])
        for sku in skus:
            last = found.get(product_stream(sku))
            self._names[sku] = (last.version, self._name(last)) if last else (0, "")

    def _name(self, last: Record) -> str:
        """By the stream's last event that has a name; mostly that is its last."""
        name = self._store.codec.data(last)[1].get("name")
        if isinstance(name, str):
            return name
        names = [event.data.get("name") for event in self._store.read_stream(last.stream)]
        return next((name for name in reversed(names) if isinstance(name, str)), "")


_FULL = f"the invoice has more than {MAX_LINES:,} lines or {MAX_QUANTITY:,} of a product"


def _items(invoice: Invoice) -> tuple[list[Item], list[tuple[Row, str]]]:
    """The rows that can be events, all of one customer, and the others."""
    items: list[Item] = []
    rejected: list[tuple[Row, str]] = []
    is_credit_note = invoice.is_credit_note
    number_fault = _number_fault(invoice.number)
    for row in invoice.rows:
        found = item(row, is_credit_note=is_credit_note)
        if isinstance(found, str):
            rejected.append((row, found))
        elif reason := number_fault or _breaks_a_rule(found):
            rejected.append((row, reason))
        elif items and _is_another_s(row, items[0].row):
            rejected.append((row, TWO_CUSTOMERS))
        else:
            items.append(found)
    return items, rejected


def _number_fault(number: str) -> str:
    if not number:
        return "no invoice number"
    return "the invoice number is too long" if len(number) > MAX_CODE else ""


def _breaks_a_rule(found: Item) -> str:
    if found.quantity > MAX_QUANTITY:
        return f"more than {MAX_QUANTITY:,} of a product"
    if found.unit_price > MAX_PRICE:
        return "the price is too high"
    if len(found.sku) > MAX_CODE:
        return "the stock code is too long"
    if len(found.name) > MAX_NAME:
        return "the description is too long"
    # As it stands in the file first: to take off the blanks is worth it only for what is too long.
    *_, customer, country = found.row.cells
    is_long = len(customer) > MAX_NAME or len(country) > MAX_NAME
    return "the customer or the country is too long" if is_long and _has_long_customer(found.row) else ""


def _has_long_customer(row: Row) -> bool:
    return max(map(len, _customer(row))) > MAX_NAME


def _is_another_s(row: Row, first: Row) -> bool:
    return row.cells[6:] != first.cells[6:] and _customer(row) != _customer(first)


def _customer(row: Row) -> tuple[str, str]:
    """Number, without the `.0` that a spreadsheet has left on it, and country."""
    return row.cells[6].strip().removesuffix(".0") or NOBODY, row.cells[7].strip()


def _cart(items: Sequence[Item]) -> tuple[list[tuple[CartEvent, int]], list[Item], list[tuple[Row, str]]]:
    """The cart's events with their times, the items in it, and the rows that would break a rule of carts."""
    happened: list[tuple[CartEvent, int]] = [(CartOpened(*_customer(items[0].row)), items[0].time)]
    used: list[Item] = []
    left_out: list[tuple[Row, str]] = []
    # Not the cart's own state, which `evolve` copies with every line.
    lines: dict[str, Line] = {}
    for each in items:
        event = _event(each, lines)
        if isinstance(event, str):
            left_out.append((each.row, event))
        else:
            used.append(each)
            lines[event.line or event.sku] = Line(each.sku, event.quantity, each.unit_price)
            happened.append((event, each.time))
    total = sum(line.total for line in lines.values())
    happened.append((CartCheckedOut(total, CURRENCY), max(time for _, time in happened)))
    return happened, used, left_out


def _event(each: Item, lines: Mapping[str, Line]) -> ItemAdded | ItemQuantityChanged | str:
    """What a row does to its cart, or why it cannot."""
    line, before = "", lines.get(each.sku)
    if before is not None and before.unit_price != each.unit_price:
        line = f"{each.sku}@{each.unit_price}"
        before = lines.get(line)
    if before is None:
        full = len(lines) >= MAX_LINES
        return _FULL if full else ItemAdded(each.sku, each.quantity, each.unit_price, CURRENCY, line)
    if before.sku != each.sku:
        return SAME_LINE
    quantity = before.quantity + each.quantity
    return _FULL if quantity > MAX_QUANTITY else ItemQuantityChanged(each.sku, before.quantity, quantity, line)


def _credit_note(items: Sequence[Item], about: Metadata, ids: "_Ids") -> Iterator[NewEvent]:
    customer, country = _customer(items[0].row)
    time = items[0].time
    issued: dict[str, Json] = {"customer": customer, "country": country}
    yield NewEvent("CreditNoteIssued", issued, about, 1, time, ids.of_version(1, time))
    for version, each in enumerate(items, 2):
        line: dict[str, Json] = {
            "sku": each.sku,
            "description": each.name,
            "quantity": each.quantity,
            "unit_price": each.unit_price,
            "currency": CURRENCY,
        }
        yield NewEvent("CreditLineRecorded", line, about, 1, each.time, ids.of_version(version, each.time))


class _Ids:
    """UUIDv7s of the time it happened, with a hash of the invoice's content where they would be random."""

    def __init__(self, invoice: Invoice, items: Sequence[Item]) -> None:
        content = [invoice.number, *_customer(items[0].row), [each[1:] for each in items]]
        self._digest = hashlib.sha256(msgspec.json.encode(content)).digest()
        # A long invoice carries into the hash.
        self._number = int.from_bytes(self._digest[:8], "big") << 16
        self.correlation = uuid7(max(0, items[0].time) // 1_000, self._digest[8:18])

    def of_version(self, version: int, time: int) -> UUID:
        return numbered_uuid7(max(0, time) // 1_000, self._number + version)

    def of_product(self, stream: str, version: int, time: int) -> UUID:
        content = self._digest + f"{stream} {version}".encode()
        return uuid7(max(0, time) // 1_000, hashlib.sha256(content).digest()[:10])
