"""Personal texts sealed on their way into the log, and opened when they are read.

In a store that protects them, a personal text is stored as a token (see `explorer.store.sealing`). The leaf is over the
token, so no hash and no proof changes when a key is destroyed. The empty text, which says nothing about anybody, stays
as it is. Texts at or before the position where protection was switched on are no tokens, whatever they look like.

Every append of a personal text also names the version of the stream that tells of protection and erasures. So nobody
goes on writing in clear text, or upon what he read of somebody who was erased: the append is then a Conflict.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any

import msgspec

from explorer.domain.event import NewEvent
from explorer.domain.privacy import ERASED, KEY_MISSING, STREAM, PersonalDataProtected, SubjectErased
from explorer.errors import Busy, Conflict, Damaged, KnownError, Missing, ReadOnly, Refused, StorageFailed
from explorer.store.codec import Essence, Record
from explorer.store.event_store import Append, EventStore
from explorer.store.sealing import UNOPENED, is_token, key_id, key_of, place_of, sealed, unsealed
from explorer.store.subject_keys import SubjectKey, SubjectKeys, key_file

Subjects = Mapping[tuple[str, int], str]
"""Whom an event's personal texts are about, by stream and version."""


class Protection:
    """What one store says about protection and erasures, and the seal on its personal texts."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self.erasures = 0
        """The version of the stream that tells of them at the last one; 0 before the first."""
        self.version = 0
        """That stream's version, as far as it is known."""
        self._since = 0
        self._erased: set[bytes] = set()
        self._keys: SubjectKeys | None = None
        self._fault = ""
        self._lock = Lock()
        self.refresh()

    def close(self) -> None:
        if self._keys is not None:
            self._keys.close()

    @property
    def is_on(self) -> bool:
        return self._since > 0

    @property
    def key_file_name(self) -> str:
        """What tells the key file in use from any other; "none" without one."""
        return self._keys.name if self._keys is not None else "none"

    @property
    def keys(self) -> SubjectKeys:
        """Raises Missing, with what to do, where there is no key file that fits."""
        if self._keys is None:
            raise Missing(
                f"The key file {key_file(self._store.path)} cannot be used: {self._fault} Without it no personal text "
                "can be saved or read; everything else can. Bring it back, then open the store again; if it is lost "
                f"for good, 'event-explorer protect {self._store.path} --new-key-file' begins another."
            )
        return self._keys

    def prepare(self) -> None:
        """Makes a key file where there is none."""
        if self._keys is None:
            self._keys = SubjectKeys(key_file(self._store.path), self._store.store_id, create=True)

    def refresh(self) -> bool:
        """Learns what the log tells since it was last asked; whether there was a new erasure.

        Keys of which the log tells that they are erased are destroyed, if a copy of the key file has brought them back.
        A log too damaged to tell can still be looked at; an append would ask the same and fail.
        """
        before = self.erasures
        with self._lock, suppress(Damaged):
            version = self._store.version_of(STREAM)
            if version == self.version:
                return False
            for record in self._store.stream_records(STREAM, self.version + 1, version):
                self._learn(record)
            self.version = version
            if self.erasures != before:
                # Where it cannot be done, nothing is shown with such a key all the same.
                with suppress(ReadOnly, Busy, StorageFailed):
                    self.destroy_erased()
        return self.erasures != before

    def _learn(self, record: Record) -> None:
        if record.type == PersonalDataProtected.__name__ and not self.is_on:
            self._since = record.position
            self._open_keys()
            self._store.codec.seal = self
        elif record.type == SubjectErased.__name__:
            self.erasures = record.version
            # One that was damaged is told by whoever verifies the log.
            with suppress(Damaged):
                self._erased.add(key_id(self._store.codec.data(record)[1].get("key")))

    def _open_keys(self) -> None:
        if self._keys is None:
            read_only = self._store.read_only
            try:
                self._keys = SubjectKeys(key_file(self._store.path), self._store.store_id, read_only=read_only)
            except KnownError as error:
                # The log can be read without it: it says so wherever a text is missing.
                self._fault = str(error)

    def destroy_erased(self) -> None:
        if self._keys is not None and not self._store.read_only:
            back = self._keys.ids() & self._erased
            if back:
                self._keys.forget(back)

    # Writing

    def sealed(self, appends: Sequence[Append], subjects: Subjects, version: int) -> list[Append]:
        """The appends with their personal texts sealed, and the one that makes sure that they are rightly so.

        They were decided when this had that `version`; if it has another now, this or the append is a Conflict. Raises
        Busy, Missing or Refused where they cannot be sealed.
        """
        guard = Append(STREAM, version, ())
        if not self.is_on:
            return [guard, *appends]
        if "" in subjects.values():
            raise Refused("A personal text is about nobody, so nobody could have it erased. Nothing was saved.")
        keys = self._keys_of({*subjects.values()}, version)
        return [guard, *(self._sealed(append, keys, subjects) for append in appends)]

    def _keys_of(self, subjects: set[str], version: int) -> dict[str, SubjectKey]:
        found = self.keys.keys_of(subjects)
        missing = subjects - found.keys()
        if not missing:
            return found
        # Whoever had a key until just now must not get another, for what was read while he had it.
        actual = self._store.version_of(STREAM)
        if actual != version:
            raise Conflict(STREAM, version, actual)
        return found | self.keys.make(missing)

    def _sealed(self, append: Append, keys: Mapping[str, SubjectKey], subjects: Subjects) -> Append:
        stream, version = append.stream, append.expected_version
        events = [
            self._sealed_event(stream, number, event, keys[subjects[stream, number]])
            if (stream, number) in subjects
            else event
            for number, event in enumerate(append.events, version + 1)
        ]
        return Append(stream, version, events)

    def _sealed_event(self, stream: str, version: int, event: NewEvent, key: SubjectKey) -> NewEvent:
        tokens: dict[str, Any] = {}
        for name in self._store.codec.personal(stream, event.type):
            text = event.data.get(name) if isinstance(event.data, dict) else getattr(event.data, name)
            if isinstance(text, str) and text:
                tokens[name] = sealed(key, text, place_of(stream, version, name))
        data = event.data
        data = {**data, **tokens} if isinstance(data, dict) else msgspec.structs.replace(data, **tokens)
        return msgspec.structs.replace(event, data=data)

    # Reading

    def keys_in(self, record: Record) -> set[bytes]:
        """The numbers of the keys that an event's personal texts were sealed with."""
        names = self._store.codec.personal(record.stream, record.type) if record.position > self._since else ()
        return {key_of(text) for text in self._store.codec.stored_texts(record, names) if is_token(text)}

    def opened(self, texts: Iterable[tuple[str, object]], record: Record | Essence) -> dict[str, str]:
        """See `Seal`."""
        if record.position <= self._since:
            return {}
        tokens = [(name, text) for name, text in texts if isinstance(text, str) and is_token(text)]
        if tokens and self._keys is not None:
            # Once for all texts of an event: another process may have destroyed a key.
            self._keys.look()
        return {name: self._opened(text, name, record) for name, text in tokens}

    def _opened(self, token: str, field: str, record: Record | Essence) -> str:
        id_ = key_of(token)
        if id_ in self._erased:
            return ERASED  # also where a copy of the key file has brought its key back
        key = self._keys.key(id_) if self._keys is not None else None
        if key is None or key.cipher is None:
            return self._without_key(id_, key)
        try:
            return unsealed(key, token, place_of(record.stream, record.version, field))
        except UNOPENED as error:
            raise Damaged(
                f"The {field} of event {record.position} does not open with its key: it was altered, or is elsewhere's."
            ) from error

    def _without_key(self, id_: bytes, key: SubjectKey | None) -> str:
        if key is not None or id_ in self._erased:
            return ERASED
        # Another process may have finished an erasure just now.
        self.refresh()
        return ERASED if id_ in self._erased else KEY_MISSING
