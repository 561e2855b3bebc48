"""The demo shop: seeded shoppers who send commands, as people at a window do. No event is made by hand.

The same seed and number make the same history: times, ids and choices all come from the seed. Only the store's own
identity is new each time.
"""

import heapq
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from explorer.application.handle import Desk
from explorer.application.outside import Outside, uuid7
from explorer.application.resources import resource
from explorer.application.session import Session
from explorer.domain.cart import (
    Abandon,
    AddItem,
    ApplyCoupon,
    ChangeQuantity,
    CheckOut,
    OpenCart,
    RemoveCoupon,
    RemoveItem,
    Reopen,
    SetNote,
)
from explorer.domain.catalogue import (
    IssueCoupon,
    ListProduct,
    RenameProduct,
    RepriceProduct,
    coupon_stream,
    product_stream,
)
from explorer.domain.event import Metadata
from explorer.projections.runner import Progress, no_progress

SECOND = 1_000_000
DAY = 86_400 * SECOND
WEEK = 7 * DAY
DEFAULT_WEEK = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND
"""The Monday on which a new demo store begins."""
EVENTS_A_VISIT = 6
"""About so many events a cart has, by which the number of visits in a week is planned."""
VISITS_A_WEEK = 2_000
"""With more than that a demo goes on into the next week."""
BATCH = 500
"""Events decided before they are appended together."""
BY_HOUR = (1, 1, 0, 0, 0, 1, 3, 6, 9, 11, 13, 15, 22, 20, 13, 12, 12, 14, 18, 24, 26, 20, 11, 4)
"""How busy each hour of a weekday is: lunch and evening stand out."""
BY_HOUR_WEEKEND = (3, 2, 1, 0, 0, 0, 1, 3, 7, 13, 19, 22, 21, 19, 18, 18, 17, 15, 13, 13, 14, 13, 10, 6)
BY_DAY = (10, 9, 9, 11, 13, 17, 12)

Step = tuple[str, object, str, str]
"""Stream, command, actor, reason."""


class Shop(msgspec.Struct, frozen=True):
    """The catalogue and the people, as `resources/demo/shop.json` has them."""

    currency: str
    products: list[tuple[str, str, int]]
    coupons: list[tuple[str, int]]
    short_lived: str
    customers: list[str]
    places: list[str]
    staff: list[str]
    notes: list[str]
    corrections: list[str]
    giving_up: list[str]


