"""Erasing a person: nothing of them is left in any file, nothing else is changed, and the log still proves itself."""

import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.audit import audit_report
from explorer.application.handle import Desk, handle
from explorer.application.history import state_at
from explorer.application.privacy import erase, protect
from explorer.application.reports import FORMATS, write_report
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.verdict import examine
from explorer.application.view import Question, answer
from explorer.domain.cart import ChangeQuantity, OpenCart, SetNote
from explorer.domain.privacy import ERASED, KEY_MISSING, STREAM
from explorer.errors import Busy, Conflict, KnownError, Missing, ReadOnly, Refused
from explorer.store.sealing import key_name
from explorer.store.subject_keys import key_file
from tests.application.customers import (
    JANE,
    OFFICE,
    OMAR,
    TILL,
    files_with,
    folded,
    is_sound,
    protected_shop,
    shopping,
    shown,
)
from tests.application.shop import Clock, opened, stock


@pytest.fixture
def shop(session: Session) -> Session:
    return protected_shop(session)


def snapshots(session: Session) -> bytes:
    """What the snapshots say, which no search through a file finds: they are compressed."""
    with session.asking() as connection:
        rows = connection.connection.cursor().execute("SELECT state FROM snapshot").fetchall()
    return b"".join(zlib.decompress(row[0]) for row in rows)


def test_a_person_is_erased_everywhere_and_the_others_nowhere(shop: Session) -> None:
    assert shown(shop, "cart-1") == folded(shop, "cart-1") == JANE
    assert all(text.encode() in snapshots(shop) for text in (*JANE, *OMAR))
    erasure = erase(shop, OFFICE, subject=" Jane  Doe ")
    assert erasure.events == 4
    for stream in ("cart-1", "cart-3"):
        assert shown(shop, stream) == folded(shop, stream) == (ERASED, ERASED, ERASED)
    assert shown(shop, "cart-2") == folded(shop, "cart-2") == OMAR
    assert state_at(shop, "cart-1", 60).state["customer"] == ERASED
    assert not [text for text in JANE if text.encode() in snapshots(shop)]
    assert all(text.encode() in snapshots(shop) for text in (ERASED, *OMAR))
    assert is_sound(shop)


def test_the_log_tells_who_erased_when_and_why_but_not_whom(shop: Session, clock: Clock) -> None:
    clock.time += 5
    key = erase(shop, OFFICE, subject="Jane Doe").key
    last = shop.store.read_all(shop.store.head().size - 1)[0]
    assert (last.stream, last.type, last.data) == (STREAM, "SubjectErased", {"key": key})
    assert (last.metadata.actor, last.metadata.reason, last.occurred_at) == ("office", "asked by letter", clock.time)


def test_no_file_holds_what_was_erased(shop: Session, tmp_path: Path) -> None:
    """F25, while the store was in use all along; the first look shows that the search finds what there is."""
    shop.close()
    assert files_with(tmp_path, *JANE, *OMAR).keys() == {
        next(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("cache/generation-*.cache")),
        "shop.events.keys",
    }
    left = tmp_path / "cache" / "building-of-a-killed-rebuild.cache"
    left.write_text(JANE[0])
    with opened(tmp_path, Clock()) as session:
        handle(session, "cart-3", SetNote("Ring at number 9."), TILL)
        erase(session, OFFICE, subject="Jane Doe")
        report = audit_report(session)
        for name in FORMATS:
            write_report(report, name, tmp_path / f"report.{name}")
        for path in tmp_path.glob("report.*"):
            if path.suffix in {".html", ".csv", ".json"}:
                assert "erased⟩" in path.read_text("utf-8")
                assert OMAR[0] in path.read_text("utf-8")
    assert files_with(tmp_path, *JANE, "Ring at number 9.") == {}
    assert files_with(tmp_path, "Omar Haddad").keys() > {"shop.events.keys", "report.csv"}


def test_a_copy_made_later_says_erased_too(shop: Session, tmp_path: Path) -> None:
    erase(shop, OFFICE, subject="Jane Doe")
    shop.close()
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("shop.events", "shop.events.keys"):
        (copy / name).write_bytes((tmp_path / name).read_bytes())
    with opened(copy, Clock()) as session:
        assert is_sound(session)
        assert (shown(session, "cart-1"), shown(session, "cart-2")) == ((ERASED,) * 3, OMAR)


