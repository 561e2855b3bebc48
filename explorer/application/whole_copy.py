"""Whether a store's file, which nobody else writes to, is whole: its structure, and every event as it was hashed."""

from contextlib import closing
from pathlib import Path

from explorer.application import outside
from explorer.application.log_check import LogCheck
from explorer.domain.deciders import DECIDERS, PERSONAL
from explorer.errors import Damaged
from explorer.projections.runner import Progress
from explorer.store.codec import Codec, Record
from explorer.store.event_store import EventStore
from explorer.store.head import Head


def opened_copy(path: Path) -> closing[EventStore]:
    """A store's file opened for reading only, without a cache."""
    return closing(EventStore(path, Codec(DECIDERS, PERSONAL), outside.now, outside.new_id, read_only=True))


def check_whole(path: Path, progress: Progress) -> Head:
    """What the file's head tells, after reading all of it. Raises Damaged with the first fault; Cancelled."""
    with opened_copy(path) as store:
        head = store.head()
        faults = store.structure_faults(lambda: progress(0, head.size))
        if not faults:
            log = LogCheck(store, head)
            log.walk(_nothing, lambda position: progress(position, head.size))
            faults = [check.detail.rstrip(".") for check in log.checks() if not check.ok]
    if faults:
        raise Damaged(faults[0])
    return head


def _nothing(record: Record) -> None:
    del record
