"""An audit bundle: a report with all that is needed to check it offline, without this program and without trusting it.

    report.html          what people read
    events.jsonl         the scope's events, a line each: the very bytes whose hashes are the Merkle tree's leaves
    proofs.jsonl         for each of them the proof that it is in the signed log; not there where that is the scope
    checkpoint           the signed head of the log
    key.txt              the public key
    checkpoint-before    where asked for: an earlier checkpoint,
    consistency.json     and the proof that the log continues it
    manifest.json        what was asked, and the SHA-256 of every file
    manifest.sig         the signature on that
    verify.py            checks all of it with Python's standard library alone

Proofs have the fields that `event-explorer verify-proof` takes. The same log, question and key give the same bytes.
"""

import base64
import hashlib
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

import msgspec

from explorer.application.audit import AuditReport
from explorer.application.checkpoints import Known, contradiction
from explorer.application.entries import pages_of
from explorer.application.keys import SigningKey
from explorer.application.reports import as_html
from explorer.application.resources import resource
from explorer.application.session import Session
from explorer.application.whole_file import replacing
from explorer.domain.event import Json
from explorer.errors import BadInput, Damaged
from explorer.projections.runner import Progress, no_progress
from explorer.proof.checkpoint import SignedCheckpoint
from explorer.proof.note import sign
from explorer.proof.proofs import consistency_fault, inclusion_fault
from explorer.store.codec import Record, leaf_bytes

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time that every file in the zip has: the first that a zip can say."""
STEP = 250
"""Events between two calls of `progress`."""
_json = msgspec.json.Encoder(order="deterministic")


class _Zip:
    """A zip file whose bytes depend on nothing but its contents; remembers the hash of each."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.hashes: dict[str, str] = {}

    @contextmanager
    def file(self, name: str) -> Generator["_Hashed"]:
        about = zipfile.ZipInfo(name, EPOCH)
        about.compress_type, about.create_system, about.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
        with self._zip.open(about, "w", force_zip64=True) as stream:
            hashed = _Hashed(stream)
            yield hashed
        self.hashes[name] = hashed.digest.hexdigest()

    def add(self, name: str, data: bytes) -> None:
        with self.file(name) as stream:
            stream.write(data)

    def close(self) -> None:
        self._zip.close()


class _Hashed:
    """Hashes what is written through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.digest = stream, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._stream.write(data)


def write(
    session: Session,
    report: AuditReport,
    key: SigningKey,
    path: Path,
    *,
    since: Known | None = None,
    progress: Progress = no_progress,
) -> None:
    """Writes the bundle of a sealed report, whole or not at all; memory does not grow with the number of events.

    `since` is an earlier checkpoint, whose continuation is proved as well. Raises Damaged for a log that cannot be
    proved, BadInput for a checkpoint of another log; see `replacing` for the file. `progress` may raise Cancelled.
    """
    seal = report.seal
    if seal is None:
        raise Damaged(
            f"Nothing can be proved of this log: {report.verdict.in_words()}. "
            "Write the report in another format to see every check."
        )
    consistency = _consistency(session, seal, since) if since is not None else None
    with replacing(path) as stream:
        bundle = _Zip(stream)
        with bundle.file("report.html") as page:
            as_html.write(report, cast("BinaryIO", page))
        is_whole = report.totals.events == seal.size
        with bundle.file("events.jsonl") as leaves:
            for number, record in enumerate(_records(session, report)):
                if number % STEP == 0:
                    progress(number, 2 * report.totals.events)
                leaves.write(leaf_bytes(record) + b"\n")
        if not is_whole:
            with bundle.file("proofs.jsonl") as proofs:
                for number, record in enumerate(_records(session, report)):
                    if number % STEP == 0:
                        progress(report.totals.events + number, 2 * report.totals.events)
                    proofs.write(_json.encode(_inclusion(session, seal, record)) + b"\n")
        bundle.add("checkpoint", seal.note.encode())
        bundle.add("key.txt", f"{seal.key.text}\n".encode())
        if since is not None:
            bundle.add("checkpoint-before", since.data)
            bundle.add("consistency.json", _json.encode(consistency) + b"\n")
        bundle.add("verify.py", resource("reports", "verify.py").read_bytes())
        _sign(bundle, report, seal, key, is_whole=is_whole)
        bundle.close()
    progress(2 * report.totals.events, 2 * report.totals.events)


def _records(session: Session, report: AuditReport) -> Iterator[Record]:
    for page in pages_of(session.store, report.scope, report.within):
        yield from page


def _inclusion(session: Session, seal: SignedCheckpoint, record: Record) -> dict[str, Json]:
    proof = session.tree.inclusion(record.position, seal.size)
    if fault := inclusion_fault(record.position - 1, seal.size, record.leaf, proof, seal.root):
        session.tree.forget()
        raise Damaged(f"Event {record.position:,} cannot be proved: {fault}. Try again; the tree is computed anew.")
    return {
        "leafIdx": record.position - 1, "treeSize": seal.size, "root": _text(seal.root),
        "leafHash": _text(record.leaf), "proof": [_text(step) for step in proof],
    }  # fmt: skip


def _consistency(session: Session, seal: SignedCheckpoint, since: Known) -> dict[str, Json]:
    before, tree = since.checkpoint, session.tree
    if words := contradiction(before, seal.checkpoint.origin, seal.size, tree.root):
        kind = BadInput if before.origin != seal.checkpoint.origin else Damaged
        raise kind(f"{since.path.name} does not fit this log. {words}.")
    if before.size == 0:
        raise BadInput(f"{since.path.name} is of an empty log: there is nothing in it that could be continued.")
    proof = tree.consistency(before.size, seal.size)
    if fault := consistency_fault(before.size, seal.size, before.root, seal.root, proof):
        raise Damaged(f"The log does not continue {since.path.name}: {fault}.")
    return {
        "size1": before.size, "size2": seal.size, "root1": _text(before.root), "root2": _text(seal.root),
        "proof": [_text(step) for step in proof],
    }  # fmt: skip


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _sign(bundle: _Zip, report: AuditReport, seal: SignedCheckpoint, key: SigningKey, *, is_whole: bool) -> None:
    origin = seal.checkpoint.origin
    manifest = {
        "kind": "event-explorer audit bundle",
        "version": 1,
        "log": origin,
        "size": seal.size,
        "merkle_root": seal.root.hex(),
        "asked": report.scope.in_words(),
        "range": [report.within.first, report.within.last, report.within.as_of],
        "events": report.totals.events,
        "is_whole_log": is_whole,
        "files": dict(sorted(bundle.hashes.items())),
    }
    data = msgspec.json.format(_json.encode(manifest), indent=2) + b"\n"
    bundle.add("manifest.json", data)
    # Its first line is no origin and its second no size: nobody can take it for a checkpoint.
    told = f"event-explorer bundle manifest\n{origin}\n{hashlib.sha256(data).hexdigest()}\n"
    bundle.add("manifest.sig", sign(told, origin, key.private).encode())
