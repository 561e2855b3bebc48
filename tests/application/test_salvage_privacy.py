"""What is salvaged of a store whose personal data are protected stays protected, erased, and readable where it was."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.application.handle import handle
from explorer.application.outside import Outside
from explorer.application.privacy import erase, protect
from explorer.application.salvage import Salvage, salvage
from explorer.application.session import Session
from explorer.domain.cart import OpenCart, SetNote
from explorer.domain.event import Json
from explorer.domain.privacy import ERASED, KEY_MISSING, STREAM
from explorer.errors import BadInput, Busy, Cancelled
from explorer.store.engine import driver
from explorer.store.event_store import Append
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
)
from tests.application.evidence import tamper
from tests.application.shop import Clock, note, opened, stock

SWITCH = 1
FIRST_OF_JANE, ITEM_OF_JANE, NOTE_OF_JANE = 6, 7, 8
"""Positions in `protected_shop`: behind the item, its cart has other versions if it is lost."""


@pytest.fixture
def shop(session: Session) -> Session:
    return protected_shop(session)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "saved.events"


def salvaged(shop: Session, out: Path, *lost: int) -> Salvage:
    """After the events at some positions were altered. Nothing personal is in clear text but in the key files."""
    shop.close()
    if lost:
        tamper(shop.path, f"UPDATE events SET reason = 'forged' WHERE position IN ({', '.join(map(str, lost))})")
    keys = key_file(shop.path)
    before = keys.read_bytes() if keys.exists() else b""
    found = salvage(shop.path, out)
    assert (keys.read_bytes() if keys.exists() else b"") == before
    return found


def reopened(out: Path) -> Session:
    return Session(out, cache=out.with_name("cache"))


def texts(session: Session, stream: str) -> list[Json]:
    """Every personal text of a cart, as it is read now, in order."""
    events = session.store.read_stream(stream)
    return [event.data[name] for event in events for name in ("customer", "location", "note") if name in event.data]


def listed(found: Salvage, kind: str) -> list[dict[str, Json]]:
    lines = [json.loads(line) for line in found.list_path.read_text("utf-8").splitlines()]
    return [line[kind] for line in lines if kind in line]


def test_a_whole_store_is_saved_with_its_keys_and_the_same_hash(shop: Session, out: Path) -> None:
    found = salvaged(shop, out)
    assert found.is_whole
    assert found.moved == 0
    assert found.head
    assert files_with(out.parent, *JANE, *OMAR) == {"saved.events.keys": ["Jane Doe", "Omar Haddad"]}
    assert stat.S_IMODE(key_file(out).stat().st_mode) == 0o600
    with reopened(out) as session:
        assert is_sound(session)
        assert (folded(session, "cart-1"), folded(session, "cart-2")) == (JANE, OMAR)
        assert session.protection.key_file_name != "none"
        assert session.store.store_id != found.head.store_id


def test_texts_of_events_that_move_are_sealed_anew(shop: Session, out: Path) -> None:
    found = salvaged(shop, out, ITEM_OF_JANE)
    assert [loss.first for loss in found.losses] == [ITEM_OF_JANE]
    assert found.remarks == ()
    assert files_with(out.parent, *JANE, *OMAR).keys() == {"saved.events.keys"}
    moved = {line["position"]: line for line in listed(found, "moved")}
    assert [line["position"] for line in moved.values() if "sealed_anew" in line] == [NOTE_OF_JANE]
    assert moved[NOTE_OF_JANE]["sealed_anew"] == ["note"]
    with reopened(out) as session:
        assert texts(session, "cart-1") == [*JANE]
        assert texts(session, "cart-3") == [*JANE]
        handle(session, "cart-2", SetNote("Mind the cat."), TILL)
        assert erase(session, OFFICE, subject="Jane Doe").events == 4
        assert texts(session, "cart-1") == texts(session, "cart-3") == [ERASED] * 3
        assert texts(session, "cart-2") == [*OMAR, "Mind the cat."]
    assert files_with(out.parent, *JANE) == {}


def test_what_was_erased_stays_erased_also_with_an_old_copy_of_the_key_file(shop: Session, out: Path) -> None:
    shop.protection.close()
    old = key_file(shop.path).read_bytes()
    with Session(shop.path, cache=out.with_name("other")) as session:
        erase(session, OFFICE, subject="Jane Doe")
    shop.close()
    key_file(shop.path).write_bytes(old)
    found = salvaged(shop, out, ITEM_OF_JANE)
    assert found.remarks == ()
    assert files_with(out.parent, *JANE) == {}
    with reopened(out) as session:
        assert texts(session, "cart-1") == texts(session, "cart-3") == [ERASED] * 3
        assert texts(session, "cart-2") == [*OMAR]


def test_an_erasure_that_was_cut_short_can_be_finished(shop: Session, out: Path) -> None:
    id_ = shop.protection.keys.id_of("Jane Doe")
    assert id_
    shop.protection.keys.destroy(id_)
    assert salvaged(shop, out, ITEM_OF_JANE).remarks == ()
    with reopened(out) as session:
        assert texts(session, "cart-1") == [ERASED] * 3
        assert erase(session, OFFICE, subject="Jane Doe").key == key_name(id_)
        assert texts(session, "cart-1") == [ERASED] * 3
    assert files_with(out.parent, *JANE) == {}


def test_where_the_event_of_an_erasure_is_lost_the_key_is_missing_and_nothing_damaged(shop: Session, out: Path) -> None:
    erase(shop, OFFICE, subject="Jane Doe")
    last = shop.store.head().size
    found = salvaged(shop, out, ITEM_OF_JANE, last)
    assert found.remarks == (
        f"Keys that are not in the key file: 1. Their texts say {KEY_MISSING}; if they were erased, the event that "
        "says so is lost",
    )
    with reopened(out) as session:
        assert texts(session, "cart-1") == [KEY_MISSING] * 3
        assert texts(session, "cart-2") == [*OMAR]


def absent(keys: Path) -> str:
    keys.unlink()
    return "No such file"


def foreign(keys: Path) -> str:
    with driver.connect(str(keys)) as connection:
        connection.execute("UPDATE store SET store_id = zeroblob(16)")
    connection.close()
    return "keys of another store"


def garbled(keys: Path) -> str:
    keys.write_bytes(keys.read_bytes()[:4096] + b"\xff" * 4096)
    return "is damaged"


def shortened(keys: Path) -> str:
    with driver.connect(str(keys)) as connection:
        connection.execute("UPDATE subject_key SET key = substr(key, 2) WHERE subject = 'Omar Haddad'")
    connection.close()
    return "not the length"


@pytest.mark.parametrize("spoil", [absent, foreign, garbled, shortened])
@pytest.mark.parametrize("lost", [(), (ITEM_OF_JANE,)])
def test_without_a_key_file_that_fits_it_is_said_and_the_keys_are_missing(
    shop: Session, out: Path, spoil: Callable[[Path], str], lost: tuple[int, ...]
) -> None:
    shop.close()
    words = spoil(key_file(shop.path))
    found = salvaged(shop, out, *lost)
    (remark,) = found.remarks
    assert remark.startswith(f"Personal texts say {KEY_MISSING}, for the key file cannot be used: ")
    assert words in remark
    assert not found.is_whole
    assert not key_file(out).exists()
    with reopened(out) as session:
        assert texts(session, "cart-1") == texts(session, "cart-2") == [KEY_MISSING] * 3
        assert session.protection.is_on
        if not lost:
            assert is_sound(session)
    assert files_with(out.parent, *JANE, *OMAR) == {}


def test_a_key_file_that_a_crash_left_half_written_is_as_before_that(shop: Session, out: Path) -> None:
    shop.close()
    keys = key_file(shop.path)
    program = f"""
