"""What can be saved of a damaged store: every event that is still as it was hashed goes into a new one.

The source is read as bytes and never written. The new store is a new history with an identity of its own, whose events
keep id, stream, type, schema version, data, both times, and who, why and whence. Positions and versions have no gaps in
a store, so behind an event that is lost they move up: its successors get other positions (and hashes), and those of its
stream other versions. Up to the first lost event nothing moves: there the new store has the very hashes of the old one,
and a checkpoint of the old one that lies before it is still that of the new.

Personal texts that are stored encrypted stay so. Their seals are bound to the version, so those of events that get
another one are sealed anew; the new store has the keys in a file of its own, without those that were destroyed.

What is lost and what has moved, with old position, version and hash, is listed beside the new store, one JSON object a
line; the last event of the new store says what was done and holds the list's SHA-256: the salvage itself is on record.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import IO, Any, NamedTuple
from uuid import UUID

import msgspec

from explorer.application import outside
from explorer.application.handle import new_event
from explorer.application.log_reading import envelope_fault
from explorer.application.outside import Outside
from explorer.application.salvaged_files import created, publish, sha256_of, storable
from explorer.domain.deciders import DECIDERS, PERSONAL
from explorer.domain.event import Json, Metadata, NewEvent
from explorer.domain.privacy import KEY_MISSING, STREAM, PersonalDataProtected
from explorer.errors import BadInput, KnownError
from explorer.projections.runner import Progress, no_progress
from explorer.proof import merkle
from explorer.store.canonical import canonical
from explorer.store.carving import Carving, Found, OldHead
from explorer.store.codec import Codec, Record
from explorer.store.event_store import Append, EventStore
from explorer.store.place import check_nothing_left
from explorer.store.resealing import Resealing, switches_on
from explorer.store.subject_keys import key_file

BATCH = 1_000
"""Events of one transaction at most; they have one time of recording."""
SWITCHED_ON = "The event that switched the protection of personal data on is lost; it was recorded anew"
GONE = "nothing of it is left in the file"
ORIGIN = "event-explorer salvage"
MOST_SHOWN = 10_000
"""Characters that the list keeps of an altered event's data."""


class Loss(NamedTuple):
    """Consecutive positions of the source, both included, whose events are not in the new store."""

    first: int
    last: int
    reason: str

    def in_words(self) -> str:
        span = f"event {self.first:,}" if self.first == self.last else f"events {self.first:,} to {self.last:,}"
        return f"{span}: {self.reason}"


class Salvage(NamedTuple):
    """What became of a source. `head` is what its head told, None if that is lost; `list_path` is the list."""

    source: Path
    head: OldHead | None
    store: Path
    store_id: UUID
    events: int
    moved: int
    losses: tuple[Loss, ...]
    streams: tuple[str, ...]
    remarks: tuple[str, ...]
    list_path: Path

    @property
    def lost(self) -> int:
        return sum(loss.last - loss.first + 1 for loss in self.losses)

    @property
    def is_whole(self) -> bool:
        """Whether the source's events are all there, each as it was hashed, and together have its head's root."""
        return not self.losses and not self.remarks


def salvage(source: Path, out: Path, world: Outside | None = None, progress: Progress = no_progress) -> Salvage:
    """Writes all intact events of `source` to the new store `out`, and the list to `out`.salvaged.jsonl.

    Neither is there before both are whole; where personal texts are protected, the key file is there before them.

    No process may have the source open. Raises BadInput if one of the files exists;
    Missing, Busy (the source is being written to), StorageFailed, ReadOnly; Cancelled from `progress`.
    """
    list_path = out.with_name(f"{out.name}.salvaged.jsonl")
    keys_path = key_file(out)
    for path in (out, list_path, keys_path):
        if os.path.lexists(path):
            raise BadInput(f"{path} exists; salvage writes to new files only. Name another.")
    check_nothing_left(out)
    drafts = [path.with_name(f".{path.name}.{os.getpid()}") for path in (keys_path, list_path, out)]
    keys_draft, listed, draft = drafts
    try:
        with Carving(source) as remains, created(listed) as lines:
            work = _Salvaging(remains, draft, lines, world or Outside(), source)
            try:
                work.run(progress)
                work.protect(keys_draft)
                lines.flush()
                os.fsync(lines.fileno())
                store_id = work.finish(source, list_path, listed)
            finally:
                work.close()
            remains.check_unchanged()
        publish(zip(drafts, (keys_path, list_path, out), strict=True))
    finally:
        for path in (*drafts, *(Path(f"{draft}{ending}") for ending in ("-wal", "-shm", "-journal"))):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return work.result(source, out, store_id, list_path)


