"""A verification that is stopped goes on where it was, and passes over nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.checkpoints import (
    sign,
)
from explorer.application.keys import SigningKey, signing_key
from explorer.application.restoring import restore
from explorer.application.session import Session
from explorer.application.verdict import Verdict
from explorer.application.verification import verify_store
from explorer.application.verified import stopped_at
from explorer.domain.cart import ItemQuantityChanged
from explorer.errors import Cancelled, Missing
from tests.application.evidence import a_day, tamper
from tests.application.shop import Clock, happened, long_cart, opened


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def key() -> SigningKey:
    return signing_key()


@pytest.fixture
def day(session: Session, clock: Clock) -> Session:
    a_day(session, clock)
    return session


def failed(verdict: Verdict) -> dict[str, int | None]:
    return {check.name: check.position for check in verdict.checks if not check.ok}


def detail(verdict: Verdict, name: str) -> str:
    return next(check.detail for check in verdict.checks if check.name == name)


@pytest.mark.parametrize("reached", [{"position": -5}, {"position": 100}, {"position": 1, "frontier": ["AA=="]}])
def test_a_place_to_go_on_from_that_cannot_be_is_none(day: Session, reached: dict[str, object]) -> None:
    place: dict[str, object] = {"store_id": str(day.store.store_id), "at": 1, "time": 1, "frontier": [], **reached}
    (day.cache.folder / "verification-stopped.json").write_text(json.dumps(place), encoding="utf-8")
    with pytest.raises(Missing):
        verify_store(day, resume=True)


class Stop:
    """Stops a verification once it has read so many events."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self, done: int, total: int) -> None:
        if done >= self.at:
            raise Cancelled("stopped")


@pytest.fixture
def long(session: Session) -> Session:
    long_cart(session, 5_000)
    return session


def test_a_verification_that_was_stopped_goes_on_where_it_was(long: Session, key: SigningKey) -> None:
    sign(long, key)
    with pytest.raises(Cancelled):
        verify_store(long, progress=Stop(2_000))
    reached = stopped_at(long.cache.folder, long.store.store_id)
    assert reached is not None
    assert reached.position == 2_000
    seen: list[int] = []
    verdict = verify_store(long, resume=True, progress=lambda done, _: seen.append(done))
    assert verdict.ok
    assert seen[0] == 3_000
    assert "2,000 of them were computed before the stop" in detail(verdict, "hashes")
    with pytest.raises(Missing, match="without --resume"):
        verify_store(long, resume=True)


def test_going_on_finds_what_lies_behind_and_what_was_signed_before(
    long: Session, key: SigningKey, open_session: Callable[[], Session]
) -> None:
    sign(long, key)
    happened(long, "cart-long", ItemQuantityChanged("mug", 5_000, 1))
    with pytest.raises(Cancelled):
        verify_store(long, progress=Stop(2_000))
    tamper(long.path, "UPDATE events SET actor = 'Eve' WHERE position = 4000")
    assert failed(verify_store(open_session(), resume=True))["hashes"] == 4_000


def test_a_fault_is_not_passed_over_by_stopping_behind_it(long: Session) -> None:
    tamper(long.path, "UPDATE events SET actor = 'Eve' WHERE position = 40")
    with pytest.raises(Cancelled):
        verify_store(long, progress=Stop(2_000))
    with pytest.raises(Missing):
        verify_store(long, resume=True)


def test_a_verification_that_was_stopped_in_another_history_is_begun_anew(session: Session, tmp_path: Path) -> None:
    long_cart(session, 2_500)
    session.store.copy_to(tmp_path / "backup", lambda: None)
    long_cart(session, 2_500, "cart-3")

    def stop(done: int, total: int) -> None:
        if done >= 4_000:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        verify_store(session, progress=stop)
    session.close()
    restore(tmp_path / "backup", session.path, force=True)
    with opened(tmp_path, Clock()) as restored:
        long_cart(restored, 3_000, "cart-4")
        assert verify_store(restored, resume=True).ok
        assert not restored.store.read_only
