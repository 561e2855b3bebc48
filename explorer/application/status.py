"""Where the log and the cache are: the part of an answer that all others hang on."""

from typing import NamedTuple

from explorer.application import outside
from explorer.application.session import Session
from explorer.projections import queries
from explorer.projections.keeper import is_kept
from explorer.projections.rebuilding import under_way


class Status(NamedTuple):
    """The log and the cache. `as_of` is the moment all other parts show, `time` its time in µs UTC.

    `rebuild` is how far read models that are being built anew have come, in events, and of how many; None if none are.
    `is_kept` says that some process keeps them fresh all the time.
    """

    store: str
    head: int
    checkpoint: int
    as_of: int
    is_now: bool
    time: int | None
    extent: tuple[int, int] | None
    poison: tuple[tuple[int, str], ...]
    rebuild: tuple[int, int] | None = None
    is_kept: bool = False

    @property
    def behind(self) -> int:
        """How many events lie between the moment shown and now."""
        return self.checkpoint - self.as_of

    @property
    def lag(self) -> int:
        return self.head - self.checkpoint


def status_of(session: Session, as_of: int | None, at_time: int | None) -> Status:
    """The status at a position (None: now), or at a time, µs UTC, where one is given."""
    head = session.store.head().size
    with session.asking() as connection:
        reached = queries.checkpoint(connection)
        position = reached if as_of is None else max(0, min(as_of, reached))
        if at_time is not None:
            position = min(queries.position_at(connection, at_time), reached)
        return Status(
            session.path.name,
            head,
            reached,
            position,
            position == reached,
            queries.time_at(connection, position),
            queries.extent(connection),
            tuple(queries.poison(connection)),
            under_way(connection, outside.now()),
            is_kept(session.cache.folder, outside.now()),
        )