class _Salvaging:
    """One salvage under way: from the remains to a draft of the new store and of the list."""

    def __init__(self, remains: Carving, draft: Path, lines: IO[bytes], world: Outside, source: Path) -> None:
        self._remains, self._lines, self._world = remains, lines, world
        self._recorded_at = world.clock()
        codec, head = Codec(DECIDERS, PERSONAL), remains.head
        self._seals = Resealing(codec, source, head.store_id if head else None)
        self._store = EventStore(draft, codec, lambda: self._recorded_at, world.ids)
        self._versions: dict[str, int] = {}
        self._old_versions: dict[str, int] = {}
        self._frontier: list[bytes] = []
        self._kept = self._moved = self._reached = self._loose = 0
        self._losses: list[Loss] = []
        self._first_lost = 2**63
        self._streams: set[str] = set()
        self._remarks: list[str] = []

    def close(self) -> None:
        self._store.close()
        self._seals.close()

    def run(self, progress: Progress) -> None:
        total = len(self._remains)
        for recorded_at, group in groupby(self._intact(), key=lambda record: record.recorded_at):
            batch = list[Record]()
            for record in group:
                batch.append(record)
                if len(batch) == BATCH:
                    self._keep(recorded_at, batch)
                    batch = []
                    progress(min(self._reached, total), total)
            self._keep(recorded_at, batch)
        self._compare(self._remains.head)
        progress(total, total)

    def _intact(self) -> Iterator[Record]:
        doubtful = list[tuple[Found, str]]()
        for found in self._remains.events():
            fault = found.fault or (_unfit(found.record) if found.record else "")
            if fault or found.record is None:
                doubtful.append((found, fault))
                continue
            self._give_up(doubtful, found.position - 1)
            doubtful.clear()
            self._reached = found.position
            self._loose += found.is_loose
            if not self._losses:
                merkle.push(self._frontier, found.position - 1, found.record.leaf)
            self._note_gap(found.record)
            yield found.record
        head = self._remains.head
        self._give_up(doubtful, head.size if head else self._reached + len(doubtful), is_known=head is not None)

    def _give_up(self, rows: list[tuple[Found, str]], until: int, *, is_known: bool = True) -> None:
        """Lists what is lost up to `until`: every position, if it is known that there were so many, else the rows.

        A damaged row that says it stands elsewhere is not believed.
        """
        for found, fault in rows:
            if self._reached < found.position <= until:
                if found.position > self._reached + 1:
                    self._lose(self._reached + 1, found.position - 1, GONE)
                self._lose_row(found, fault)
                self._reached = found.position
        if is_known and self._reached < until:
            self._lose(self._reached + 1, until, GONE)
            self._reached = until

    def _note_gap(self, record: Record) -> None:
        """A version that is missing tells whose event was lost, where the event itself cannot."""
        if record.version != self._old_versions.get(record.stream, 0) + 1:
            self._streams.add(record.stream)
        self._old_versions[record.stream] = record.version

    def _lose(self, first: int, last: int, reason: str) -> None:
        self._first_lost = min(first, self._first_lost)
        before = self._losses[-1] if self._losses else None
        if before is not None and before.last + 1 == first and before.reason == reason:
            self._losses[-1] = Loss(before.first, last, reason)
        else:
            self._losses.append(Loss(first, last, reason))
        self._write({"lost": {"first": first, "last": last, "reason": reason}})

    def _lose_row(self, found: Found, fault: str) -> None:
        self._lose(found.position, found.position, f"it was altered: {fault}" if found.fault else fault)
        if found.record is not None:
            self._streams.add(found.record.stream)
            self._write({"altered": _shown(found.record)})

    def _keep(self, recorded_at: int, batch: list[Record]) -> None:
        if not batch:
            return
        self._recorded_at = recorded_at
        try:
            self._append(batch)
        except BadInput as error:
            if len(batch) > 1:
                for record in batch:
                    self._keep(recorded_at, [record])
                return
            self._lose(batch[0].position, batch[0].position, f"it cannot be stored a second time: {error}")
            self._streams.add(batch[0].stream)

    def _append(self, batch: list[Record]) -> None:
        versions = dict[str, int]()
        appends, kept = list[Append](), list[tuple[Record, dict[str, str]] | None]()
        is_on = self._seals.is_on
        for record in batch:
            if not is_on and record.position > self._first_lost and self._seals.shows_protection(record):
                appends.append(Append(STREAM, self._next(STREAM, versions), [_switching_on()]))
                kept.append(None)
                is_on = True
            is_on = is_on or switches_on(record)
            version = self._next(record.stream, versions)
            tokens = self._seals.moved(record, version + 1) if is_on else {}
            appends.append(Append(record.stream, version, [_again(record, tokens)]))
            kept.append((record, tokens))
        self._note(kept, self._store.append_all(appends))
        self._versions |= versions

    def _next(self, stream: str, versions: dict[str, int]) -> int:
        """The version behind which the next event of a stream comes; counts it."""
        version = versions.get(stream, self._versions.get(stream, 0))
        versions[stream] = version + 1
        return version

    def _note(self, kept: list[tuple[Record, dict[str, str]] | None], written: list[Record]) -> None:
        """What has moved, and what was put in."""
        for before, new in zip(kept, written, strict=True):
            self._seals.learn(new)
            if before is None:
                self._remark(SWITCHED_ON)
                continue
            old, tokens = before
            self._kept += 1
            if (old.position, old.version) != (new.position, new.version):
                self._moved += 1
                self._write({
                    "moved": {
                        "position": old.position, "stream": old.stream, "version": old.version, "leaf": old.leaf.hex(),
                        "new_position": new.position, "new_version": new.version, "new_leaf": new.leaf.hex(),
                        **({"sealed_anew": [*tokens]} if tokens else {}),
                    }
                })  # fmt: skip

    def protect(self, keys_path: Path) -> None:
        """Makes the key file of a store that is protected; with a remark where a personal text cannot be read."""
        seals, is_incomplete = self._seals, bool(self._losses) or self._remains.head is None
        if not seals.is_on and not seals.fault and is_incomplete:
            # There are keys: what switched protection on may be among what is lost.
            self._recorded_at = self._world.clock()
            switch = Append(STREAM, self._next(STREAM, self._versions), [_switching_on()])
            self._note([None], self._store.append_all([switch]))
        if not seals.is_on:
            return
        if seals.fault:
            fault = f"Personal texts say {KEY_MISSING}, for the key file cannot be used: {seals.fault}"
            self._remark(f"{fault} Bring it back and salvage again")
            return
        seals.hand_over(keys_path, self._store.store_id)
        if seals.keyless and is_incomplete:
            self._remark(
                f"Keys that are not in the key file: {len(seals.keyless):,}. Their texts say {KEY_MISSING}; "
                "if they were erased, the event that says so is lost"
            )
        if seals.unopened:
            self._remark(f"Events with texts that do not open with their key, as before: {len(seals.unopened):,}")

    def _compare(self, head: OldHead | None) -> None:
        """Whether all that is intact is also all there was."""
        if head is None:
            self._remark("The file's head cannot be read: how many events there were is not known")
        elif self._reached > head.size:
            self._remark(
                f"{self._reached - head.size:,} events lie behind the end of {head.size:,} that the head tells"
            )
        elif not self._losses and merkle.root(self._frontier) != head.root:
            self._remark("Each event is intact, but together they have not the hash that the head tells")
        if self._loose:
            self._remark(
                f"{self._loose:,} events come from a damaged write-ahead log and may never have been committed"
            )

    def _remark(self, words: str) -> None:
        words = storable(words)
        self._remarks.append(words)
        self._write({"remark": words})

    def _write(self, line: dict[str, Any]) -> None:
        self._lines.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def finish(self, source: Path, list_path: Path, listed: Path) -> UUID:
        """Appends the event that says what was done."""
        head = self._remains.head
        lost = sum(loss.last - loss.first + 1 for loss in self._losses)
        data: dict[str, Json] = {
            "source": storable(source.name),
            "source_store": str(head.store_id) if head else None,
            "source_events": head.size if head else None,
            "source_root": head.root.hex() if head else None,
            "kept": self._kept,
            "lost": lost,
            "moved": self._moved,
            "remarks": [*self._remarks],
            "list": storable(list_path.name),
            "list_sha256": sha256_of(listed),
        }
        self._recorded_at = self._world.clock()
        stream = f"salvage-{head.store_id if head else 'unknown'}"
        about = Metadata(outside.user_name(), "salvaged from a damaged store", origin=ORIGIN)
        self._store.append(stream, self._store.version_of(stream), [NewEvent("StoreSalvaged", data, about)])
        return self._store.store_id

    def result(self, source: Path, out: Path, store_id: UUID, list_path: Path) -> Salvage:
        return Salvage(
            source, self._remains.head, out, store_id, self._kept, self._moved, tuple(self._losses),
            tuple(sorted(self._streams)), tuple(self._remarks), list_path,
        )  # fmt: skip


