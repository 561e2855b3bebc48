"""Switching the protection of personal data on, and erasing what a store holds about somebody."""

from typing import NamedTuple

from explorer.application.handle import handle
from explorer.application.scope import caught_up
from explorer.application.session import Session
from explorer.application.word_search import Search, Wanted
from explorer.domain.event import Metadata
from explorer.domain.privacy import STREAM, EraseSubject, ProtectPersonalData
from explorer.errors import KnownError, Missing, ReadOnly, Refused, StorageFailed
from explorer.language.printing import quoted
from explorer.projections.runner import Progress, no_progress
from explorer.store.sealing import key_name


class Erasure(NamedTuple):
    """What was erased: the number of the key that was destroyed, and in how many events."""

    key: str
    events: int


def protect(session: Session, about: Metadata, *, new_keys: bool = False) -> bool:
    """From here on personal texts are stored encrypted; False if they were already.

    What was stored before stays readable for ever. A protected store whose key file is lost gets another with
    `new_keys`; without, it is Missing. Raises ReadOnly where none can be made.
    """
    _check_writable(session)
    session.protection.refresh()
    if new_keys or not session.protection.is_on:
        session.protection.prepare()
    _ = session.protection.keys
    happened = handle(session, STREAM, ProtectPersonalData(), about)
    session.protection.refresh()
    return bool(happened)


def erase(
    session: Session,
    about: Metadata,
    *,
    subject: str | None = None,
    stream: str | None = None,
    progress: Progress = no_progress,
) -> Erasure:
    """Destroys a person's key, records that, and makes the read models anew; the person is named, or whose a stream is.

    It can be called again after whatever stopped it, and finishes then. Raises Missing for somebody of whom nothing
    erasable is there.
    """
    _check_writable(session)
    protection = session.protection
    protection.refresh()
    if not protection.is_on:
        raise Refused(
            f"Personal data in {session.path} are not protected, so they cannot be erased. "
            f"'event-explorer protect {session.path}' protects what is stored from then on."
        )
    # What an erasure that was stopped has left in the read models goes, whomever this one is about.
    caught_up(session, progress)
    id_ = _key_of(session, subject or "") if stream is None else _key_of_stream(session, stream)
    key = key_name(id_)
    search = Search(Wanted(quoted(key)))
    concerned = search.go_on(session, 1, session.store.head().size, lambda _: True).found
    protection.keys.destroy(id_)
    try:
        handle(session, STREAM, EraseSubject(key), about)
    except KnownError as error:
        raise StorageFailed(
            f"The key is destroyed, but the log does not say so yet: run the same command again. ({error})"
        ) from error
    # Learns of it, and forgets the name.
    protection.refresh()
    protection.destroy_erased()
    caught_up(session, progress)
    session.discard_other_caches()
    return Erasure(key, concerned)


def _check_writable(session: Session) -> None:
    """Before a key is made or destroyed that the log could not tell of."""
    store = session.store
    if store.read_only:
        raise ReadOnly(store.read_only_reason or f"{store.path} is open for reading only.")


def _key_of(session: Session, subject: str) -> bytes:
    id_ = session.protection.keys.id_of(" ".join(subject.split()))
    if id_ is None:
        raise Missing(
            f"No key in {session.path} belongs to {subject!r}: nothing about such a person is stored encrypted, "
            "or it is erased already. Write the name as it was stored."
        )
    return id_


def _key_of_stream(session: Session, stream: str) -> bytes:
    """By the stream's own tokens: that leads to the key also where the erasure was begun and not finished."""
    protection = session.protection
    if not session.store.version_of(stream):
        raise Missing(f"There is no stream {stream!r} in {session.path}.")
    found = {id_ for record in session.store.stream_records(stream) for id_ in protection.keys_in(record)}
    if not found:
        raise Missing(f"Nothing in {stream} is stored encrypted, so nothing can be erased.")
    live = found & protection.keys.ids()
    if not live:
        raise Missing(f"The personal texts of {stream} are erased already.")
    return min(live)
