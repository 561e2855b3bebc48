"""Personal texts as they stand in the log: sealed, bound to their place, and read again while there is the key."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from explorer.domain.cart import CartOpened, NoteChanged
from explorer.domain.deciders import DECIDERS, PERSONAL
from explorer.domain.event import Json, NewEvent
from explorer.domain.privacy import ERASED, KEY_MISSING, STREAM, PersonalDataProtected, SubjectErased
from explorer.errors import BadInput, Conflict, Damaged, Missing, Refused
from explorer.proof import merkle
from explorer.store.codec import Codec, Record, leaf_bytes
from explorer.store.engine import driver
from explorer.store.event_store import Append, EventStore
from explorer.store.protection import Protection
from explorer.store.sealing import key_name
from explorer.store.subject_keys import key_file
from tests.store.sources import ANN, Sources, event

OPENED, NOTED = CartOpened("Jane Doe", ""), NoteChanged("", "Ring twice.")
JANE = {("cart-1", 1): "Jane Doe", ("cart-1", 2): "Jane Doe"}


def new(happened: CartOpened | NoteChanged | PersonalDataProtected | SubjectErased) -> NewEvent:
    return NewEvent(type(happened).__name__, happened, ANN)


@dataclass
class Shop:
    store: EventStore
    protection: Protection

    def switch_on(self) -> None:
        self.protection.prepare()
        self.store.append(STREAM, self.store.version_of(STREAM), [new(PersonalDataProtected())])
        self.protection.refresh()

    def append(self, *events: NewEvent, stream: str = "cart-1") -> list[Record]:
        appends = [Append(stream, self.store.version_of(stream), events)]
        return self.store.append_all(self.protection.sealed(appends, JANE, self.protection.version))

    def typed(self, stream: str = "cart-1") -> list[Any]:
        return [self.store.codec.domain_event(record) for record in self.store.stream_records(stream)]

    def data(self, stream: str = "cart-1") -> list[dict[str, Json]]:
        return [self.store.codec.data(record)[1] for record in self.store.stream_records(stream)]

    def erase(self) -> None:
        id_ = self.protection.keys.id_of("Jane Doe")
        assert id_
        self.protection.keys.destroy(id_)
        self.store.append(STREAM, self.protection.version, [new(SubjectErased(key_name(id_)))])
        self.protection.refresh()


def opened(path: Path) -> Shop:
    # Ids of its own for each store, and each time.
    sources = Sources(seed=len(path.name) + (path.stat().st_size if path.exists() else 0))
    store = EventStore(path, Codec(DECIDERS, PERSONAL), sources.clock, sources.new_id)
    return Shop(store, Protection(store))


@pytest.fixture
def shop(path: Path) -> Iterator[Shop]:
    found = opened(path)
    with closing(found.store), closing(found.protection):
        yield found


def test_without_protection_everything_is_stored_as_it_is(shop: Shop, path: Path) -> None:
    records = shop.append(new(OPENED), new(NOTED))
    assert [record.data for record in records] == [
        b'{"customer":"Jane Doe","location":""}',
        b'{"note":"Ring twice.","previous_note":""}',
    ]
    assert shop.typed() == [OPENED, NOTED]
    assert not key_file(path).exists()


def test_a_personal_text_is_stored_sealed_and_read_as_it_was(shop: Shop) -> None:
    shop.switch_on()
    records = shop.append(new(OPENED), new(NOTED))
    stored = b"".join(record.data for record in records)
    assert b"Jane" not in stored
    assert b"Ring" not in stored
    assert stored.count(b"sealed1.") == 2
    assert b'"location":""' in stored
    assert shop.typed() == [OPENED, NOTED]
    assert shop.data() == [{"customer": "Jane Doe", "location": ""}, {"previous_note": "", "note": "Ring twice."}]
    assert all(merkle.leaf_hash(leaf_bytes(record)) == record.leaf for record in records)
    id_ = shop.protection.keys.id_of("Jane Doe")
    assert [shop.protection.keys_in(record) for record in records] == [{id_}, {id_}]


def test_the_same_text_is_never_sealed_alike(shop: Shop) -> None:
    shop.switch_on()
    assert len({shop.append(new(NOTED))[0].data for _ in range(2)}) == 2


def test_texts_of_a_category_without_decider_are_sealed_too(shop: Shop) -> None:
    shop.switch_on()
    issued = event("CreditNoteIssued", customer="Jane Doe", country="Wales", amount=3)
    appends = [Append("creditnote-1", 0, [issued])]
    sealed = shop.protection.sealed(appends, {("creditnote-1", 1): "Jane Doe"}, shop.protection.version)
    (record,) = shop.store.append_all(sealed)
    assert b"Jane" not in record.data
    assert b"Wales" not in record.data
    assert shop.data("creditnote-1") == [{"customer": "Jane Doe", "country": "Wales", "amount": 3}]
    assert shop.typed("creditnote-1")[0].data["customer"] == "Jane Doe"


def test_erased_is_read_where_the_key_was_destroyed_and_no_hash_has_changed(shop: Shop, path: Path) -> None:
    shop.switch_on()
    shop.append(new(OPENED), new(NOTED))
    root = shop.store.head().root
    shop.erase()
    assert shop.typed() == [CartOpened(ERASED, ""), NoteChanged("", ERASED)]
    assert shop.data()[0] == {"customer": ERASED, "location": ""}
    frontier: list[bytes] = []
    merkle.extend(frontier, 0, [merkle.leaf_hash(leaf_bytes(record)) for record in shop.store.records(0, 3)])
    assert merkle.root(frontier) == root
    # Whoever comes later under the same name is somebody new.
    assert shop.append(new(NOTED))
    assert shop.typed()[1:] == [NoteChanged("", ERASED), NOTED]


def test_another_process_reads_erased_at_once(shop: Shop, path: Path) -> None:
    shop.switch_on()
    shop.append(new(OPENED))
    other = opened(path)
    with closing(other.store), closing(other.protection):
        assert other.typed() == [OPENED]
        shop.erase()
        assert other.typed() == [CartOpened(ERASED, "")]
        assert other.protection.erasures == 2


def test_without_the_key_file_texts_are_missing_not_erased_and_none_is_saved(shop: Shop, path: Path) -> None:
    shop.switch_on()
    shop.append(new(OPENED), new(NOTED))
    key_file(path).unlink()
    other = opened(path)
    with closing(other.store), closing(other.protection):
        assert other.protection.key_file_name == "none"
        assert other.typed() == [CartOpened(KEY_MISSING, ""), NoteChanged("", KEY_MISSING)]
        with pytest.raises(Missing, match=r"shop\.events\.keys cannot be used.*Bring it back"):
            other.append(new(NOTED))
        assert other.store.version_of("cart-1") == 2


def test_an_old_copy_of_the_key_file_brings_nobody_back(shop: Shop, path: Path) -> None:
    shop.switch_on()
    shop.append(new(OPENED))
    shop.protection.close()
    old = key_file(path).read_bytes()
    assert b"Jane Doe" in old
    other = opened(path)
    with closing(other.store), closing(other.protection):
        other.erase()
    key_file(path).write_bytes(old)
    other = opened(path)
    with closing(other.store), closing(other.protection):
        assert other.typed() == [CartOpened(ERASED, "")]
    assert b"Jane Doe" not in key_file(path).read_bytes()


@pytest.mark.parametrize("change", ["altered", "cut short", "not base64", "another field's", "another version's"])
def test_a_token_that_was_altered_or_moved_is_damaged(shop: Shop, change: str) -> None:
    shop.switch_on()
    first, second = shop.append(new(NoteChanged("Ring once.", "Ring twice.")), new(NoteChanged("Ring twice.", "No.")))
    token = str(shop.store.codec.stored_texts(first, ["note"])[0])
    match change:
        case "altered":
            changed, place = token[:-6] + ("AAAA" if token[-6:-2] != "AAAA" else "BBBB") + token[-2:], first
        case "cut short":
            changed, place = token[:-40], first
        case "not base64":
            changed, place = token[:-1] + "!", first
        case "another field's":
            changed, place = str(shop.store.codec.stored_texts(first, ["previous_note"])[0]), first
        case _:
            changed, place = token, second
    data = place.data.replace(shop.store.codec.stored_texts(place, ["note"])[0].encode(), changed.encode())
    with pytest.raises(Damaged, match="does not open with its key"):
        shop.store.codec.domain_event(place._replace(data=data))
    with pytest.raises(Damaged, match="does not open with its key"):
        shop.store.codec.data(place._replace(data=data))


def test_what_somebody_typed_is_no_token_before_protection_and_no_trouble_after(shop: Shop) -> None:
    typed = NoteChanged("", "sealed1.what is this?")
    shop.append(new(typed))
    shop.switch_on()
    shop.append(new(typed))
    assert shop.typed() == [typed, typed]


def test_nobody_goes_on_in_clear_text_once_another_process_has_switched_protection_on(shop: Shop, path: Path) -> None:
    other = opened(path)
    with closing(other.store), closing(other.protection):
        shop.switch_on()
        with pytest.raises(Conflict) as conflict:
            other.append(new(OPENED))
        assert conflict.value.stream == STREAM
        assert other.protection.refresh() is False
        other.append(new(OPENED))
    assert b"Jane" not in next(shop.store.stream_records("cart-1")).data
    assert shop.typed() == [OPENED]


def test_what_was_decided_before_an_erasure_is_not_appended_after_it(shop: Shop) -> None:
    shop.switch_on()
    shop.append(new(OPENED))
    version = shop.protection.version
    shop.erase()
    with pytest.raises(Conflict):
        shop.protection.sealed([Append("cart-1", 1, [new(NOTED)])], JANE, version)


def test_a_text_about_nobody_is_refused(shop: Shop) -> None:
    shop.switch_on()
    with pytest.raises(Refused, match="about nobody"):
        shop.protection.sealed([Append("cart-1", 0, [new(NOTED)])], {("cart-1", 1): ""}, shop.protection.version)


def test_a_stream_of_that_name_without_our_events_switches_nothing_on(shop: Shop, path: Path) -> None:
    shop.store.append(STREAM, 0, [event("PolicyRead", by="Ann")])
    other = opened(path)
    with closing(other.store), closing(other.protection):
        assert not other.protection.is_on
        other.append(new(OPENED))
        assert other.typed() == [OPENED]


def test_a_key_file_of_another_store_is_not_taken(shop: Shop, path: Path, tmp_path: Path) -> None:
    shop.switch_on()
    shop.append(new(OPENED))
    other = opened(tmp_path / "other.events")
    with closing(other.store), closing(other.protection):
        other.switch_on()
    shop.protection.close()
    key_file(path).write_bytes(key_file(tmp_path / "other.events").read_bytes())
    again = opened(path)
    with closing(again.store), closing(again.protection):
        assert again.typed() == [CartOpened(KEY_MISSING, "")]
        with pytest.raises(Missing, match="keys of another store"):
            _ = again.protection.keys


def test_an_erasure_that_was_damaged_does_not_keep_the_store_shut(path: Path) -> None:
    found = opened(path)
    with closing(found.store), closing(found.protection):
        found.switch_on()
        found.store.append(STREAM, 1, [event("SubjectErased", key="no base64!")])
        found.protection.refresh()
        found.append(new(OPENED))
        assert found.typed() == [OPENED]


def test_a_text_too_long_to_be_sealed_is_refused_whole(shop: Shop) -> None:
    shop.switch_on()
    with pytest.raises(BadInput, match="may have 1,048,576 bytes"):
        shop.append(new(NoteChanged("", "x" * 1_000_000)))
    assert shop.store.version_of("cart-1") == 0


def test_a_log_too_damaged_to_tell_is_looked_at_but_not_written(path: Path) -> None:
    found = opened(path)
    with closing(found.store), closing(found.protection):
        found.append(*[new(NOTED)] * 300)
    with closing(driver.connect(str(path))) as connection:
        roots = dict[str, int](connection.execute("SELECT name, rootpage FROM sqlite_schema").fetchall())
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        for name, page in roots.items():
            if name.startswith("sqlite_autoindex_events"):
                file.seek((page - 1) * size)
                file.write(bytes(size))
    again = opened(path)
    with closing(again.store), closing(again.protection):
        assert again.store.records(0, 1)
        with pytest.raises(Damaged):
            again.store.append_all(again.protection.sealed([Append("cart-2", 0, [new(OPENED)])], {}, 0))
