"""How far a store can be trusted, as a window shows it; and what a window does for that by itself.

It is read anew only when something of it has changed: `stamp` says so at the price of a few looks at files, whoever it
was that verified or signed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from explorer.application.checkpoints import contradictions, folder_of, known_checkpoints, sign_if_old
from explorer.application.keys import key_files, known_keys, signing_key
from explorer.application.session import Session
from explorer.application.verification import Trust, trust_of, verify_store
from explorer.application.verified import Verified, files, last_verified, remember, stopped_at
from explorer.errors import KnownError
from explorer.projections import queries
from explorer.projections.runner import Progress, no_progress
from explorer.proof.note import Key

SMALL = 50_000
"""Events that a window verifies without being asked."""
TINY = 5_000
"""Events that it verifies each time."""
DAY = 24 * 3_600 * 1_000_000
"""µs after which it does so again, though nothing has come since."""
FAILED = "The log failed its last verification, so it is open for reading only; the panel Trust says more."
CLOSED = "The store, or its folder, may not be written here, so it is open for reading only."


class Standing(NamedTuple):
    """What a window tells of a store's integrity. `locked` is why nothing can be changed, "" if it can.

    `signer` is the key of the user's own that has signed the newest checkpoint, `stopped` the events that a
    verification which was stopped had read (0: none was).
    """

    trust: Trust
    signer: Key | None = None
    stopped: int = 0
    locked: str = ""
    folder: Path = Path()

    @property
    def found(self) -> Verified | None:
        return self.trust.verified

    @property
    def is_damaged(self) -> bool:
        return self.found is not None and not self.found.ok and self.found.is_log_damaged

    def newer(self, head: int) -> int:
        """How many events have come since they were verified."""
        return max(0, head - self.found.size) if self.found is not None else head


class Damage(NamedTuple):
    """An event that a verification has named, where the timeline shows it (µs UTC), and what is wrong with it."""

    position: int
    time: int
    words: str


UNKNOWN = Standing(Trust(None, None, 0, None, ""))


def stamp(session: Session) -> tuple[object, ...]:
    """Differs from an earlier one if somebody, in whatever process, has verified, signed or changed keys since."""
    places = (*files(session.cache.folder), folder_of(session.path), *key_files())
    return (session.store.read_only, *map(_stamp, places))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def standing(session: Session) -> Standing:
    """Reads what is known of the store's integrity, and takes the consequences of what another session has found."""
    folder, store_id = session.cache.folder, session.store.store_id
    session.heed(last_verified(folder, store_id))
    trust, stopped = trust_of(session), stopped_at(folder, store_id)
    signer = None
    if trust.newest is not None and not trust.alarm:
        try:
            signer = next(iter(trust.newest.signers(known_keys(store_id))), None)
        except KnownError as error:
            trust = trust._replace(alarm=f"{trust.newest.path.name} is false. {error}")
    locked = (FAILED if session.store.read_only_reason else CLOSED) if session.store.read_only else ""
    return Standing(trust, signer, stopped.position if stopped else 0, locked, folder_of(session.path))


def damage_of(session: Session, found: Standing, reached: int) -> Mapping[int, Damage]:
    """The damaged events by position, in order. What lies behind `reached`, the read side's last, is shown there."""
    verified = found.found
    if verified is None or verified.ok or not verified.damaged or not reached:
        return {}
    seen = [max(1, min(position, reached)) for position in verified.damaged]
    with session.asking() as connection:
        times = queries.times_at(connection, seen)
    reasons = verified.reasons or (verified.words,) * len(times)
    named = zip(verified.damaged, times, reasons, strict=True)
    return {position: Damage(position, time, words) for position, time, words in named}


def stream_at(session: Session, position: int) -> str | None:
    """The stream of an event that may be damaged: None if it is missing or cannot be read."""
    try:
        records = session.store.records_at([position])
    except KnownError:
        return None
    return records[0].stream if records else None


def look_after(session: Session, progress: Progress = no_progress) -> str:
    """What a window does by itself when it has opened a store; a sentence about it.

    A small log is verified, unless that was done within a day and found nothing; of a large one only the head is held
    against the known checkpoints. Then a checkpoint is signed if one is due.
    """
    head, now = session.store.head(), session.world.clock()
    found = last_verified(session.cache.folder, session.store.store_id)
    if head.size > SMALL:
        _hold(session, progress)
    elif head.size <= TINY or found is None or not found.ok or found.root != head.root.hex() or now - found.at >= DAY:
        verify_store(session, progress=by_event(progress))
    return keep_signed(session)


def by_event(progress: Progress) -> Progress:
    """A verification reads each event twice; this counts it once."""
    return lambda done, total: progress(done // 2, total // 2)


def keep_signed(session: Session) -> str:
    """Signs the log if events have come since a checkpoint that is old, or there is none; a sentence about it."""
    if session.store.read_only:
        return ""
    signed = sign_if_old(session, signing_key(), session.world.clock())
    return f"{signed.size:,} events were signed by key {signed.key.id_text}." if signed else ""


def is_signing_due(found: Standing, head: int, now: int, age: int) -> bool:
    """Whether `keep_signed` would sign, as far as can be told without asking; `age` in µs."""
    newest = found.trust.newest
    if found.locked or found.trust.alarm or head == (newest.size if newest else 0):
        return False
    return newest is None or now - newest.kept_at >= age


def _hold(session: Session, progress: Progress) -> None:
    """Holds the recorded hashes against the known checkpoints; a log that does not continue them is read only.

    Neither can name an event: that is for a verification.
    """
    head = session.store.head()
    contradicted = contradictions(session, known_checkpoints(session.path), progress)
    faults = [*session.store.schema_faults(), *(f"{one.known.path.name}: {one.words}" for one in contradicted)]
    if not faults:
        return
    found = Verified(
        str(session.store.store_id),
        head.size,
        head.root.hex(),
        session.world.clock(),
        ok=False,
        words=f"the log did NOT pass what is looked at when it is opened. {faults[0]}",
        is_log_damaged=True,
    )
    remember(session.cache.folder, found)
    session.heed(found)