import os
from explorer.store.engine import driver
connection = driver.connect({str(keys)!r}, isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE subject_key SET key = NULL")
connection.execute("CREATE TABLE more AS SELECT zeroblob(100000) FROM subject_key")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert keys.with_name(f"{keys.name}-journal").exists()
    assert salvage(shop.path, out).is_whole
    with reopened(out) as session:
        assert texts(session, "cart-1") == [*JANE]


def test_a_store_without_a_head_takes_the_keys_beside_it(shop: Session, out: Path) -> None:
    shop.close()
    tamper(shop.path, "DELETE FROM head")
    found = salvaged(shop, out, ITEM_OF_JANE)
    assert found.head is None
    with reopened(out) as session:
        assert texts(session, "cart-1") == [*JANE]


def test_where_the_event_that_switched_it_on_is_lost_another_is_put_in_its_place(shop: Session, out: Path) -> None:
    found = salvaged(shop, out, SWITCH, ITEM_OF_JANE)
    assert [remark for remark in found.remarks if "switched the protection" in remark] == [*found.remarks]
    with reopened(out) as session:
        (switch,) = session.store.read_stream(STREAM)
        assert (switch.type, switch.position) == ("PersonalDataProtected", FIRST_OF_JANE - 1)
        assert switch.occurred_at == session.store.read_all(switch.position)[0].recorded_at
        assert texts(session, "cart-1") == [*JANE]
        shopping(session, "cart-9", ("Ann Bell", "Leeds", "Ring."))
        assert texts(session, "cart-9") == ["Ann Bell", "Leeds", "Ring."]
    assert files_with(out.parent, "Ann Bell", "Leeds", *JANE).keys() == {"saved.events.keys"}


def test_so_it_is_before_an_erasure_where_no_text_is_left(session: Session, out: Path) -> None:
    protect(session, OFFICE)
    stock(session)
    handle(session, "cart-1", OpenCart("Jane Doe", ""), TILL)
    erase(session, OFFICE, subject="Jane Doe")
    salvaged(session, out, SWITCH, FIRST_OF_JANE)
    with reopened(out) as found:
        assert [event.type for event in found.store.read_stream(STREAM)] == ["PersonalDataProtected", "SubjectErased"]
        assert found.protection.is_on


def test_so_it_is_at_the_end_where_only_the_keys_tell_of_it(session: Session, out: Path) -> None:
    protect(session, OFFICE)
    stock(session)
    found = salvaged(session, out, SWITCH)
    assert len(found.remarks) == 1
    with reopened(out) as again:
        handle(again, "cart-1", OpenCart("Jane Doe", "Kirkwall"), TILL)
        assert texts(again, "cart-1") == ["Jane Doe", "Kirkwall"]
    assert "saved.events" not in files_with(out.parent, *JANE)


def test_without_keys_too_nobody_goes_on_in_clear_text(shop: Session, out: Path) -> None:
    shop.close()
    key_file(shop.path).unlink()
    found = salvaged(shop, out, SWITCH)
    assert len(found.remarks) == 2
    with reopened(out) as session:
        assert session.protection.is_on
        assert texts(session, "cart-1") == [KEY_MISSING] * 3


@pytest.mark.parametrize("lost", [(), (2,)])
def test_a_store_that_is_not_protected_is_not_switched_on(session: Session, out: Path, lost: tuple[int, ...]) -> None:
    stock(session)
    shopping(session, "cart-1", ("Jane Doe", "sealed1.what is this?", "sealed1."))
    found = salvaged(session, out, *lost)
    assert found.remarks == ()
    assert not key_file(out).exists()
    with reopened(out) as again:
        assert not again.protection.is_on
        assert texts(again, "cart-1") == ["Jane Doe", "sealed1.what is this?", "sealed1."]


def test_what_was_stored_in_clear_before_stays_as_it_is(session: Session, out: Path) -> None:
    like_a_token = f"sealed1.{key_name(bytes(12))}.{'A' * 48}"
    stock(session)
    shopping(session, "cart-1", ("Jane Doe", like_a_token, ""))
    protect(session, OFFICE)
    handle(session, "cart-1", SetNote("Ring twice."), TILL)
    found = salvaged(session, out, 6)
    assert found.moved > 0
    assert found.remarks == ()
    with reopened(out) as again:
        assert texts(again, "cart-1") == ["Jane Doe", like_a_token, "Ring twice."]


def test_keys_that_were_missing_before_are_no_news_where_nothing_is_lost(shop: Session, out: Path) -> None:
    shop.close()
    key_file(shop.path).unlink()
    with Session(shop.path, cache=out.with_name("other")) as session:
        protect(session, OFFICE, new_keys=True)
        shopping(session, "cart-9", OMAR)
    assert salvaged(shop, out).is_whole
    with reopened(out) as session:
        assert (texts(session, "cart-1"), texts(session, "cart-9")) == ([KEY_MISSING] * 3, [*OMAR])


def test_texts_of_a_category_without_decider_are_sealed_anew_too(session: Session, out: Path) -> None:
    protect(session, OFFICE)
    issued = [note({"customer": "Jane Doe", "country": "Wales", "amount": n}, "CreditNoteIssued") for n in range(2)]
    subjects = {("creditnote-1", 1): "Jane Doe", ("creditnote-1", 2): "Jane Doe"}
    session.store.append_all(
        session.protection.sealed([Append("creditnote-1", 0, issued)], subjects, session.protection.version)
    )
    salvaged(session, out, SWITCH + 1)
    with reopened(out) as again:
        (event,) = again.store.read_stream("creditnote-1")
        assert event.data == {"customer": "Jane Doe", "country": "Wales", "amount": 1}


def test_a_text_that_did_not_open_before_does_not_open_now(shop: Session, out: Path) -> None:
    shop.close()
    with driver.connect(str(key_file(shop.path))) as connection:
        connection.execute("UPDATE subject_key SET key = randomblob(32) WHERE subject = 'Jane Doe'")
    connection.close()
    found = salvaged(shop, out, ITEM_OF_JANE)
    assert found.remarks == ("Events with texts that do not open with their key, as before: 1",)


def test_no_keys_are_left_of_what_was_stopped_and_none_are_overwritten(shop: Session, out: Path) -> None:
    shop.close()

    def stop(done: int, total: int) -> None:
        if done == total:
            raise Cancelled

    with pytest.raises(Cancelled):
        salvage(shop.path, out, progress=stop)
    assert [*out.parent.iterdir()] == []

    there: list[tuple[bool, bool]] = []

    def write() -> int:
        """A clock that is asked for the last time when neither keys nor store have their names yet."""
        there.append((key_file(out).exists(), out.exists()))
        shop.path.write_bytes(shop.path.read_bytes() + bytes(4096))
        return Clock()()

    with pytest.raises(Busy, match="written to while it was read"):
        salvage(shop.path, out, Outside(write))
    assert there[-1] == (False, False)
    assert [*out.parent.iterdir()] == []
    key_file(out).write_text("precious")
    with pytest.raises(BadInput, match="keys exists"):
        salvage(shop.path, out)
    assert key_file(out).read_text() == "precious"


def test_a_second_salvage_of_the_new_store_is_as_good(shop: Session, out: Path) -> None:
    salvaged(shop, out, ITEM_OF_JANE)
    tamper(out, f"UPDATE events SET reason = 'forged' WHERE position = {ITEM_OF_JANE + 1}")
    again = out.with_name("again.events")
    salvage(out, again)
    with Session(again, cache=out.with_name("cache")) as session:
        assert texts(session, "cart-1") == [*JANE]
    with opened(shop.path.parent, Clock()) as session:
        assert texts(session, "cart-2") == [*OMAR]
