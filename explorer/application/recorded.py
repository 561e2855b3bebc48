"""What the recorded hashes say of the log, without reading an event: the tree's frontier at a size.

It tells whether something that was found before is still about this log. That the events are those that were hashed is
for a verification to say.
"""

from explorer.application.session import Session
from explorer.errors import Damaged
from explorer.store.head import Head


def recorded_frontier(session: Session, head: Head) -> list[bytes]:
    """Of the recorded hashes up to the head; what is kept of them may be of a log that was restored or replaced since.

    No root is made of nothing: where events are missing the next look at the head says so.
    """
    try:
        if session.tree.root(head.size) != head.root:
            session.tree.forget()
        return session.tree.frontier(head.size)
    except Damaged:
        return []


def frontier_of(session: Session, size: int) -> list[bytes]:
    """Of the recorded hashes of the first `size` events; empty where the log is shorter, or events are missing."""
    head = session.store.head()
    if size > head.size or not recorded_frontier(session, head):
        return []
    return session.tree.frontier(size)