def _unfit(record: Record) -> str:
    """Why an event whose hash is right cannot be stored again; empty if it can. No program of ours makes such a one."""
    if fault := envelope_fault(record):
        return fault
    try:
        if record.data[:1] != b"{" or canonical(msgspec.json.decode(record.data)) != record.data:
            return "its data is not the canonical JSON of an object"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KnownError) as error:
        return f"its data cannot be stored again: {error}"
    return ""


def _again(record: Record, tokens: dict[str, str]) -> NewEvent:
    correlation, causation = (UUID(bytes=id_) if id_ else None for id_ in (record.correlation_id, record.causation_id))
    return NewEvent(
        record.type,
        msgspec.json.decode(record.data) | tokens,
        Metadata(record.actor, record.reason, correlation, causation, record.origin),
        record.schema_version,
        record.occurred_at,
        UUID(bytes=record.id),
    )


def _switching_on() -> NewEvent:
    """In place of the event that is lost; its time is that of the event behind it, lest all that follow be of now."""
    return new_event(PersonalDataProtected(), Metadata(outside.user_name(), SWITCHED_ON, origin=ORIGIN))


def _shown(record: Record) -> dict[str, Any]:
    """What an altered row says, for people: none of it is to be believed."""
    shown = {name: value.hex() if isinstance(value, bytes) else value for name, value in record._asdict().items()}
    return {**shown, "data": record.data.decode(errors="replace")[:MOST_SHOWN]}
