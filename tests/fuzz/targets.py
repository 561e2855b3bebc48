"""What reads bytes that somebody else wrote: of each, whatever the bytes, only a KnownError may come out.

A target takes bytes and returns or raises; both hypothesis and atheris feed it.
"""

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import msgspec

from explorer.application.documents import microseconds
from explorer.application.importers.online_retail import import_online_retail
from explorer.application.importers.retail_csv import COLUMNS, RetailFile, item
from explorer.application.scope import resolve_scope
from explorer.application.session import Session
from explorer.domain.deciders import DECIDERS
from explorer.errors import BadInput, KnownError
from explorer.language.parser import parse
from explorer.language.printing import printed
from explorer.language.syntax import Dialect, NotUnderstood
from explorer.proof.checkpoint import read_checkpoint
from explorer.proof.note import parse_key, parse_note
from explorer.store.canonical import canonical, text
from explorer.store.carving import Carving
from explorer.store.codec import Codec, Record, leaf_bytes
from explorer.store.filtering import sieve
from tests.store.damage import grow, opened, sound

Target = Callable[[bytes], None]
CODEC = Codec(DECIDERS)
KINDS = [(category, kind.__name__) for category, decider in DECIDERS.items() for kind in decider.events]


def canonical_json(data: bytes) -> None:
    """What is taken has one form: its own canonical JSON is itself."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = msgspec.json.decode(data)
        with suppress(KnownError):
            form = canonical(value)
            assert canonical(msgspec.json.decode(form)) == form


def recorded_event(data: bytes) -> None:
    """A row with any data, of a type and schema version that the first bytes choose."""
    chosen, version, rest = (*data[:2], 0, 0)[0], (*data[:2], 0, 0)[1], data[2:]
    category, kind = [*KINDS, ("cart", "Unheard"), ("parcel", "Sent")][chosen % (len(KINDS) + 2)]
    ids = rest[:16] if version & 0x80 else bytes(16)
    record = Record(
        1, f"{category}-1", 1, ids, kind, version & 0x0F, 0, 0, rest, "ann", "", ids if version & 0x40 else None, None,
        "", bytes(32),
    )  # fmt: skip
    for read in (CODEC.data, CODEC.event, CODEC.domain_event):
        with suppress(KnownError):
            read(record)
    with suppress(KnownError):
        CODEC.typed(record, category if category in DECIDERS else "cart")
    leaf_bytes(record)
    # A text as it comes from outside may have halves of surrogate pairs.
    with suppress(KnownError):
        text(rest.decode(errors="surrogateescape"), "reason")


def signed_note(data: bytes) -> None:
    with suppress(KnownError):
        note = parse_note(data)
        note.signers([])
    with suppress(KnownError):
        checkpoint, _ = read_checkpoint(data)
        assert checkpoint.size >= 0


def public_key(data: bytes) -> None:
    with suppress(KnownError):
        key = parse_key(data.decode(errors="surrogateescape"))
        assert parse_key(key.text) == key


def retail_rows(data: bytes) -> None:
    """The reader alone: header, rows, invoices, items."""
    with _file(data) as path, suppress(BadInput):
        for invoice in RetailFile(path).invoices():
            for row in invoice.rows:
                item(row, is_credit_note=invoice.is_credit_note)


def retail_import(data: bytes) -> None:
    """The whole way into a store, with a header that fits."""
    with (
        _file(",".join(COLUMNS).encode() + b"\n" + data) as path,
        Session(path.with_name("shop.events"), cache=path.with_name("cache"), create=True) as session,
        suppress(KnownError),
    ):
        result = import_online_retail(session, path, rejects=path.with_name("rejects"))
        assert result.used + result.already + sum(result.rejected.values()) == result.rows


def scope(data: bytes) -> None:
    """What a user types to choose a report's events: five fields, one after another."""
    fields = [field or None for field in data.decode(errors="surrogateescape").split("\n")[:5]]
    stream, actor, start, end, as_of, *_ = [*fields, None, None, None, None, None]
    with suppress(KnownError):
        resolve_scope(_session(), stream=stream, actor=actor, start=start, end=end, as_of=as_of).in_words()
    for field in fields:
        with suppress(KnownError):
            microseconds(field or "")


def carving(data: bytes) -> None:
    """A file of noise, or a store into which the bytes are laid: all is read, and what is believed is an event."""
    records, whole = sound()
    if data[:1] < b"\x80":
        at = int.from_bytes(data[1:4], "big") % len(whole)
        data = whole[:at] + data[4:] + whole[at + len(data) :]
    with _file(data) as path, Carving(path) as remains:
        for found in remains.events():
            if not found.fault:
                assert found.record == records[found.position - 1]


@contextmanager
def _file(data: bytes) -> Generator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(data)
        yield path


@cache
def _session() -> Session:
    """One store for all: nothing is written to it."""
    folder = Path(tempfile.mkdtemp())
    store = opened(folder / "shop.events")
    grow(store, 48)
    store.close()
    return Session(folder / "shop.events", cache=folder / "cache")


def condition(data: bytes) -> None:
    """Any text is a condition, printed as one that says the same, or is refused with the part that is wrong."""
    written = data.decode("utf-8", "surrogateescape")
    for dialect in Dialect:
        with suppress(NotUnderstood):
            found = parse(written, dialect)
            assert parse(printed(found, dialect), dialect) == found
    with suppress(NotUnderstood):
        sieve(parse(written, Dialect.EVENTS), [("ItemAdded", 1)])


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        canonical_json, recorded_event, signed_note, public_key, retail_rows, retail_import, scope, carving, condition,
    )
}  # fmt: skip

_ROW = b"536365,85123A,WHITE HEART,6,2010-12-01T08:26:00,2.55,17850,United Kingdom\n"
_NOTE = (
    b"event-explorer.local/x\n3\nRKGd0yBzQhYFyu2H6EmWnBPhWbMIWsp7lkGfIjUSHKI=\n\n"
    b"\xe2\x80\x94 event-explorer.local/x AAAAAAAAAAA=\n"
)
CORPUS: dict[str, list[bytes]] = {
    "canonical_json": [b'{"a":[1,null,true,"\\u20ac"],"b":{"c":-9007199254740991}}', b"[" * 120 + b"]" * 120],
    "recorded_event": [
        bytes([number, 1]) + b'{"customer":"Ann","location":"Leeds","sku":"mug","quantity":2,"unit_price":399}'
        for number in range(len(KINDS))
    ],
    "signed_note": [_NOTE, b"a\n\n"],
    "public_key": [b"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
    "retail_rows": [",".join(COLUMNS).encode() + b"\n" + _ROW * 2, b"\x1f\x8b\x08\0\0\0\0\0\0\3"],
    "retail_import": [_ROW * 2, b"C" + _ROW.replace(b",6,", b",-6,"), _ROW.replace(b"2.55", b"1e9")],
    "scope": [b"cart-1\nann\n1\n10\n12", b"\n\n2026-01-01\n2027-01-01T10:00+02:00\n9,999", b"\n\n\xff\n-1\n0"],
    "condition": [
        b"type == ItemAdded and data.quantity > 2 or not (actor in (\"ann\", 'bob') time >= 2011-01-05)",
        b"count(lines[sku=22423].`a b`[*]) * 2 - -1.5 <= was.total / 2 and event.data.x !~ '*?'",
        b"((((not not mug",
    ],
    "carving": [b"\0\0\x10\0" + bytes(200), b"\xff" + b"SQLite format 3\0" + bytes(4_000)],
}
