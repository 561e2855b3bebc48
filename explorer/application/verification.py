"""Verifying a store as a use case: with what is held against it, resumable, and with consequences.

A store that fails is open for reading only from then on, here and for whoever opens it next, until it passes again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from explorer.application.checkpoints import Known, checkpoint_files, keep_foreign, newest_checkpoint
from explorer.application.faults import Check, Faults
from explorer.application.keys import known_keys
from explorer.application.recorded import frontier_of
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.verdict import Verdict, Witnesses, examine, verify, witnesses
from explorer.application.verified import Verified, last_verified, remember, remember_stop, stopped_at
from explorer.errors import Damaged, KnownError, Missing
from explorer.projections.runner import Progress, no_progress
from explorer.proof.note import Key

HARMLESS = frozenset({"readable", "cache", "strangers"})
"""Checks of what this program makes of the log, and of what strangers say; the others are of the log itself."""


class Trust(NamedTuple):
    """What is known of a store's integrity without looking at it anew.

    `newest` is the longest checkpoint beside the store, `key` the user's own public key for this store (None: none has
    been made yet), `alarm` why the checkpoints beside the store, or the keys, cannot be read ("" if they can).
    """

    verified: Verified | None
    newest: Known | None
    checkpoints: int
    key: Key | None
    read_only_reason: str
    alarm: str = ""


def trust_of(session: Session) -> Trust:
    """Cheap: a few small files."""
    alarm, newest, files, keys = "", None, list[Path](), list[Key]()
    try:
        files = checkpoint_files(session.path)
        newest = newest_checkpoint(files)
        keys = known_keys(session.store.store_id)
    except KnownError as error:
        alarm = str(error)
    return Trust(
        last_verified(session.cache.folder, session.store.store_id),
        newest,
        len(files),
        keys[0] if keys else None,
        session.store.read_only_reason,
        alarm,
    )


def verify_store(
    session: Session,
    *,
    checkpoints: Sequence[Known] = (),
    keys: Sequence[Key] = (),
    full: bool = False,
    resume: bool = False,
    progress: Progress = no_progress,
) -> Verdict:
    """Verifies the log; with `full` also SQLite's own structures, every event's schema, and the read models.

    `resume` goes on where the last verification was stopped: what that has read is not read again, unless it is not the
    beginning of this log any more. On Cancelled, raised
    by `progress`, that place is kept. Raises Missing if there is no such place, Damaged for a file that cannot be read
    to its end.
    """
    try:
        held = witnesses(session, checkpoints, keys)
        verdict = _verdict(session, held, full=full, resume=resume, progress=progress)
    except Damaged as error:
        # So damaged that not even the verification comes to its end.
        take(
            session, Verdict(0, b"", (Check("file", "The file can be read", ok=False, detail=str(error)),)), Witnesses()
        )
        raise
    take(session, verdict, held)
    return verdict


def _verdict(session: Session, held: Witnesses, *, full: bool, resume: bool, progress: Progress) -> Verdict:
    folder, store_id = session.cache.folder, session.store.store_id
    if full:
        head = session.store.head()
        caught_up(session, progress)
        verdict = examine(session, head, (0, head.size), progress=progress, held=held)
        return verdict._replace(checks=(*verdict.checks, _structure(session, progress)))
    begun = stopped_at(folder, store_id) if resume else None
    if resume and begun is None:
        raise Missing("No verification of this store was stopped: start one without --resume.")
    if begun is not None and frontier_of(session, begun.position) != begun.frontier:
        begun = None  # the log was restored or altered since: what was read then says nothing of it
    return verify(session, held, begun=begun, stopped=lambda reached: remember_stop(folder, reached), progress=progress)


def _structure(session: Session, progress: Progress) -> Check:
    faults = Faults("structure", "The database file is whole")
    for fault in session.store.structure_faults(lambda: progress(0, 0)):
        faults.add(f"SQLite finds: {fault}")
    return faults.check("SQLite's own check of pages and indexes found nothing.")


def take(session: Session, verdict: Verdict, held: Witnesses) -> None:
    """Keeps what was found, and lets nobody write to a log that is damaged, or again to one that passes."""
    keep_foreign(session, held.checkpoints, held.keys)
    longest = max(held.checkpoints, key=lambda known: known.size, default=None)
    found = Verified(
        str(session.store.store_id),
        verdict.events,
        verdict.root.hex(),
        session.world.clock(),
        verdict.ok,
        verdict.in_words(),
        verdict.damaged,
        longest.size if longest else 0,
        longest.key_ids[0] if longest and longest.key_ids else "",
        any(not check.ok and check.name not in HARMLESS for check in verdict.checks),
        verdict.reasons,
        verdict.time,
    )
    remember(session.cache.folder, found)
    session.heed(found)