class World:
    """A clock that stands where the demo puts it, and ids of its time and of the seed."""

    def __init__(self, seed: str, time: int) -> None:
        self.time = time
        self._random = random.Random(seed)

    def clock(self) -> int:
        return self.time

    def new_id(self) -> UUID:
        return uuid7(self.time // 1_000, self._random.randbytes(10))


def fill(
    path: Path,
    events: int,
    seed: int,
    *,
    cache: Path | None = None,
    until: int | None = None,
    progress: Progress = no_progress,
) -> int:
    """Lets shoppers append at least `events` events to a store, which is made if it is not there; how many they were.

    A new store gets the week that begins at DEFAULT_WEEK, or that ends `until` (µs UTC); one with history goes on from
    there. `progress` may raise Cancelled: what was appended until then stays.
    """
    shop = msgspec.json.decode(resource("demo", "shop.json").read_bytes(), type=Shop)
    with Session(path, cache=cache, create=True) as session:
        head = session.store.head()
    start = DEFAULT_WEEK if until is None else until - WEEK
    if head.size:
        start = max(head.time + SECOND, start) if until is None else head.time + SECOND
    world = World(f"{seed} {head.size}", start)
    with Session(path, cache=cache, world=Outside(world.clock, world.new_id)) as session:
        return _Demo(session, shop, world, seed, events, progress).run()


class _Demo:
    def __init__(self, session: Session, shop: Shop, world: World, seed: int, events: int, progress: Progress) -> None:
        self._session, self._shop, self._world = session, shop, world
        self._events, self._progress = events, progress
        self._size = session.store.head().size
        self._random = random.Random(f"{seed} {self._size} shoppers")
        self._desk, self._undecided, self._done = Desk(session), 0, 0

    def run(self) -> int:
        """At least the wanted number of events, counted without the catalogue, in order of time."""
        self._stock()
        catalogue = self._done + self._undecided
        start, number = self._world.time, 0
        while self._done + self._undecided - catalogue < self._events:
            left = self._events - (self._done + self._undecided - catalogue)
            visits = min(VISITS_A_WEEK, max(1, left // EVENTS_A_VISIT + 1))
            self._week(start + number * WEEK, visits, catalogue)
            number += 1
        self._append()
        return self._done

    def _stock(self) -> None:
        """Lists what the shop sells, if it does not yet."""
        store, shop, staff = self._session.store, self._shop, self._shop.staff[0]
        about = Metadata(staff, "opening the shop", self._world.new_id(), origin="demo")
        for sku, name, price in shop.products:
            if not store.version_of(product_stream(sku)):
                self._do(product_stream(sku), ListProduct(sku, name, price, shop.currency), about)
        for code, percent in shop.coupons:
            if not store.version_of(coupon_stream(code)):
                expires = self._world.time + (2 * DAY if code == shop.short_lived else 520 * WEEK)
                self._do(coupon_stream(code), IssueCoupon(code, percent, expires), about)

    def _week(self, start: int, visits: int, catalogue: int) -> None:
        """Visits overlap as they do in a shop: whoever's next step is due comes next."""
        due: list[tuple[int, int, Iterator[Step], UUID]] = []
        for number in range(visits):
            time = self._arrival(start)
            heapq.heappush(due, (time, number, self._visit(time, start), self._world.new_id()))
        for number in range(2):
            time = self._arrival(start)
            heapq.heappush(due, (time, visits + number, self._office(), self._world.new_id()))
        while due and self._done + self._undecided - catalogue < self._events:
            time, number, steps, visit = heapq.heappop(due)
            step = next(steps, None)
            if step is not None:
                stream, command, actor, reason = step
                self._world.time = max(self._world.time, time)
                self._do(stream, command, Metadata(actor, reason, visit, origin="demo"))
                pause = round(self._random.expovariate(1 / 50) * SECOND) + SECOND + self._random.randrange(SECOND)
                if isinstance(command, Abandon):
                    pause += self._random.randrange(1, 20) * 3_600 * SECOND
                heapq.heappush(due, (time + pause, number, steps, visit))

    def _arrival(self, start: int) -> int:
        # The first day is the store's own; it need not be a Monday.
        weekday = datetime.fromtimestamp(start // SECOND, UTC).weekday()
        day = self._random.choices(range(7), [BY_DAY[(weekday + number) % 7] for number in range(7)])[0]
        midnight = datetime.fromtimestamp(start // SECOND, UTC) + timedelta(days=day)
        hours = BY_HOUR_WEEKEND if midnight.weekday() >= 5 else BY_HOUR
        hour = self._random.choices(range(24), [hours[(midnight.hour + number) % 24] for number in range(24)])[0]
        return start + day * DAY + (hour * 3_600 + self._random.randrange(3_600)) * SECOND

    def _visit(self, time: int, week: int) -> Iterator[Step]:
        """One shopper, from the empty cart to the till or the door."""
        choose, shop = self._random, self._shop
        customer = choose.choice(shop.customers)
        actor = customer.split(maxsplit=1)[0].lower()
        cart = f"cart-{self._world.new_id()}"
        yield cart, OpenCart(customer, choose.choice(shop.places)), actor, ""
        inside: dict[str, int] = {}
        for _ in range(1 + min(14, round(choose.expovariate(1 / 3.2)))):
            yield from ((cart, command, actor, "") for command in self._pick(inside))
        if choose.random() < 0.12:
            yield cart, SetNote(choose.choice(shop.notes)), actor, ""
        if choose.random() < 0.2:
            yield from self._use_coupon(cart, actor, time, week)
        if inside and choose.random() < 0.08:
            sku = choose.choice(list(inside))
            inside[sku] += choose.choice((1, 2)) if inside[sku] == 1 else -1
            reason = choose.choice(shop.corrections)
            yield cart, ChangeQuantity(sku, inside[sku]), choose.choice(shop.staff), reason
        yield from self._leave(cart, actor, inside)

    def _pick(self, inside: dict[str, int]) -> Iterator[object]:
        """Puts something in, counts again, or takes something out."""
        choose = self._random
        mood = choose.random()
        if not inside or mood < 0.68:
            # A few products sell much better than the rest.
            sku = self._shop.products[min(len(self._shop.products) - 1, int(choose.expovariate(1 / 12)))][0]
            quantity = choose.choice((1, 1, 1, 2, 2, 3, 4, 6, 6, 12))
            inside[sku] = inside.get(sku, 0) + quantity
            yield AddItem(sku, quantity)
        elif mood < 0.88:
            sku = choose.choice(list(inside))
            quantity = choose.choice([number for number in (1, 2, 3, 4, 6, 8, 12, 24) if number != inside[sku]])
            inside[sku] = quantity
            yield ChangeQuantity(sku, quantity)
        else:
            sku = choose.choice(list(inside))
            del inside[sku]
            yield RemoveItem(sku)

    def _use_coupon(self, cart: str, actor: str, time: int, week: int) -> Iterator[Step]:
        choose = self._random
        codes = [code for code, _ in self._shop.coupons if code != self._shop.short_lived or time < week + DAY]
        known = [code for code in codes if code != self._shop.short_lived or not self._size]
        yield cart, ApplyCoupon(choose.choice(known)), actor, ""
        if choose.random() < 0.1:
            yield cart, RemoveCoupon(), actor, "keeping it for later"

    def _leave(self, cart: str, actor: str, inside: dict[str, int]) -> Iterator[Step]:
        choose = self._random
        if inside and choose.random() < 0.72:
            yield cart, CheckOut(), actor, ""
        elif choose.random() < 0.75:
            yield cart, Abandon(), actor, choose.choice(self._shop.giving_up)
            if choose.random() < 0.25:
                yield cart, Reopen(), actor, "thought better of it"
                if inside:
                    yield cart, CheckOut(), actor, ""

    def _office(self) -> Iterator[Step]:
        """Staff reprice or rename a product now and then."""
        choose, shop = self._random, self._shop
        sku, name, price = choose.choice(shop.products)
        staff = choose.choice(shop.staff)
        now = self._session.store.version_of(product_stream(sku))
        if choose.random() < 0.6:
            raised = price + choose.choice((10, 20, 25)) + now
            yield product_stream(sku), RepriceProduct(raised), staff, "supplier raised the price"
        else:
            yield product_stream(sku), RenameProduct(f"{name} (new)" if now % 2 else name), staff, "clearer name"

    def _do(self, stream: str, command: Any, about: Metadata) -> None:
        self._undecided += len(self._desk.decide(stream, command, about, occurred_at=self._world.time))
        if self._undecided >= BATCH:
            self._append()

    def _append(self) -> None:
        self._desk.append()
        self._done, self._undecided = self._done + self._undecided, 0
        self._desk.forget()
        self._progress(min(self._done, self._events), self._events)
