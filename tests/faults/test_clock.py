"""A clock that jumps to and fro: positions are the order, the time of a position never runs back (F11)."""

from pathlib import Path

import pytest

from explorer.application.audit import audit_report, resolve_scope
from explorer.application.handle import handle
from explorer.application.outside import Outside, new_id
from explorer.application.session import Session
from explorer.application.view import Question, answer
from explorer.domain.cart import OpenCart, SetNote
from explorer.errors import BadInput
from explorer.store.appending import EARLIEST, LATEST
from tests.faults.conftest import Told
from tests.faults.deeds import ANN
from tests.faults.inspection import STORE, inspect, inspect_cache

HOUR = 3_600_000_000
START = 1_767_225_600_000_000
TIMES = {
    "set back by an hour (DST)": (START, START - HOUR, START - HOUR + 1, START),
    "stands still": (START, START, START),
    "leap second": (1_483_228_799_000_000, 1_483_228_799_999_999, 1_483_228_799_000_000, 1_483_228_800_000_000),
    "the battery is empty": (START, 0, 1, START + HOUR),
    "before 1970": (START, -1, -HOUR, START),
    "year 2038": (2_147_483_647_000_000, 2_147_483_648_000_000, 2_147_483_646_000_000),
    "the ends of the calendar": (EARLIEST, LATEST, EARLIEST, START),
}


class Jumping:
    """A clock that somebody sets."""

    time = START

    def __call__(self) -> int:
        return self.time


@pytest.mark.parametrize("jump", TIMES)
def test_a_clock_that_jumps_puts_nothing_out_of_order(quick_folder: Path, tell: Told, jump: str) -> None:
    clock = Jumping()
    with Session(
        quick_folder / STORE, cache=quick_folder / "cache", create=True, world=Outside(clock, new_id)
    ) as session:
        handle(session, "cart-1", OpenCart("Ann", "Leeds"), ANN)
        for number, clock.time in enumerate(TIMES[jump]):
            handle(session, "cart-1", SetNote(f"note {number}"), ANN)
            session.catch_up()
        events = session.store.read_all()
        assert [event.recorded_at for event in events[1:]] == [*TIMES[jump]]
        assert [event.data.get("note") for event in events[1:]] == [f"note {n}" for n in range(len(events) - 1)]
        times = [answer(session, Question(as_of=event.position)).status.time for event in events]
        assert times == [max(event.occurred_at for event in events[:n]) for n in range(1, len(events) + 1)]
        assert session.store.head().time == times[-1]
        verdict = audit_report(session, resolve_scope(session)).verdict
        assert verdict.ok, verdict.in_words()
    inspect(quick_folder)
    inspect_cache(quick_folder)
    tell("F11 clock set back or jumping", 1, len(TIMES[jump]))


@pytest.mark.parametrize("time", [EARLIEST - 1, LATEST + 1, 1 << 70])
def test_a_clock_outside_of_the_calendar_is_told_and_nothing_is_saved(quick_folder: Path, time: int) -> None:
    clock = Jumping()
    with Session(
        quick_folder / STORE, cache=quick_folder / "cache", create=True, world=Outside(clock, new_id)
    ) as session:
        clock.time = time
        with pytest.raises(BadInput, match="clock"):
            handle(session, "cart-1", OpenCart("Ann", "Leeds"), ANN)
        assert session.store.head().size == 0
        clock.time = START
        assert handle(session, "cart-1", OpenCart("Ann", "Leeds"), ANN)[0].position == 1
