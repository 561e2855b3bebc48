"""Which projections there are, and all the tables of a cache file."""

import hashlib
from collections.abc import Sequence

from explorer.projections import states
from explorer.projections.bookmarks import Bookmarks
from explorer.projections.carts import Carts
from explorer.projections.causes import Causes
from explorer.projections.log import Activity, Facets, Moments, Streams
from explorer.projections.products import Products
from explorer.projections.projection import Projection
from explorer.projections.totals import Totals

_OWN = (
    # `erasures`: what was known of them when the first event was applied. Nothing here was read with a key that was
    # destroyed by then. `keys`: the name of the key file that sealed texts were read with; empty where there were none.
    # `snapshots`: the version of the snapshots in it.
    """CREATE TABLE source (
        store_id BLOB NOT NULL, fingerprint TEXT NOT NULL, snapshots INTEGER NOT NULL, erasures INTEGER NOT NULL,
        keys TEXT NOT NULL) STRICT""",
    # `leaf` is the hash of the event at the checkpoint: if the log has another there, this cache is of another history.
    """CREATE TABLE checkpoint (
        projection TEXT PRIMARY KEY, version INTEGER NOT NULL, position INTEGER NOT NULL, leaf BLOB NOT NULL) STRICT""",
    states.TABLE,
    "CREATE TABLE poison (position INTEGER PRIMARY KEY, reason TEXT NOT NULL) STRICT",
    # The next generation, while somebody makes it: who, how far, when he last said so (µs UTC).
    """CREATE TABLE rebuild (
        one INTEGER PRIMARY KEY CHECK (one = 1), builder BLOB NOT NULL, done INTEGER NOT NULL, total INTEGER NOT NULL,
        at INTEGER NOT NULL) STRICT""",
)


def projections() -> Sequence[Projection]:
    """All of them, in the order in which each batch reaches them."""
    products, facets = Products(), Facets()
    return (Streams(), Moments(), facets, Activity(facets), products, Carts(products), Totals(), Causes(), Bookmarks())


_versions = [f"states {states.VERSION}", *(f"{projection.name} {projection.version}" for projection in projections())]
DDL = (*_OWN, *(table for projection in projections() for table in projection.tables))
FINGERPRINT = hashlib.sha256("\n".join((*_versions, *DDL)).encode()).hexdigest()
"""Changes with any projection's version or tables, or the snapshots'; a cache with another one is rebuilt."""
