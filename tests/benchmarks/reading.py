"""Questions: all of a frame, one stream's state in depth, words in the events' data.

Asked of stores that the system holds in memory; from a cold disk each page that is read takes some ten µs more.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count

from explorer.application.filtering import EventFilter
from explorer.application.history import state_at
from explorer.application.session import Session
from explorer.application.view import Answer, Question, answer
from explorer.application.word_search import Search, Wanted
from explorer.language.printing import as_word
from tests.benchmarks.bench import Bench
from tests.benchmarks.giants import GIANTS, giants_of
from tests.benchmarks.table import Row, at_most, p95_row
from tests.benchmarks.timing import in_turn, seconds

ASKED = Question(cart_limit=30, product_limit=30, stream_limit=0, rows=14)
"""What a window of 1400x900 asks: as many rows as have room and some more, and none of a list behind another's tab."""


class Window:
    """Asks as the window's worker does: looks for news first, and hands in the answer before."""

    def __init__(self, session: Session, stream: str, size: int) -> None:
        self.size, self._session, self._stream = size, session, stream
        self._answer: Answer | None = None
        self.go(size)

    def go(self, position: int) -> None:
        self._session.catch_up()
        self._answer = answer(self._session, replace(ASKED, as_of=position, stream=self._stream), self._answer)


def a_cart(session: Session, position: int) -> str:
    """The cart of the first event from a position on that is an ordinary cart's."""
    giants = {giant.stream for giant in GIANTS}
    while page := session.store.records(position - 1):
        for record in page:
            if record.stream.startswith("cart-") and record.stream not in giants:
                return record.stream
        position = page[-1].position + 1
    raise LookupError("The store has no cart.")


def a_product(session: Session) -> str:
    """The number of a product that is sold."""
    for record in session.store.records():
        if record.type == "ProductListed":
            return record.stream.partition("-")[2]
    raise LookupError("The store begins without a product.")


def answers(bench: Bench) -> Iterator[Row]:
    """Whole answers without painting, all sizes in turn: random positions, the next position, a giant chosen."""
    with ExitStack() as closing:
        sessions = {size: closing.enter_context(bench.store(size).warm().open()) for size in bench.sizes}
        carts = {size: Window(session, a_cart(session, size // 2), size) for size, session in sessions.items()}
        rng = bench.random("answers")
        scattered = in_turn(bench.samples, *(_scattered(window, rng) for window in carts.values()))
        following = in_turn(bench.samples, *(_following(window) for window in carts.values()))
        chosen = [(giants_of(size)[-1], Window(sessions[size], giants_of(size)[-1].stream, size))
                  for size in bench.sizes if giants_of(size)]  # fmt: skip
        deep = in_turn(bench.samples, *(_scattered(window, rng) for _, window in chosen))
    for size, random_, next_ in zip(bench.sizes, scattered, following, strict=True):
        yield p95_row("answers", "all questions of a frame, random position", size, random_, at_most(4))
        yield p95_row("answers", "all questions of a frame, next position", size, next_, at_most(4))
    for (giant, window), samples in zip(chosen, deep, strict=True):
        what = f"the same, random, cart of {giant.events:,} events chosen"
        yield p95_row("answers", what, window.size, samples, at_most(4), required=False)
    if len(bench.sizes) > 1:
        what = f"random position, p95 against that at {bench.sizes[0]:,} events"
        ratio = scattered[-1].p95 / scattered[0].p95
        yield Row("answers", what, bench.sizes[-1], "×", ratio, at_most(1.2), required=False)


def _scattered(window: Window, rng: random.Random) -> Callable[[], float]:
    return lambda: seconds(lambda: window.go(rng.randrange(1, window.size + 1)))


def _following(window: Window) -> Callable[[], float]:
    positions = count(window.size // 3)
    return lambda: seconds(lambda: window.go(next(positions) % window.size))


def states(bench: Bench) -> Iterator[Row]:
    """`history.state_at` of the giants at random versions: look-up, nearest snapshot, fold, document."""
    size = bench.sizes[-1]
    rng, giants = bench.random("states"), [giant for giant in GIANTS if size >= giant.from_size]
    with bench.store(size).warm().open() as session:

        def one(stream: str, events: int) -> Callable[[], float]:
            return lambda: seconds(lambda: state_at(session, stream, rng.randrange(1, events + 1)))

        taken = in_turn(bench.samples, *(one(giant.stream, giant.events) for giant in giants)) if giants else []
    for giant, samples in zip(giants, taken, strict=True):
        yield p95_row("states", f"state at a random version of {giant.events:,}", size, samples, at_most(1))
    if len(taken) > 1:
        ratio, of_p95 = taken[1].median / taken[0].median, taken[1].p95 / taken[0].p95
        yield Row("states", "the same, longest against shortest stream, medians", size, "×", ratio, at_most(1.5))
        yield Row("states", "the same, p95", size, "×", of_p95, at_most(1.5))
    for giant in GIANTS[len(giants) :]:
        note = f"needs a store of {giant.from_size:,} events"
        yield Row("states", f"state at a random version of {giant.events:,}", size, "ms", None, at_most(1), note=note)


def search(bench: Bench) -> Iterator[Row]:
    """Words in the events' data: the first answer, with whatever the nearest stretch has, and the whole log."""
    for size in bench.sizes:
        with bench.store(size).warm().open() as session:
            yield from _searched(bench, session, size)


def _searched(bench: Bench, session: Session, size: int) -> Iterator[Row]:
    rng, word = bench.random(f"search {size}"), _word(session, size)
    whole = Search(Wanted(as_word(word)))
    (first,) = in_turn(bench.samples, lambda: seconds(lambda: _begun(session, word, rng.randrange(1, size + 1))))
    took = seconds(lambda: whole.go_on(session, size // 2, size, lambda stretches: stretches > 0))
    yield p95_row("search", "words in the data, first answer", size, first, at_most(16.7))
    yield Row("search", "words in the data, whole log", size, "s", took)
    yield Row("search", "the same, as a rate", size, "events/s", size / took)


def _begun(session: Session, word: str, position: int) -> None:
    answer(session, replace(ASKED, as_of=position, filter=EventFilter(where=as_word(word))))


def _word(session: Session, size: int) -> str:
    """A product's number out of the middle of the log."""
    for record in session.store.records(size // 2):
        sku = session.store.codec.data(record)[1].get("sku")
        if isinstance(sku, str) and record.type == "ItemAdded":
            return sku
    raise LookupError("The store has no item.")
