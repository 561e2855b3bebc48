"""The personal texts of a store whose events go into a new one, where some get other versions.

There their seals would not open. So each is opened where it stood and sealed anew for where it goes, with the same key;
the new store gets the keys in a file of its own. What cannot be opened, since its key was destroyed or is not at hand,
stays as it is, and is read as before.
"""

from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

from explorer.domain.privacy import STREAM, PersonalDataProtected, SubjectErased
from explorer.errors import Damaged, KnownError
from explorer.store.codec import Codec, Record
from explorer.store.sealing import UNOPENED, is_token, is_well_made, key_id, key_of, place_of, sealed, unsealed
from explorer.store.subject_keys import SubjectKeys, key_file


class Resealing:
    """What the events of `source` tell of protection, and its keys.

    The key file is only read, but for what a crash left half done in it. `store_id` is the source's; if
    that is None, not known, whatever key file lies beside it is taken.
    """

    def __init__(self, codec: Codec, source: Path, store_id: UUID | None) -> None:
        self._codec = codec
        self.is_on = False
        """Whether an event that was learned of has switched protection on."""
        self.keyless: set[bytes] = set()
        """The numbers of keys that are not in the key file though no event told that they are destroyed."""
        self.unopened: set[int] = set()
        """The positions of events with a text that does not open with its key."""
        self.fault = ""
        """Why the key file cannot be used; empty if it can."""
        self._erased: set[bytes] = set()
        self._keys: SubjectKeys | None = None
        path = key_file(source)
        # SQLite takes back what was being written to it only where it may write.
        is_whole = not path.with_name(f"{path.name}-journal").exists()
        try:
            self._keys = SubjectKeys(path, store_id, read_only=is_whole)
            self._keys.check_whole()
        except KnownError as error:
            self.fault = str(error)
            self.close()

    def close(self) -> None:
        if self._keys is not None:
            self._keys.close()
            self._keys = None

    def learn(self, record: Record) -> None:
        """Takes note of what an event of the new store says about protection and erasures."""
        self.is_on = self.is_on or switches_on(record)
        if record.stream == STREAM and record.type == SubjectErased.__name__:
            with suppress(Damaged):
                id_ = key_id(self._codec.data(record)[1].get("key"))
                self._erased.add(id_)
                self.keyless.discard(id_)

    def shows_protection(self, record: Record) -> bool:
        """Whether an event cannot have been stored before protection was switched on."""
        if record.stream == STREAM and record.type == SubjectErased.__name__:
            return True
        names = self._codec.personal(record.stream, record.type)
        return any(is_well_made(text) for text in self._codec.stored_texts(record, names)) if names else False

    def moved(self, record: Record, version: int) -> dict[str, str]:
        """The tokens of an event, by field, that must be others at another version."""
        names = self._codec.personal(record.stream, record.type) if self._keys is not None else ()
        found = dict[str, str]()
        for name in names:
            for token in self._codec.stored_texts(record, [name]):
                if is_token(token) and (anew := self._moved(token, name, record, version)):
                    found[name] = anew
        return found

    def _moved(self, token: str, field: str, record: Record, version: int) -> str:
        """Empty if it stays as it is."""
        assert self._keys is not None
        try:
            id_ = key_of(token)
        except Damaged:
            return ""
        key = self._keys.key(id_)
        if key is None and id_ not in self._erased:
            self.keyless.add(id_)
        if key is None or key.cipher is None or version == record.version:
            return ""
        try:
            text = unsealed(key, token, place_of(record.stream, record.version, field))
        except UNOPENED:
            self.unopened.add(record.position)
            return ""
        return sealed(key, text, place_of(record.stream, version, field))

    def hand_over(self, path: Path, store_id: UUID) -> None:
        """Makes the new store's key file, durably, without the keys that an event tells are destroyed."""
        assert self._keys is not None
        with closing(SubjectKeys(path, store_id, create=True)) as keys:
            keys.take_over(row for row in self._keys.rows() if row[0] not in self._erased)


def switches_on(record: Record) -> bool:
    """Whether it is the event from which on personal texts are sealed."""
    return record.stream == STREAM and record.type == PersonalDataProtected.__name__
