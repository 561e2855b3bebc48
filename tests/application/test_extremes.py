"""Values at and beyond every limit: taken and given back to the letter, or refused at the door in words; quickly."""

import json
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from explorer.application.event_list import event_page
from explorer.application.filtering import EventFilter, words
from explorer.application.handle import handle
from explorer.application.importers.online_retail import import_online_retail
from explorer.application.importers.retail_csv import COLUMNS
from explorer.application.session import Session
from explorer.application.view import Question, answer
from explorer.cli import run
from explorer.domain.cart import CartOpened, ItemAdded, ItemQuantityChanged, OpenCart, SetNote
from explorer.domain.event import Json, Metadata
from explorer.errors import BadInput, KnownError
from explorer.store.canonical import MAX_DATA
from explorer.store.event_store import Append
from tests.application.evidence import report_of, written
from tests.application.shop import ANN, happened, note, open_cart, record, stock

LARGE = "x" * 10_000_000
HALF = "half \ud83d of a pair"
SECONDS = 5


@contextmanager
def quickly() -> Generator[None]:
    """Nothing that a user waits for hangs."""
    began = time.perf_counter()
    yield
    assert time.perf_counter() - began < SECONDS


def nested(depth: int) -> dict[str, Json]:
    value: dict[str, Json] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