def test_by_a_stream_the_person_it_is_about_is_erased(shop: Session) -> None:
    assert erase(shop, OFFICE, stream="cart-3").events == 4
    assert shown(shop, "cart-1") == (ERASED, ERASED, ERASED)
    with pytest.raises(Missing, match="erased already"):
        erase(shop, OFFICE, stream="cart-1")
    with pytest.raises(Missing, match="There is no stream 'cart-9'"):
        erase(shop, OFFICE, stream="cart-9")
    with pytest.raises(Missing, match="Nothing in product-mug is stored encrypted"):
        erase(shop, OFFICE, stream="product-mug")


def test_who_is_not_there_cannot_be_erased(shop: Session) -> None:
    size = shop.store.head().size
    for _ in range(2):
        with pytest.raises(Missing, match=r"No key in .* belongs to 'Jane Do'"):
            erase(shop, OFFICE, subject="Jane Do")
        erase_if_there(shop, "Jane Doe")
    assert shop.store.head().size == size + 1


def erase_if_there(session: Session, subject: str) -> None:
    with suppress(Missing):
        erase(session, OFFICE, subject=subject)


@pytest.mark.parametrize("field", ["customer", "location"])
def test_a_verdict_which_is_kept_repeats_no_personal_text(shop: Session, field: str) -> None:
    with shop.cache.writing() as cursor:
        cursor.execute(f"UPDATE cart_about SET {field} = 'Somebody Else' WHERE stream = 'cart-1'")
    size = shop.store.head().size
    words = examine(shop, shop.store.head(), (size,)).in_words()
    assert f"cart-1 has another {field} by its events than is shown" in words
    assert "Somebody" not in words


def test_what_was_never_protected_cannot_be_erased(session: Session) -> None:
    stock(session)
    shopping(session, "cart-1", JANE)
    with pytest.raises(Refused, match=r"are not protected.*event-explorer protect"):
        erase(session, OFFICE, subject="Jane Doe")


def test_a_store_that_may_not_be_written_keeps_its_keys(shop: Session, tmp_path: Path) -> None:
    with Session(tmp_path / "shop.events", cache=tmp_path / "cache", read_only=True) as reader:
        assert folded(reader, "cart-1") == JANE
        for deed in (lambda: erase(reader, OFFICE, subject="Jane Doe"), lambda: protect(reader, OFFICE)):
            with pytest.raises(ReadOnly, match="for reading only"):
                deed()
    assert folded(shop, "cart-1") == JANE


def test_what_was_stored_before_protection_stays_and_what_follows_is_erased(session: Session) -> None:
    stock(session)
    handle(session, "cart-1", OpenCart("Jane Doe", "Kirkwall"), TILL)
    assert protect(session, OFFICE)
    assert not protect(session, OFFICE)
    handle(session, "cart-1", SetNote("Ring twice."), TILL)
    erase(session, OFFICE, subject="Jane Doe")
    assert shown(session, "cart-1") == ("Jane Doe", "Kirkwall", ERASED)
    assert is_sound(session)


def test_a_cart_of_somebody_erased_goes_on_without_personal_texts(shop: Session) -> None:
    erase(shop, OFFICE, subject="Jane Doe")
    handle(shop, "cart-3", ChangeQuantity("mug", 9), TILL)
    with pytest.raises(Refused, match="were erased: no personal text can be added"):
        handle(shop, "cart-3", SetNote("Ring at number 9."), TILL)
    # Under the same name somebody else may come.
    shopping(shop, "cart-4", JANE)
    caught_up(shop)
    assert shown(shop, "cart-4") == JANE
    assert shown(shop, "cart-3") == (ERASED, ERASED, ERASED)
    assert is_sound(shop)


@pytest.fixture
def window(shop: Session, open_session: Callable[[], Session]) -> Session:
    """The same store in another session, which has looked at everything."""
    other = open_session()
    caught_up(other)
    handle(other, "cart-3", ChangeQuantity("mug", 2), TILL)
    return other


def test_a_window_that_is_open_shows_it_and_can_go_on(shop: Session, window: Session) -> None:
    erase(shop, OFFICE, subject="Jane Doe")
    # Even before it has caught up: what it reads from the log, and what it has remembered.
    assert folded(window, "cart-1") == (ERASED, ERASED, ERASED)
    caught_up(window)
    assert shown(window, "cart-1") == (ERASED, ERASED, ERASED)
    with pytest.raises(Refused, match="were erased"):
        handle(window, "cart-3", SetNote("Ring at number 9."), TILL)
    handle(window, "cart-2", SetNote("Mind the cat."), TILL)
    assert is_sound(window)


