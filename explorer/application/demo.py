"""The demo shop: seeded shoppers who send commands, as people at a window do. No event is made by hand.

The same seed and number make the same history: times, ids and choices all come from the seed. Only the store's own
identity is new each time.
"""

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from explorer.application.handle import Desk
from explorer.application.outside import Outside, uuid7
from explorer.application.privacy import protect
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
from explorer.errors import Refused
from explorer.projections.runner import Progress, no_progress

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
WEEK = 7 * DAY
DEFAULT_WEEK = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * SECOND
"""The Monday on which a new demo store begins."""
EVENTS_A_WEEK = 12_000
"""At most; a demo of more has several weeks, all about as busy."""
BATCH = 500
"""Events that are appended together at most."""
TOGETHER = HOUR
"""What happens within that time is appended together, so an event is recorded at most so long after it happened."""
BY_HOUR = (1, 1, 0, 0, 0, 1, 3, 6, 9, 11, 13, 15, 22, 20, 13, 12, 12, 14, 18, 24, 26, 20, 11, 4)
"""How busy each hour of a weekday is: lunch and evening stand out."""
BY_HOUR_WEEKEND = (3, 2, 1, 0, 0, 0, 1, 3, 7, 13, 19, 22, 21, 19, 18, 18, 17, 15, 13, 13, 14, 13, 10, 6)
BY_DAY = (10, 9, 9, 11, 13, 17, 12)
ORIGIN = "demo"


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
    new_names: list[str]


class Step(NamedTuple):
    """A command that somebody will send; `time` in µs UTC."""

    time: int
    stream: str
    command: object
    about: Metadata
    id: UUID | None = None
    """Of the event to come, where others may name it as their cause."""


