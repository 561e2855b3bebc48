"""What is held against a log: every attack that leaves the file in order but is not the history that was signed."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from explorer.application.checkpoints import (
    AGE,
    export,
    folder_of,
    given_checkpoints,
    known_checkpoints,
    read_known,
    sign,
    sign_if_old,
)
from explorer.application.evidence import write_evidence
from explorer.application.handle import handle
from explorer.application.keys import SigningKey, rotate, signing_key
from explorer.application.scope import Scope, caught_up
from explorer.application.session import Session
from explorer.application.verdict import Verdict, examine
from explorer.application.verification import trust_of, verify_store
from explorer.domain.cart import SetNote
from explorer.errors import BadInput, Damaged, ReadOnly
from explorer.projections.runner import no_progress
from explorer.proof import merkle
from explorer.proof.checkpoint import Checkpoint, origin_of, sign_checkpoint
from explorer.proof.note import Key
from explorer.proof.note import sign as sign_note
from explorer.store.codec import Record, leaf_bytes
from explorer.store.engine import driver
from tests.application.evidence import a_day, tamper
from tests.application.shop import ANN, Clock, long_cart, open_cart

FIELDS = ", ".join(Record._fields)


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


def rewrite(path: Path, change: Callable[[list[Record]], list[Record]]) -> None:
    """What an attacker can do who knows all: changes the events, computes every hash and the head anew."""
    connection = driver.connect(str(path), isolation_level=None)
    records = [Record._make(row) for row in connection.execute(f"SELECT {FIELDS} FROM events ORDER BY position")]
    connection.close()
    changed, frontier = list[Record](), list[bytes]()
    for number, old in enumerate(change(records)):
        moved = old._replace(position=number + 1)
        changed.append(moved._replace(leaf=merkle.leaf_hash(leaf_bytes(moved))))
        merkle.push(frontier, number, changed[-1].leaf)
    head = len(changed), max(record.occurred_at for record in changed), merkle.packed(frontier)
    # The triggers let events be appended in order.
    tamper(path, "DELETE FROM events")
    connection = driver.connect(str(path), isolation_level=None)
    connection.executemany(
        f"INSERT INTO events ({FIELDS}) VALUES ({', '.join('?' * len(Record._fields))})", map(tuple, changed)
    )
    connection.execute("UPDATE head SET size = ?, time = ?, frontier = ?", head)
    connection.close()


def reworded(records: list[Record]) -> list[Record]:
    return [record._replace(reason="innocent") if record.position == 9 else record for record in records]


def reordered(records: list[Record]) -> list[Record]:
    """Two events of different streams change places."""
    first, second = records[14], records[15]
    assert first.stream != second.stream
    return [*records[:14], second, first, *records[16:]]


def inserted(records: list[Record]) -> list[Record]:
    new = records[-1]._replace(stream="taking-9", version=1, id=b"\x07" * 16)
    return [*records[:6], new, *records[6:]]


def taken_out(records: list[Record]) -> list[Record]:
    return [*records[:-2], records[-1]]


def cut_off(records: list[Record]) -> list[Record]:
    return records[:-2]


ATTACKS = {
    "a changed reason": reworded,
    "two events in another order": reordered,
    "an event put in": inserted,
    "an event taken out": taken_out,
    "the tail cut off": cut_off,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_history_rewritten_with_all_its_hashes_is_found_by_a_checkpoint(
    day: Session, key: SigningKey, attack: str, open_session: Callable[[], Session]
) -> None:
    sign(day, key)
    assert verify_store(day).ok
    day.close()
    rewrite(day.path, ATTACKS[attack])
    verdict = verify_store(open_session())
    assert failed(verdict).keys() == {"checkpoints"}
    assert ("cut off" in detail(verdict, "checkpoints")) is ("taken" in attack or "tail" in attack)


def test_what_was_rewritten_is_narrowed_down_by_the_checkpoints_that_still_hold(
    day: Session, key: SigningKey, open_session: Callable[[], Session]
) -> None:
    sign(day, key)
    long_cart(day, 30)
    sign(day, key)
    day.close()
    rewrite(day.path, lambda records: [r._replace(actor="Eve") if r.position == 30 else r for r in records])
    verdict = verify_store(open_session())
    assert failed(verdict) == {"checkpoints": 18}
    assert "among the events from 18 on" in detail(verdict, "checkpoints")


def test_without_a_checkpoint_it_says_that_a_rewritten_history_would_not_be_told(
    day: Session, open_session: Callable[[], Session]
) -> None:
    day.close()
    rewrite(day.path, reworded)
    verdict = verify_store(open_session())
    assert verdict.ok
    assert "No checkpoint is known" in detail(verdict, "checkpoints")


def test_a_checkpoint_that_the_auditor_kept_is_enough(
    day: Session, key: SigningKey, tmp_path: Path, open_session: Callable[[], Session]
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(sign(day, key).note, encoding="utf-8")
    for path in folder_of(day.path).iterdir():
        path.unlink()
    day.close()
    rewrite(day.path, reworded)
    again = open_session()
    assert verify_store(again).ok
    assert failed(verify_store(again, checkpoints=[read_known(kept)])) == {"checkpoints": 1}


def test_a_log_that_is_not_the_one_that_was_signed_is_not_signed_again(
    day: Session, key: SigningKey, open_session: Callable[[], Session]
) -> None:
    sign(day, key)
    day.close()
    rewrite(day.path, reworded)
    with pytest.raises(Damaged, match="rewritten"):
        sign(open_session(), key)


def test_the_same_log_is_signed_once(day: Session, key: SigningKey) -> None:
    assert sign(day, key) == sign(day, key)
    (kept,) = known_checkpoints(day.path)
    assert kept.signers([key.key(day.store.store_id)])
    assert kept.size == 17


def test_by_age_a_checkpoint_is_made_only_when_there_is_something_new_and_the_last_is_old(
    day: Session, key: SigningKey
) -> None:
    now = known_at(day, key)
    assert sign_if_old(day, key, now + 2 * AGE) is None
    handle(day, "cart-3", SetNote("new"), ANN)
    assert sign_if_old(day, key, now + AGE - 1) is None
    signed = sign_if_old(day, key, now + AGE)
    assert signed is not None
    assert signed.size == 18


def known_at(day: Session, key: SigningKey) -> int:
    signed = sign_if_old(day, key, 0)
    assert signed is not None
    return known_checkpoints(day.path)[0].kept_at


def test_a_checkpoint_with_one_byte_changed_is_no_checkpoint(day: Session, key: SigningKey) -> None:
    sign(day, key)
    (path,) = folder_of(day.path).iterdir()
    path.write_text(path.read_text(encoding="utf-8").replace("\n17\n", "\n16\n"), encoding="utf-8")
    assert "false" in detail(verify_store(day), "checkpoints")
    path.write_text("nonsense", encoding="utf-8")
    with pytest.raises(Damaged, match="altered"):
        verify_store(day)
    assert "altered" in trust_of(day).alarm


def test_a_rotated_key_stays_valid_for_what_it_signed_and_signs_nothing_more(day: Session, key: SigningKey) -> None:
    sign(day, key)
    long_cart(day, 5)
    new = rotate()
    sign(day, new)
    assert verify_store(day).ok
    handle(day, "cart-3", SetNote("new"), ANN)
    sign(day, key)  # somebody has a copy of the old one
    assert failed(verify_store(day)) == {"checkpoints": None}
    assert "the key after it" in detail(verify_store(day), "checkpoints")


def test_an_unknown_key_is_named_and_a_pinned_one_counts(
    day: Session, key: SigningKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(day, key)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "an auditor's"))
    words = detail(verify_store(day), "checkpoints")
    public = key.key(day.store.store_id)
    assert f"not checked: {public.id_text}" in words
    assert f"signed by key {public.id_text}" in detail(verify_store(day, keys=[public]), "checkpoints")


def test_a_checkpoint_of_another_log_does_not_fit(day: Session, key: SigningKey, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text(sign_note(f"elsewhere\n1\n{'A' * 43}=\n", "elsewhere", key.private), encoding="utf-8")
    with pytest.raises(BadInput, match="another log, elsewhere"):
        given_checkpoints(day, [kept])
    assert verify_store(day).ok


def test_what_a_stranger_says_of_the_log_is_told_and_locks_nothing(day: Session, tmp_path: Path) -> None:
    stranger = Ed25519PrivateKey.generate()
    forged = sign_checkpoint(Checkpoint(origin_of(day.store.store_id), 17, bytes(32)), stranger)
    kept = tmp_path / "kept"
    kept.write_text(forged.note, encoding="utf-8")
    verdict = verify_store(day, checkpoints=given_checkpoints(day, [kept]))
    assert failed(verdict) == {"strangers": None}
    assert verdict.damaged == ()
    handle(day, "cart-3", SetNote("new"), ANN)
    assert known_checkpoints(day.path) == []


def test_what_a_kept_checkpoint_has_proved_is_not_forgotten_by_the_next_verification(
    day: Session, key: SigningKey, tmp_path: Path, open_session: Callable[[], Session]
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(sign(day, key).note, encoding="utf-8")
    for path in folder_of(day.path).iterdir():
        path.unlink()
    day.close()
    rewrite(day.path, reworded)
    session = open_session()
    assert not verify_store(session, checkpoints=given_checkpoints(session, [kept])).ok
    assert failed(verify_store(session)) == {"checkpoints": 1}
    with pytest.raises(ReadOnly):
        handle(session, "cart-3", SetNote("new"), ANN)
    with pytest.raises(Damaged, match="Nothing was signed"):
        sign(session, key)


def test_a_rotation_that_was_cut_short_harms_nothing(day: Session, key: SigningKey) -> None:
    sign(day, key)
    key.path.with_name(f"{key.path.name}.retired").write_text(f"{key.public.hex()}\n", encoding="ascii")
    long_cart(day, 5)
    again = signing_key()
    sign(day, again)
    assert again.retired == ()
    assert verify_store(day).ok
    assert rotate().retired == (key.public,)


def test_who_signs_or_appends_meanwhile_disturbs_nothing(day: Session, key: SigningKey) -> None:
    """A head that was read before somebody appended and signed."""
    head = day.store.head()
    long_cart(day, 5)
    sign(day, key)
    caught_up(day)
    assert examine(day, head, (0, head.size)).ok


def test_a_checkpoint_that_is_no_file_is_damage(day: Session, key: SigningKey) -> None:
    sign(day, key)
    (path,) = folder_of(day.path).iterdir()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Damaged, match="It is no file"):
        verify_store(day)
    with pytest.raises(ReadOnly):
        handle(day, "cart-3", SetNote("new"), ANN)


@pytest.mark.parametrize("own", ["", "-wal", ".keys", ".checkpoints/new", "key"])
def test_nothing_is_written_over_what_belongs_to_the_store(day: Session, key: SigningKey, own: str) -> None:
    signed = sign(day, key)
    path = key.path if own == "key" else Path(f"{day.path}{own}")
    with pytest.raises(BadInput, match="belongs to the store"):
        export(day, signed, path)
    for report_format in ("html", "bundle"):
        with pytest.raises(BadInput, match="belongs to the store"):
            write_evidence(day, Scope(), report_format, path, progress=lambda _: no_progress)
    assert verify_store(day).ok
    assert signing_key().public == key.public


def test_nothing_is_signed_for_a_bundle_that_contradicts_what_it_is_to_continue(
    day: Session, key: SigningKey, tmp_path: Path, open_session: Callable[[], Session]
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(sign(day, key).note, encoding="utf-8")
    for path in folder_of(day.path).iterdir():
        path.unlink()
    day.close()
    rewrite(day.path, reworded)
    session = open_session()
    with pytest.raises(Damaged, match="Nothing can be proved"):
        write_evidence(session, Scope(), "bundle", tmp_path / "b.zip", since=kept, progress=lambda _: no_progress)
    assert [one.data for one in known_checkpoints(session.path)] == [kept.read_bytes()]
    with pytest.raises(ReadOnly):
        handle(session, "cart-3", SetNote("new"), ANN)


@pytest.mark.parametrize("full", [False, True])
def test_a_store_that_fails_is_read_only_until_it_passes(
    day: Session, open_session: Callable[[], Session], *, full: bool
) -> None:
    tamper(day.path, "UPDATE events SET reason = 'x' WHERE position = 9")
    assert verify_store(day, full=full).damaged == (9,)
    for session in (day, open_session()):
        with pytest.raises(ReadOnly, match="failed its last verification"):
            handle(session, "cart-3", SetNote("new"), ANN)
    tamper(day.path, "UPDATE events SET reason = '' WHERE position = 9")
    assert verify_store(day).ok
    for number, session in enumerate((day, open_session())):
        handle(session, "cart-3", SetNote(f"note {number}"), ANN)


def test_what_was_found_last_is_forgotten_where_its_file_is_damaged(
    day: Session, open_session: Callable[[], Session]
) -> None:
    verify_store(day)
    path = day.cache.folder / "verified.json"
    path.write_bytes(path.read_bytes().replace(b"the log", b"the \xf9og"))
    assert trust_of(open_session()).verified is None


def test_only_a_read_side_that_differs_does_not_stop_anybody_from_writing(day: Session) -> None:
    day.catch_up()
    with day.cache.writing() as cursor:
        cursor.execute("DELETE FROM cart_line")
    assert failed(verify_store(day, full=True)).keys() == {"cache"}
    handle(day, "cart-3", SetNote("new"), ANN)


def test_a_file_that_differs_in_its_schema_is_no_store(day: Session, open_session: Callable[[], Session]) -> None:
    day.close()
    connection = driver.connect(str(day.path), isolation_level=None)
    connection.execute("DROP TRIGGER events_are_never_updated")
    connection.close()
    session = open_session()
    assert failed(verify_store(session)) == {"schema": None}
    with pytest.raises(ReadOnly, match="events_are_never_updated"):
        handle(session, "cart-3", SetNote("new"), ANN)


def test_trust_is_told_without_looking_at_the_log(day: Session) -> None:
    assert trust_of(day)[:4] == (None, None, 0, None)
    key = signing_key()
    sign(day, key)
    verify_store(day)
    open_cart(day, "cart-8")
    trust = trust_of(day)
    assert trust.verified is not None
    assert trust.newest is not None
    assert trust.key is not None
    assert (trust.verified.size, trust.verified.signed, trust.checkpoints) == (17, 17, 1)
    assert trust.verified.key_id == trust.key.id_text == Key(*trust.key).id_text
    assert json.loads((day.cache.folder / "verified.json").read_text(encoding="utf-8"))["ok"] is True