def test_a_window_wound_back_draws_the_past_anew(shop: Session, window: Session) -> None:
    past = Question(as_of=shop.store.version_at("cart-1", 10) + 8, stream="cart-1", rows=20)
    before = answer(window, past)
    assert JANE[0] in repr((before.carts, before.stream, before.events))
    erase(shop, OFFICE, subject="Jane Doe")
    caught_up(window)
    after = answer(window, past, before)
    assert not [text for text in JANE if text in repr((after.carts, after.stream, after.events))]
    assert repr((after.carts, after.stream, after.events)).count(ERASED) > 5


def test_what_a_window_remembers_of_somebody_is_not_stored_anew(shop: Session, window: Session) -> None:
    """Its first deed after the erasure, upon a state with snapshots and before it has read anything."""
    erase(shop, OFFICE, subject="Jane Doe")
    for stream in ("cart-1", "cart-3"):
        with pytest.raises(Refused, match="were erased"):
            handle(window, stream, SetNote("Ring at number 9."), TILL)
    assert shop.protection.keys.id_of("Jane Doe") is None


def test_nor_what_a_cache_of_its_own_has_kept(shop: Session, tmp_path: Path) -> None:
    with Session(tmp_path / "shop.events", cache=tmp_path / "other") as other:
        caught_up(other)
        erase(shop, OFFICE, subject="Jane Doe")
        with pytest.raises(Refused, match="were erased"):
            handle(other, "cart-1", SetNote("Ring at number 9."), TILL)
    assert shop.protection.keys.id_of("Jane Doe") is None


def test_protection_that_another_process_switches_on_holds_here_at_once(
    session: Session, open_session: Callable[[], Session], tmp_path: Path
) -> None:
    stock(session)
    window, reader = open_session(), open_session()
    protect(session, OFFICE)
    shopping(window, "cart-1", JANE)
    assert window.protection.is_on
    caught_up(window)
    # Its cache is up to date already; but what it reads from the log is sealed.
    caught_up(reader)
    assert folded(reader, "cart-1") == JANE
    for each in (session, window, reader):
        each.close()
    assert files_with(tmp_path, "Jane Doe").keys() > {"shop.events.keys"}
    assert "shop.events" not in files_with(tmp_path, "Jane Doe")


def test_what_a_desk_has_decided_upon_somebody_erased_is_not_appended(shop: Session, window: Session) -> None:
    desk = Desk(window)
    desk.decide("cart-3", SetNote("Ring at number 9."), TILL)
    erase(shop, OFFICE, subject="Jane Doe")
    caught_up(window)
    with pytest.raises(Conflict):
        desk.append()
    with pytest.raises(Refused, match="were erased"):
        desk.decide("cart-3", SetNote("Ring at number 9."), TILL)


def test_another_cache_of_the_store_obeys_too(shop: Session, tmp_path: Path) -> None:
    with Session(tmp_path / "shop.events", cache=tmp_path / "other") as other:
        caught_up(other)
        assert shown(other, "cart-1") == JANE
    erase(shop, OFFICE, subject="Jane Doe")
    with Session(tmp_path / "shop.events", cache=tmp_path / "other") as other:
        caught_up(other)
        assert shown(other, "cart-1") == (ERASED, ERASED, ERASED)
    assert files_with(tmp_path / "other", *JANE) == {}


def test_a_rebuild_begun_before_an_erasure_is_begun_anew(shop: Session, window: Session, tmp_path: Path) -> None:
    steps: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        steps.append(done)
        if len(steps) == 1:
            erase(shop, OFFICE, subject="Jane Doe")

    window.rebuild(meanwhile)
    assert len(steps) > 1
    assert shown(window, "cart-1") == (ERASED, ERASED, ERASED)
    assert is_sound(window)
    shop.close()
    window.close()
    assert files_with(tmp_path, *JANE) == {}