REFUSED: dict[str, tuple[Callable[[Session], Any], str]] = {
    "10 MB of data": (lambda session: record(session, "big-1", note({"text": LARGE})), "may have 1,048,576 bytes"),
    "10 MB in a key": (lambda session: record(session, "big-1", note({LARGE: 1})), "may have 1,048,576 bytes"),
    "10 MB of a reason": (
        lambda session: record(session, "big-1", note({}, about=Metadata("ann", LARGE))), "reason may have 1,000"),
    "10 MB of an actor": (
        lambda session: record(session, "big-1", note({}, about=Metadata(LARGE))), "actor may have 1,000"),
    "10 MB of a stream's name": (lambda session: record(session, LARGE, note({})), "stream name may have 1,000"),
    "10 MB of a type": (lambda session: record(session, "big-1", note({}, LARGE)), "event type may have 1,000"),
    "10 MB typed by a user": (
        lambda session: handle(session, "cart-1", SetNote(LARGE), ANN), "may have at most 1,000 characters"),
    "10 MB of a typed event": (
        lambda session: happened(session, "cart-2", CartOpened(LARGE, "Leeds")), "may have 1,048,576 bytes"),
    "half a pair in data": (lambda session: record(session, "half-1", note({"a": [HALF]})), "half of a surrogate pair"),
    "half a pair in a key": (lambda session: record(session, "half-1", note({HALF: 1})), "half of a surrogate pair"),
    "half a pair in a reason": (
        lambda session: record(session, "half-1", note({}, about=Metadata("ann", HALF))), "half of a surrogate pair"),
    "half a pair in a name": (lambda session: record(session, HALF, note({})), "half of a surrogate pair"),
    "half a pair typed by a user": (
        lambda session: handle(session, "cart-1", SetNote(HALF), ANN), "half of a surrogate pair"),
    "JSON 10,000 deep": (lambda session: record(session, "deep-1", note(nested(10_000))), "nested more than 100 deep"),
    "a number of 5,000 digits": (lambda session: record(session, "big-1", note({"n": 10**4_999})), "beyond ±"),
    "a time beyond any calendar": (
        lambda session: record(session, "big-1", note({}, at=2**63 - 1)), "between the years 1 and 9999"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_stored_is_refused_at_the_door_in_words(session: Session, kind: str) -> None:
    act, says = REFUSED[kind]
    stock(session)
    open_cart(session)
    before = session.store.head()
    with quickly(), pytest.raises(KnownError) as refused:
        act(session)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 1_000
    assert session.store.head() == before


def test_a_payload_of_just_the_limit_is_stored_listed_looked_at_and_reported(session: Session) -> None:
    text = "x" * (MAX_DATA - len('{"text":""}'))
    record(session, "big-1", note({"text": text}))
    with pytest.raises(BadInput):
        record(session, "big-1", note({"text": text + "x"}))
    session.catch_up()
    with quickly():
        assert event_page(session, EventFilter(), 1, 10, 1).rows[0].summary
        assert answer(session, Question(stream="big-1", as_of=1)).stream is not None
    with quickly():
        assert text in written(report_of(session), "json").decode()


HOSTILE = {
    "NUL": "a\0b",
    "right to left": "paid \u202etnuocsid\u202c in full",
    "emoji": "👩\u200d👩\u200d👧 🏳️\u200d🌈",
    "combining": "e\u0301 is not \u00e9",
    "byte order mark": "\ufeffmark",
    "not a character": "\uffff\U0010ffff",
    "ANSI": "\x1b[31mred\x07\x9b2J",
    "line ends": "a\r\nb\u2028c\u0085d",
    "tags": "tag\U000e0041\U000e0042",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_text_of_any_characters_goes_through_to_the_letter(session: Session, kind: str) -> None:
    text = HOSTILE[kind]
    about = Metadata(text, text, origin=text)
    stock(session)
    handle(session, f"cart-{text}", OpenCart(text, text), about)
    handle(session, f"cart-{text}", SetNote(text), about)
    record(session, f"other-{text}", note({text: [text]}, text, about))
    session.catch_up()
    head = session.store.head().size
    stored = session.store.read_all(head - 1)[0]
    assert (stored.stream, stored.type, stored.data) == (f"other-{text}", text, {text: [text]})
    assert (stored.metadata.actor, stored.metadata.reason, stored.metadata.origin) == (text, text, text)
    with quickly():
        seen = answer(session, Question(stream=f"cart-{text}", as_of=head, filter=EventFilter(where=words(text))))
        assert seen.stream is not None
        rows = event_page(session, EventFilter(actor=text), 1, 10, head).rows
        assert [row.position for row in rows] == [head - 2, head - 1, head]
    told = json.loads(written(report_of(session, stream=f"cart-{text}", actor=text), "json"))
    assert text in json.dumps(told, ensure_ascii=False) or json.dumps(text)[1:-1] in json.dumps(told)


def test_an_import_of_a_cell_of_10_mb_is_refused_with_its_line(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    rows = [",".join(COLUMNS), f"1,85123A,{LARGE},6,2010-12-01T08:26:00,2.55,17850,United Kingdom"]
    path.write_text("\n".join(rows))
    with quickly(), pytest.raises(BadInput, match="line 2"):
        import_online_retail(session, path, rejects=tmp_path / "rejects")
    assert session.store.head().size == 0


def test_the_command_line_takes_any_bytes_for_an_argument(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The system hands bytes that are no UTF-8 on as halves of surrogate pairs."""
    stock(session)
    odd = b"\xff".decode(errors="surrogateescape")
    where = [str(session.path), "--cache", str(tmp_path / "cache")]
    for option in ("--stream", "--type", "--actor", "--text"):
        assert run(["events", *where, option, odd]) in (0, 1)
    for option in ("--stream", "--actor", "--from", "--to", "--as-of"):
        assert run(["report", *where, "--format", "json", "-o", str(tmp_path / "r"), option, odd]) == 1
    assert run(["state", *where, "--stream", odd]) == 1
    assert run(["state", *where, "--at", odd]) == 1
    assert run(["events", str(session.path), "--stream", LARGE]) in (0, 1)
    assert all(len(line) < 1_000 for line in capsys.readouterr().err.splitlines())


# Long and many


def filled(session: Session, appends: Iterator[Append]) -> None:
    batch = list[Append]()
    for append in appends:
        batch.append(append)
        if sum(len(each.events) for each in batch) >= 5_000:
            session.store.append_all(batch)
            batch = []
    session.store.append_all(batch)
    session.catch_up()


def looked_at(session: Session, stream: str, version: int) -> None:
    """Every kind of look that a user takes, each within the time."""
    head = session.store.head().size
    for question in (
        Question(),
        Question(as_of=head // 2),
        Question(as_of=head // 3, stream=stream),
        Question(stream=stream, filter=EventFilter(stream=stream)),
        Question(filter=EventFilter(type="ItemQuantityChanged", actor="Ann")),
        Question(stream_words="99", cart_words="Leeds"),
    ):
        with quickly():
            answer(session, question)
    with quickly():
        assert session.store.version_of(stream) == version
    with quickly():
        handle(session, stream, SetNote("seen"), ANN)
        session.catch_up()


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_hundred_thousand_streams(session: Session) -> None:
    from explorer.application.handle import new_event

    streams = (
        Append(f"cart-{number:06}", 0, [new_event(CartOpened("Ann", "Leeds"), ANN),
                                        new_event(ItemAdded("mug", 1 + number % 9, 399, "GBP"), ANN)])
        for number in range(100_000)
    )  # fmt: skip
    filled(session, streams)
    assert session.store.head().size == 200_000
    looked_at(session, "cart-077777", 2)
    with quickly():
        assert len(session.store.streams("cart-05", 1_000)) == 1_000


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_a_stream_of_a_million_events(session: Session) -> None:
    from explorer.application.handle import new_event

    def edits() -> Iterator[Append]:
        yield Append("cart-1", 0, [new_event(CartOpened("Ann", "Leeds"), ANN),
                                   new_event(ItemAdded("mug", 1, 399, "GBP"), ANN)])  # fmt: skip
        for version in range(2, 1_000_000, 1_000):
            changes = [
                ItemQuantityChanged("mug", 1 + n % 99, 1 + (n + 1) % 99) for n in range(version - 2, version + 998)
            ]
            yield Append("cart-1", version, [new_event(change, ANN) for change in changes])

    filled(session, edits())
    looked_at(session, "cart-1", 1_000_002)
