"""Who asks beside a sidecar and who asks alone is told the same, whoever has made the read models."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.demo import fill
from explorer.application.event_list import EventFilter
from explorer.application.session import Session
from explorer.application.view import Answer, Question, answer
from explorer.errors import Busy
from explorer.projections.runner import checkpoint_of
from explorer.sidecar.running import Wanted
from tests.sidecar.stage import Whole, whole

FIRST, MORE = 150, 100
"""Events before the sidecar begins, and of each burst that comes meanwhile."""
WORDS = ("", "mug", "heart", "a", "jane", "zzz")
BESIDES = {"standing", "search", "cart_matches", "rule_reader", "generation", "keys"}
"""What another one has verified, and how an answer was come by; no part of what is answered."""

STREAMS = st.sampled_from([None, "cart-1", "product-85123A", *(f"cart-{1000 + n}" for n in range(9))])
FILTERS = st.builds(
    EventFilter,
    stream=STREAMS,
    type=st.sampled_from([None, None, "ItemAdded", "CartOpened"]),
    where=st.sampled_from((*WORDS, "data.quantity > 2", "type == ItemAdded and actor ~ *a*")),
)
QUESTIONS = st.builds(
    Question,
    as_of=st.none() | st.integers(0, FIRST),
    stream=STREAMS,
    cart_status=st.sampled_from([None, "open", "checked_out", "abandoned"]),
    cart_words=st.sampled_from(WORDS),
    cart_limit=st.integers(1, 100),
    product_words=st.sampled_from(WORDS),
    stream_words=st.sampled_from(WORDS),
    filter=FILTERS,
    top=st.integers(0, FIRST + MORE),  # without one it is held where the last answer has left it
    rows=st.integers(1, 40),
    width=st.integers(100, 1_400),
)


def told(found: Answer) -> dict[str, Any]:
    parts = {field.name: getattr(found, field.name) for field in fields(found) if field.name not in BESIDES}
    return parts | {"status": found.status._replace(is_kept=False)}


@contextmanager
def appending(store: Path, cache: Path, seed: int) -> Generator[None]:
    """Shoppers beside, as another process that has a cache of its own; they have ended behind."""
    thread = Thread(target=lambda: fill(store, MORE, seed, cache=cache))
    thread.start()
    try:
        yield
    finally:
        thread.join()


class Window:
    """Asks as a window does: catches up if nobody else is at it, and goes on from its last answer."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._last: Answer | None = None

    def ask(self, question: Question) -> Answer:
        with suppress(Busy):
            self.session.catch_up()
        self._last = answer(self.session, question, self._last)
        return self._last

    def ask_to_the_end(self, question: Question) -> Answer:
        while (found := self.ask(question)).status.lag or found.is_seeking:
            pass
        return found


@settings(max_examples=6)
@given(st.lists(st.lists(QUESTIONS, min_size=1, max_size=4), min_size=1, max_size=2), st.integers(0, 1_000))
def test_a_session_beside_a_sidecar_and_one_alone_answer_the_same(
    rounds: Sequence[Sequence[Question]], seed: int
) -> None:
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        store = folder / "shop.events"
        fill(store, FIRST, seed, cache=folder / "writers")
        run = stack.enter_context(whole(Wanted(store, folder / "cache")))
        run.until(lambda: run.keeps(1))
        beside = Window(stack.enter_context(Session(store, cache=folder / "cache")))
        alone = Window(stack.enter_context(Session(store, cache=folder / "alone")))
        for questions in rounds:
            with appending(store, folder / "writers", seed):
                for question in questions:
                    found = beside.ask(question)
                    assert found.status.as_of <= found.status.checkpoint <= found.status.head
            for question in questions:
                assert told(beside.ask_to_the_end(question)) == told(alone.ask_to_the_end(question))
        check_kept(run, beside.session)


def check_kept(run: Whole, session: Session) -> None:
    """It was the sidecar beside whom this was asked that kept the read models, all the time."""
    assert run.keeps(1)
    assert not any(task.restarts for task in run.told.tasks.values())
    run.until(lambda: run.told.head == session.store.head().size and not run.told.behind)
    assert checkpoint_of(session.cache) == run.told.head