@pytest.mark.parametrize("stop", ["before the event", "after the event", "before the cache"])
def test_an_erasure_that_was_cut_short_is_finished_by_the_next(
    shop: Session, open_session: Callable[[], Session], stop: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken, place = {
        "before the event": (shop.store, "append_all"),
        "after the event": (shop.protection.keys, "forget"),
        "before the cache": (shop, "catch_up"),
    }[stop]

    def fail(*_: object) -> None:
        raise Busy("the power has failed")

    with monkeypatch.context() as patch:
        if stop == "before the cache":
            calls = iter((caught_up, fail))

            def in_turn(*given: Any) -> None:
                next(calls)(*given)

            patch.setattr("explorer.application.privacy.caught_up", in_turn)
        else:
            patch.setattr(broken, place, fail)
        with pytest.raises(KnownError, match="power"):
            erase(shop, OFFICE, subject="Jane Doe")
    shop.close()
    again = open_session()
    assert folded_now(again, "cart-1") == ERASED
    erase_if_there(again, "Jane Doe")
    caught_up(again)
    assert shown(again, "cart-1") == (ERASED, ERASED, ERASED)
    erasures = [record for record in again.store.stream_records(STREAM) if record.type == "SubjectErased"]
    assert len(erasures) == 1
    assert is_sound(again)
    again.close()
    assert files_with(tmp_path, *JANE) == {}


def folded_now(session: Session, stream: str) -> object:
    """The customer by the events alone, whatever the cache has."""
    first = next(session.store.stream_records(stream))
    return session.store.codec.domain_event(first).customer


def test_by_a_stream_too_an_erasure_is_finished(shop: Session, open_session: Callable[[], Session]) -> None:
    id_ = shop.protection.keys.id_of("Jane Doe")
    assert id_
    shop.protection.keys.destroy(id_)
    again = open_session()
    assert erase(again, OFFICE, stream="cart-1").key == key_name(id_)
    assert again.protection.keys.id_of("Jane Doe") is None


def test_a_key_file_taken_away_is_told_and_back_again_all_is_there(
    shop: Session, open_session: Callable[[], Session], tmp_path: Path
) -> None:
    shop.close()
    keys = key_file(tmp_path / "shop.events")
    keys.rename(tmp_path / "safe")
    without = open_session()
    assert is_sound(without)
    assert shown(without, "cart-1") == (KEY_MISSING,) * 3
    handle(without, "cart-3", ChangeQuantity("mug", 7), TILL)
    with pytest.raises(Refused, match="bring back the key file"):
        handle(without, "cart-3", SetNote("Ring at number 9."), TILL)
    with pytest.raises(Missing, match="cannot be used"):
        handle(without, "cart-9", OpenCart("Ann", ""), TILL)
    for deed in (lambda: erase(without, OFFICE, subject="Jane Doe"), lambda: protect(without, OFFICE)):
        with pytest.raises(Missing, match=r"cannot be used.*--new-key-file"):
            deed()
    assert not keys.exists()
    without.close()
    (tmp_path / "safe").rename(keys)
    again = open_session()
    caught_up(again)
    assert shown(again, "cart-1") == JANE
    assert is_sound(again)


def test_after_the_key_file_is_lost_for_good_another_is_begun(
    shop: Session, open_session: Callable[[], Session], tmp_path: Path
) -> None:
    shop.close()
    key_file(tmp_path / "shop.events").unlink()
    without = open_session()
    assert not protect(without, OFFICE, new_keys=True)
    shopping(without, "cart-9", JANE)
    caught_up(without)
    assert (shown(without, "cart-1"), shown(without, "cart-9")) == ((KEY_MISSING,) * 3, JANE)
    assert is_sound(without)
    erase(without, OFFICE, subject="Jane Doe")
    assert (shown(without, "cart-1"), shown(without, "cart-9")) == ((KEY_MISSING,) * 3, (ERASED,) * 3)


PEOPLE = ("Jane Doe", "Omar Haddad", "Li Wei", "Zoë Lambert")


@settings(max_examples=8)
@given(
    deeds=st.lists(st.tuples(st.sampled_from(("open", "note", "erase")), st.integers(0, 3)), min_size=3, max_size=14)
)
def test_whoever_is_erased_the_others_are_untouched(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int]]
) -> None:
    """The model: each cart's customer and note, until its customer is erased."""
    folder = tmp_path_factory.mktemp("shop")
    model: dict[str, tuple[str, str]] = {}
    with opened(folder, Clock()) as session:
        protect(session, OFFICE)
        for number, (deed, who) in enumerate(deeds):
            name, text = PEOPLE[who], f"note {number}"
            theirs = [stream for stream, (customer, _) in model.items() if customer == name]
            if deed == "open":
                handle(session, f"cart-{number}", OpenCart(name, ""), TILL)
                model[f"cart-{number}"] = name, ""
            elif deed == "note":
                for stream in theirs:
                    handle(session, stream, SetNote(text), TILL)
                model |= dict.fromkeys(theirs, (name, text))
            else:
                erase_if_there(session, name)
                model |= {stream: (ERASED, model[stream][1] and ERASED) for stream in theirs}
        caught_up(session)
        for stream, (customer, note) in model.items():
            assert shown(session, stream) == folded(session, stream) == (customer, "", note)
        assert is_sound(session)
