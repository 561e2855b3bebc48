"""A year of a gift shop, made up from a seed in the shape of UCI "Online Retail"; and the real year.

A *piece* is what one stream does in one go: an invoice from opening to checkout, a credit note, a product listed or
renamed. A block is the pieces of a year in order of time; a large store is one block after another, with other names
and ids and a year later.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from explorer.application.importers.online_retail import import_online_retail
from explorer.application.session import Session
from explorer.domain.cart import (
    Cart,
    CartAbandoned,
    CartCheckedOut,
    CartEvent,
    CartOpened,
    CartReopened,
    ItemAdded,
    ItemQuantityChanged,
    ItemRemoved,
    evolve,
)
from explorer.domain.catalogue import ProductEvent, ProductListed, ProductRenamed, ProductRepriced, product_stream
from explorer.domain.event import Event, Json

MINUTE = 60_000_000
DAY = 1_440 * MINUTE
START = 14_944 * DAY
"""Wed 1 Dec 2010, µs UTC."""
INVOICES, PRODUCTS, CUSTOMERS, ACTORS = 25_000, 4_000, 4_300, 36
LARGEST = 1_114
"""Lines of the largest invoice; half have 13 or fewer."""
COUNTRIES = (
    "United Kingdom", "Germany", "France", "EIRE", "Spain", "Netherlands", "Belgium", "Switzerland", "Portugal",
    "Australia", "Norway", "Italy", "Channel Islands", "Finland", "Cyprus", "Sweden", "Austria", "Denmark", "Japan",
    "Poland", "USA", "Israel", "Unspecified", "Singapore", "Iceland", "Canada", "Greece", "Malta",
    "United Arab Emirates", "European Community", "RSA", "Lebanon", "Lithuania", "Brazil", "Czech Republic", "Bahrain",
    "Saudi Arabia", "Hong Kong",
)  # fmt: skip
_LOOKS = (
    "RED", "BLUE", "PINK", "IVORY", "VINTAGE", "RETROSPOT", "WOODEN", "GLASS", "JUMBO", "MINI", "PAPER", "ENAMEL",
    "SILVER", "FELT", "RUSTIC", "ZINC",
)  # fmt: skip
_THINGS = (
    "CAKE STAND", "LUNCH BAG", "HEART T-LIGHT HOLDER", "BUNTING", "ALARM CLOCK", "TEA TOWEL", "STORAGE JAR",
    "BIRD ORNAMENT", "DOORMAT", "HOT WATER BOTTLE", "NOTEBOOK", "PICTURE FRAME", "STAR DECORATION", "CHOPPING BOARD",
    "SEWING KIT", "PARTY CANDLES", "RIBBON", "DRAWER KNOB",
)  # fmt: skip
_QUANTITIES = (1, 1, 1, 2, 2, 3, 4, 6, 6, 8, 10, 12, 12, 16, 24, 25, 48, 72, 100, 240)
_REASONS = ("customer called", "out of stock", "counted wrong", "")


class Happened(NamedTuple):
    """An event as it will be stored, but for its number and id. `time` is occurred_at, µs UTC."""

    type: str
    schema_version: int
    data: dict[str, Json]
    time: int
    actor: str
    reason: str


class Piece(NamedTuple):
    stream: str
    events: Sequence[Happened]


def happened(event: CartEvent | ProductEvent, time: int, actor: str, reason: str = "") -> Happened:
    return Happened(type(event).__name__, event.schema_version, msgspec.to_builtins(event), time, actor, reason)


class Shop:
    """The made-up shop's year. `products` may be fewer than the real 4,000 for a small store."""

    def __init__(self, seed: int, products: int = PRODUCTS) -> None:
        self._random = random.Random(seed)
        rng = self._random
        self._skus = [f"{20_000 + 7 * number}{'ABC'[number % 3] if number % 4 == 0 else ''}" for number in
                      range(products)]  # fmt: skip
        rng.shuffle(self._skus)
        self._names = {sku: f"{rng.choice(_LOOKS)} {rng.choice(_LOOKS)} {rng.choice(_THINGS)}" for sku in self._skus}
        self._prices = {sku: max(4, min(50_000, round(rng.lognormvariate(5.3, 0.9)))) for sku in self._skus}
        self._popular = list(accumulate(1 / (rank + 5) ** 0.85 for rank in range(products)))
        self._countries = list(accumulate([900, 95, 85, 60, *(40 / (rank + 2) for rank in range(34))]))
        self._customers = list(accumulate(1 / (rank + 20) ** 0.6 for rank in range(CUSTOMERS)))

    def pieces(self) -> Iterator[Piece]:
        """A year. To be asked for once: another year needs another Shop of the same seed."""
        for sku in self._skus:
            listed = ProductListed(sku, self._names[sku], self._prices[sku], "GBP")
            yield Piece(product_stream(sku), [happened(listed, START - DAY + 480 * MINUTE, "catalogue")])
        for number, time in enumerate(self._times(), 1):
            if number % 40 == 0:
                yield self._product_changed(time)
            if number % 50 == 7:
                yield self._credit_note(f"creditnote-C{536_000 + number}", time)
            else:
                yield self._invoice(f"cart-{536_000 + number}", time, is_largest=number == 2_000)

    def _times(self) -> Iterator[int]:
        """A minute in working hours for each invoice; more of them before Christmas, none on Saturdays."""
        days = [day for day in range(364) if day % 7 != 3]
        weights = [2.0 if day % 364 < 20 or day > 290 else 1.0 for day in days]
        total = sum(weights)
        for day, weight in zip(days, weights, strict=True):
            count = round(INVOICES * weight / total)
            yield from sorted(START + day * DAY + round(self._random.triangular(480, 1_080)) * MINUTE
                              for _ in range(count))  # fmt: skip

    def _actor(self) -> str:
        return f"clerk-{self._random.randrange(ACTORS) + 1:02d}"

    def _whom(self) -> tuple[str, str]:
        rng = self._random
        customer = rng.choices(range(CUSTOMERS), cum_weights=self._customers)[0]
        country = rng.choices(COUNTRIES, cum_weights=self._countries)[0]
        return str(12_346 + customer), country

    def _choice(self, lines: int) -> list[str]:
        """Different products, the popular ones more often."""
        lines = min(lines, len(self._skus) // 2)
        if lines > 200 or lines * 8 > len(self._skus):
            return self._random.sample(self._skus, lines)
        found: dict[str, None] = {}
        while len(found) < lines:
            found.update(dict.fromkeys(self._random.choices(self._skus, cum_weights=self._popular, k=lines)))
        return list(found)[:lines]

    def _invoice(self, stream: str, time: int, *, is_largest: bool) -> Piece:
        rng, actor = self._random, self._actor()
        lines = LARGEST if is_largest else min(LARGEST - 1, max(1, round(rng.lognormvariate(2.55, 1.0))))
        skus, fate = self._choice(lines), rng.random()
        events: list[tuple[CartEvent, str]] = [(CartOpened(*self._whom()), "")]
        events += [(ItemAdded(sku, rng.choice(_QUANTITIES), self._prices[sku], "GBP"), "") for sku in skus]
        if rng.random() < 0.02:
            price = self._prices[skus[0]] + 10
            again = ItemAdded(skus[0], rng.choice(_QUANTITIES), price, "GBP", f"{skus[0]}@{price}")
            events.append((again, ""))
        if rng.random() < 0.15:
            events += self._second_thoughts(events, skus)
        events += self._ending([event for event, _ in events], fate)
        return Piece(stream, [happened(event, time, actor, reason) for event, reason in events])

    def _second_thoughts(
        self, events: Sequence[tuple[CartEvent, str]], skus: Sequence[str]
    ) -> list[tuple[CartEvent, str]]:
        rng = self._random
        added = {event.sku: event.quantity for event, _ in events if isinstance(event, ItemAdded) and not event.line}
        changed: list[tuple[CartEvent, str]] = []
        for sku in skus[: rng.randrange(1, 4)]:
            if len(added) > 1 and rng.random() < 0.3:
                changed.append((ItemRemoved(sku, added.pop(sku)), rng.choice(_REASONS)))
            else:
                quantity = added[sku] + rng.randrange(1, 9)
                changed.append((ItemQuantityChanged(sku, added[sku], quantity), rng.choice(_REASONS)))
        return changed

    def _ending(self, events: Sequence[CartEvent], fate: float) -> list[tuple[CartEvent, str]]:
        """Most are checked out, some abandoned, some come back, some stay open."""
        if fate < 0.02:
            return []
        if fate < 0.05:
            return [(CartAbandoned(), "")]
        state = Cart()
        for event in events:
            state = evolve(state, event)
        before: list[tuple[CartEvent, str]] = [(CartAbandoned(), ""), (CartReopened(), "customer called")]
        return [*(before if fate < 0.06 else ()), (CartCheckedOut(state.total, "GBP"), "")]

    def _credit_note(self, stream: str, time: int) -> Piece:
        """In a category that nobody wrote a decider for, as the importer has it."""
        rng, actor = self._random, self._actor()
        customer, country = self._whom()
        events = [Happened("CreditNoteIssued", 1, {"customer": customer, "country": country}, time, actor, "")]
        for sku in self._choice(rng.randrange(1, 6)):
            line: dict[str, Json] = {
                "sku": sku,
                "description": self._names[sku],
                "quantity": rng.choice(_QUANTITIES),
                "unit_price": self._prices[sku],
                "currency": "GBP",
            }
            events.append(Happened("CreditLineRecorded", 1, line, time, actor, ""))
        return Piece(stream, events)

    def _product_changed(self, time: int) -> Piece:
        rng = self._random
        sku = rng.choice(self._skus)
        if rng.random() < 0.5:
            before, self._names[sku] = self._names[sku], f"{rng.choice(_LOOKS)} {rng.choice(_THINGS)} No {time % 997}"
            event: ProductEvent = ProductRenamed(before, self._names[sku])
        else:
            price, self._prices[sku] = self._prices[sku], self._prices[sku] + rng.randrange(1, 20)
            event = ProductRepriced(price, self._prices[sku], "GBP")
        return Piece(product_stream(sku), [happened(event, time, "catalogue")])


def real_pieces(folder: Path, scratch: Path) -> Iterator[Piece]:
    """The block of the real files (`*.csv.gz` of `folder`, by name), imported into `scratch` as far as it is asked for.

    Another year of it needs the same `scratch`, and that the one before was read to its end.
    """
    with Session(scratch / "block.events", cache=scratch / "block.cache", create=True) as session:
        is_new, reached = session.store.head().size == 0, 0
        for path in sorted(folder.glob("*.csv*")):
            if is_new:
                import_online_retail(session, path, rejects=scratch / f"{path.name}.rejected")
            for stream, events in groupby(_events(session, reached), key=lambda event: event.stream):
                yield Piece(stream, [_as_happened(event) for event in events])
            reached = session.store.head().size


def _events(session: Session, after: int) -> Iterator[Event]:
    while page := session.store.read_all(after):
        yield from page
        after = page[-1].position


def _as_happened(event: Event) -> Happened:
    about = event.metadata
    return Happened(event.type, event.schema_version, event.data, event.occurred_at, about.actor, about.reason)
