"""The key file: private, durable, and without a trace of what was destroyed."""

import random
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from explorer.errors import Busy, Damaged, Missing, NotAStore, ReadOnly
from explorer.store.engine import driver
from explorer.store.subject_keys import SubjectKeys, key_file

STORE = UUID(int=7)
PLACE, NONCE = b"1 note cart-1", bytes(12)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.events.keys"


@pytest.fixture
def keys(path: Path) -> Iterator[SubjectKeys]:
    with closing(SubjectKeys(path, STORE, create=True)) as opened:
        yield opened


def sealed(keys: SubjectKeys, subject: str) -> bytes:
    cipher = keys.make([subject])[subject].cipher
    assert cipher
    return cipher.encrypt(NONCE, b"text", PLACE)


def test_it_lies_beside_the_store_whatever_link_leads_there(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    store, link = tmp_path / "far" / "shop.events", tmp_path / "link.events"
    store.touch()
    link.symlink_to(store)
    assert key_file(store) == key_file(link) == tmp_path.resolve() / "far" / "shop.events.keys"


def test_only_its_owner_may_read_it_and_its_journal(keys: SubjectKeys, path: Path) -> None:
    keys.make(["Ann"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_everybody_has_one_key_of_his_own_and_keeps_it(keys: SubjectKeys, path: Path) -> None:
    first = keys.make(["Bob", "Ann", "Bob"])
    assert first["Ann"].id != first["Bob"].id
    assert keys.id_of("Ann") == first["Ann"].id
    assert keys.id_of("Zoë") is None
    assert keys.keys_of(["Ann", "Zoë"]).keys() == {"Ann"}
    assert keys.make(["Ann", "Zoë"])["Ann"].id == first["Ann"].id
    keys.look()
    assert keys.key(first["Ann"].id) is not None
    assert keys.key(b"x" * 12) is None
    assert len(keys.ids()) == 3
    box = sealed(keys, "Ann")
    with closing(SubjectKeys(path, STORE)) as other:
        found = other.key(first["Ann"].id)
        assert found
        assert found.cipher
        assert found.cipher.decrypt(NONCE, box, PLACE) == b"text"


def test_another_process_sees_at_its_next_look_that_a_key_is_destroyed(keys: SubjectKeys, path: Path) -> None:
    id_ = keys.make(["Ann"])["Ann"].id
    with closing(SubjectKeys(path, STORE)) as other:
        other.look()
        known = other.key(id_)
        assert known
        assert known.cipher
        keys.destroy(id_)
        other.look()
        begun = other.key(id_)
        assert begun
        assert begun.cipher is None
        # The name is kept until the log tells of it; meanwhile nobody is given another key under it.
        assert other.id_of("Ann") == id_
        with pytest.raises(Busy, match="being erased"):
            other.keys_of(["Ann"])
        keys.forget([id_])
        other.look()
        assert other.key(id_) is None
        assert other.id_of("Ann") is None
        assert other.make(["Ann"])["Ann"].id != id_


def test_no_byte_of_a_destroyed_key_or_name_stays_in_any_file(keys: SubjectKeys, path: Path) -> None:
    """In whatever order, whatever pages have been split: the control below shows that it can stay."""
    names = [f"person {number:04} {'x' * (number % 37)}" for number in range(1_200)]
    chosen = random.Random(1)
    for start in range(0, len(names), 40):
        keys.make(chosen.sample(names[start : start + 40], 40))
    with closing(driver.connect(f"file:{path}?mode=ro", uri=True)) as reader:
        secrets = dict(reader.execute("SELECT subject, key FROM subject_key").fetchall())
    gone = chosen.sample(names, 60)
    for name in gone:
        id_ = keys.id_of(name)
        assert id_
        keys.destroy(id_)
        keys.forget([id_])
    keys.close()
    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not [name for name in gone if name.encode() in stored or secrets[name] in stored]
    assert all(secrets[name] in stored for name in names if name not in gone)


def test_a_key_is_overwritten_before_the_file_is_written_anew(
    keys: SubjectKeys, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = keys.make(["Ann Example"])["Ann Example"].id
    with closing(driver.connect(f"file:{path}?mode=ro", uri=True)) as reader:
        (secret,) = reader.execute("SELECT key FROM subject_key").fetchone()
    monkeypatch.setattr(keys, "_write_anew", lambda: None)
    keys.destroy(id_)
    keys.forget([id_])
    keys.close()
    stored = path.read_bytes()
    assert secret not in stored
    assert b"Ann Example" not in stored


def test_without_overwriting_it_would_stay(tmp_path: Path) -> None:
    """The control: the same deletion in a file whose deleted content is not overwritten."""
    with closing(driver.connect(str(tmp_path / "control"), isolation_level=None)) as file:
        file.execute("PRAGMA secure_delete = OFF")
        file.execute("CREATE TABLE subject_key (id BLOB PRIMARY KEY, subject TEXT UNIQUE, key BLOB)")
        file.execute("INSERT INTO subject_key VALUES (x'01', 'Ann Example', randomblob(32))")
        file.execute("DELETE FROM subject_key")
    assert b"Ann Example" in (tmp_path / "control").read_bytes()


def test_the_file_of_another_store_is_refused(keys: SubjectKeys, path: Path) -> None:
    with pytest.raises(Damaged, match="keys of another store"):
        SubjectKeys(path, UUID(int=8))


@pytest.mark.parametrize(("content", "error"), [(None, Missing), (b"", NotAStore), (b"no keys " * 100, NotAStore)])
def test_what_is_no_key_file_is_refused(path: Path, content: bytes | None, error: type[Exception]) -> None:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error):
        SubjectKeys(path, STORE)


def test_a_start_that_was_cut_short_is_begun_anew(path: Path) -> None:
    path.touch(0o600)
    with closing(SubjectKeys(path, STORE, create=True)) as keys, closing(SubjectKeys(path, STORE, create=True)) as more:
        assert keys.make(["Ann"])["Ann"].id == more.make(["Ann"])["Ann"].id


def test_where_none_can_be_made_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="cannot be made"):
        SubjectKeys(tmp_path / "gone" / "shop.events.keys", STORE, create=True)


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_key_that_would_be_lost_with_its_file_is_not_given_out(
    keys: SubjectKeys, path: Path, is_replaced: bool
) -> None:
    path.rename(path.with_name("moved"))
    if is_replaced:
        path.write_bytes(path.with_name("moved").read_bytes())
    with pytest.raises(ReadOnly):
        keys.make(["Ann"])