class World:
    """A clock that stands where the demo puts it, and ids of its time and of the seed."""

    def __init__(self, seed: str, time: int) -> None:
        self.time = time
        self._random = random.Random(seed)

    def clock(self) -> int:
        return self.time

    def new_id(self) -> UUID:
        return self.id_at(self.time)

    def id_at(self, time: int) -> UUID:
        return uuid7(time // 1_000, self._random.randbytes(10))


def fill(
    path: Path,
    events: int,
    seed: int,
    *,
    cache: Path | None = None,
    until: int | None = None,
    protected: bool = False,
    wrong_price: bool = False,
    progress: Progress = no_progress,
) -> int:
    """Lets shoppers append at least `events` events to a store, which is made if it is not there; how many they were.

    A new store gets the week that begins at DEFAULT_WEEK, or that ends `until` (µs UTC); as many weeks as it takes, if
    one is too short. A store whose history goes on into that time goes on from its own end. `progress` may raise
    Cancelled: what was appended until then stays. `protected` switches the protection of personal data on first.
    With `wrong_price` a price list with a slipped decimal point is taken over in the middle of the first week.
    """
    shop = msgspec.json.decode(resource("demo", "shop.json").read_bytes(), type=Shop)
    with Session(path, cache=cache, create=True) as session:
        head = session.store.head()
    start = DEFAULT_WEEK if until is None else until - _weeks(events) * WEEK
    if head.size:
        start = max(head.time + SECOND, start)
    world = World(f"{seed} {head.size}", start)
    with Session(path, cache=cache, world=Outside(world.clock, world.new_id)) as session:
        if protected:
            protect(session, Metadata(shop.staff[0], "opening the shop", world.new_id(), origin=ORIGIN))
        choose = random.Random(f"{seed} {head.size} shoppers")
        return _Demo(session, shop, world, choose, events, progress).run(wrong_price=wrong_price)


def _weeks(events: int) -> int:
    return max(1, -(-events // EVENTS_A_WEEK))


class _Demo:
    def __init__(
        self, session: Session, shop: Shop, world: World, choose: random.Random, events: int, progress: Progress
    ) -> None:
        self._session, self._shop, self._world, self._choose = session, shop, world, choose
        self._events, self._progress = events, progress
        self._desk, self._undecided, self._done, self._first = Desk(session), 0, 0, 0
        self._short_lived_until = 0

    def run(self, *, wrong_price: bool) -> int:
        """At least the wanted number of events, counted without the catalogue, in order of time."""
        start, weeks, number = self._world.time, _weeks(self._events), 0
        self._stock()
        catalogue = self._undecided
        while (left := self._events + catalogue - self._done - self._undecided) > 0:
            week = self._week(start + number * WEEK, -(-left // max(1, weeks - number)))
            if wrong_price and number == 0:
                week = sorted([*week, self._slip(start + WEEK * 6 // 10)], key=lambda step: step.time)
            for step in week:
                self._do(step)
            number += 1
            self._append()
            # So that a long demo does not keep all its carts in mind.
            self._desk.forget()
        self._append()
        return self._done

    def _stock(self) -> None:
        """Lists what the shop sells, if it does not yet."""
        store, shop, time = self._session.store, self._shop, self._world.time
        about = Metadata(shop.staff[0], "opening the shop", self._world.new_id(), origin=ORIGIN)
        for sku, name, price in shop.products:
            if not store.version_of(product_stream(sku)):
                self._do(Step(time, product_stream(sku), ListProduct(sku, name, price, shop.currency), about))
        for code, percent in shop.coupons:
            if not store.version_of(coupon_stream(code)):
                is_short = code == shop.short_lived
                expires = time + (2 * DAY if is_short else 520 * WEEK)
                self._short_lived_until = expires if is_short else self._short_lived_until
                self._do(Step(time, coupon_stream(code), IssueCoupon(code, percent, expires), about))

    def _week(self, start: int, events: int) -> list[Step]:
        """What happens in a week, in order of time: visits overlap as they do in a shop.

        Who is still shopping when the week ends leaves an open cart.
        """
        steps: list[Step] = []
        while len(steps) < events:
            visit = (step for step in self._visit(self._arrival(start)) if step.time < start + WEEK)
            steps += islice(visit, events - len(steps))
        steps += (self._office(self._arrival(start)) for _ in range(2))
        steps.sort(key=lambda step: step.time)
        return steps

    def _arrival(self, start: int) -> int:
        """A time within the week from `start`, which need not be a Monday's midnight."""
        first = datetime.fromtimestamp(start // SECOND, UTC)
        day = self._choose.choices(range(7), [BY_DAY[(first.weekday() + number) % 7] for number in range(7)])[0]
        hours = BY_HOUR_WEEKEND if (first.weekday() + day) % 7 >= 5 else BY_HOUR
        hour = self._choose.choices(range(24), [hours[(first.hour + number) % 24] for number in range(24)])[0]
        return start + day * DAY + hour * HOUR + self._choose.randrange(HOUR // SECOND) * SECOND

    def _visit(self, arrival: int) -> Iterator[Step]:
        is_protected = self._session.protection.is_on
        shopper = _Shopper(self._shop, self._choose, arrival, self._short_lived_until, is_protected=is_protected)
        cart, visit = f"cart-{self._world.id_at(arrival)}", self._world.id_at(arrival)
        latest: dict[str, UUID] = {}
        for command, actor, reason in shopper.shop():
            id_, about = self._world.id_at(shopper.time), _thing(command)
            # Staff correct what a shopper did, and who comes back undoes that he had left.
            cause = latest.get(about) if actor != shopper.actor or isinstance(command, Reopen) else None
            yield Step(shopper.time, cart, command, Metadata(actor, reason, visit, cause, ORIGIN), id_)
            latest[about] = id_
            shopper.pause(command)

    def _office(self, time: int) -> Step:
        """Staff reprice or rename a product now and then."""
        choose, shop = self._choose, self._shop
        sku, name, price = choose.choice(shop.products)
        command, reason = (
            (RepriceProduct(price + choose.choice((10, 20, 25, 50))), "supplier raised the price")
            if choose.random() < 0.6
            else (RenameProduct(choose.choice(shop.new_names).format(name)), "clearer name")
        )
        about = Metadata(choose.choice(shop.staff), reason, self._world.id_at(time), origin=ORIGIN)
        return Step(time, product_stream(sku), command, about)

    def _slip(self, time: int) -> Step:
        """The price that sells best is a hundredth of what it should be: nobody has meant it."""
        sku, _, price = self._shop.products[0]
        about = Metadata("price feed", "price list of the supplier", self._world.id_at(time), origin=ORIGIN)
        return Step(time, product_stream(sku), RepriceProduct(max(1, price // 100)), about)

    def _do(self, step: Step) -> None:
        if self._undecided >= BATCH or (self._undecided and step.time - self._first > TOGETHER):
            self._append()
        self._world.time = step.time
        self._first = self._first if self._undecided else step.time
        # Refused is only who shops in a store with a history of its own: another price list, a coupon that has expired.
        # He does without, as people at a window do; the week after makes up for it.
        with suppress(Refused):
            self._undecided += len(
                self._desk.decide(step.stream, step.command, step.about, occurred_at=step.time, id_=step.id)
            )

    def _append(self) -> None:
        self._desk.append()
        self._done, self._undecided = self._done + self._undecided, 0
        self._progress(min(self._done, self._events), self._events)


def _thing(command: object) -> str:
    """Which line of the cart a command is about; "" for the cart itself."""
    match command:
        case AddItem(sku):
            return sku
        case ChangeQuantity(line) | RemoveItem(line):
            return line
        case _:
            return ""


class _Shopper:
    """One visit, from the empty cart to the till or the door. `time` is that of the next step."""

    def __init__(
        self, shop: Shop, choose: random.Random, time: int, short_lived_until: int, *, is_protected: bool
    ) -> None:
        self.time = time
        self._shop, self._choose, self._short_lived_until = shop, choose, short_lived_until
        self._customer = choose.choice(shop.customers)
        # Where the customer's name is to be erasable, it must not stand in the actor, which is not.
        self.actor = "shopper" if is_protected else self._customer.split(maxsplit=1)[0].lower()
        self._inside: dict[str, int] = {}

    def pause(self, command: object) -> None:
        """Who has given up may come back some hours later; else there is a minute or so between two steps."""
        self.time += round(self._choose.expovariate(1 / 50) * SECOND) + SECOND + self._choose.randrange(SECOND)
        if isinstance(command, Abandon):
            self.time += self._choose.randrange(1, 20) * HOUR

    def shop(self) -> Iterator[tuple[Any, str, str]]:
        """Command, actor and reason of each step."""
        choose, actor = self._choose, self.actor
        yield OpenCart(self._customer, choose.choice(self._shop.places)), actor, ""
        for _ in range(1 + min(14, round(choose.expovariate(1 / 3.2)))):
            yield self._pick(), actor, ""
        if choose.random() < 0.12:
            yield SetNote(choose.choice(self._shop.notes)), actor, ""
        if choose.random() < 0.2:
            yield ApplyCoupon(self._coupon()), actor, ""
            if choose.random() < 0.1:
                yield RemoveCoupon(), actor, "keeping it for later"
        if self._inside and choose.random() < 0.08:
            yield self._correct(), choose.choice(self._shop.staff), choose.choice(self._shop.corrections)
        yield from self._leave()

    def _pick(self) -> AddItem | ChangeQuantity | RemoveItem:
        """Puts something in, counts again, or takes something out."""
        choose, inside = self._choose, self._inside
        mood = choose.random()
        if not inside or mood < 0.68:
            # A few products sell much better than the rest.
            sku = self._shop.products[min(len(self._shop.products) - 1, int(choose.expovariate(1 / 12)))][0]
            quantity = choose.choice((1, 1, 1, 2, 2, 3, 4, 6, 6, 12))
            inside[sku] = inside.get(sku, 0) + quantity
            return AddItem(sku, quantity)
        sku = choose.choice(list(inside))
        if mood < 0.88:
            inside[sku] = choose.choice([number for number in (1, 2, 3, 4, 6, 8, 12, 24) if number != inside[sku]])
            return ChangeQuantity(sku, inside[sku])
        del inside[sku]
        return RemoveItem(sku)

    def _coupon(self) -> str:
        has_expired = self.time >= self._short_lived_until
        return self._choose.choice(
            [code for code, _ in self._shop.coupons if not (has_expired and code == self._shop.short_lived)]
        )

    def _correct(self) -> ChangeQuantity:
        sku = self._choose.choice(list(self._inside))
        self._inside[sku] += self._choose.choice((1, 2)) if self._inside[sku] == 1 else -1
        return ChangeQuantity(sku, self._inside[sku])

    def _leave(self) -> Iterator[tuple[Any, str, str]]:
        choose, actor = self._choose, self.actor
        if self._inside and choose.random() < 0.72:
            yield CheckOut(), actor, ""
        elif choose.random() < 0.75:
            yield Abandon(), actor, choose.choice(self._shop.giving_up)
            if choose.random() < 0.25:
                yield Reopen(), actor, "thought better of it"
                if self._inside:
                    yield CheckOut(), actor, ""
