"""The task that watches the log by the store's rules: findings are brought up to the head as events come.

The application does the same for itself; where this was quicker, it finds nothing to do.
"""

from collections.abc import Callable

from explorer.application.rules import rules_of
from explorer.application.session import Session
from explorer.application.watching import Watcher, by_severity, standings
from explorer.errors import Busy
from explorer.projections.cache import Discarded
from explorer.sidecar.task import Post, Task
from explorer.sidecar.watch import Watch

PACE = 0.5
"""Seconds between two looks at what is new, and while another process is at it."""
POLL = 30.0
"""Seconds after which it is looked whatever was told."""


def watching(open_session: Callable[[], Session]) -> Task:
    """The task, on sessions of its own."""

    def watch_on(post: Post) -> None:
        with open_session() as session, Watch(session.path) as watch:
            watcher = Watcher(session)
            while True:
                is_done = _look(session, watcher, post)
                post.rest(PACE)
                if is_done:
                    watch.wait(post, POLL)

    return watch_on


def _look(session: Session, watcher: Watcher, post: Post) -> bool:
    """Watches what is new; whether nothing is left."""
    try:
        found = watcher.watch(post.beat)
    except (Busy, Discarded):
        return False
    known = standings(session, [one for one in rules_of(session) if one.rule.is_in_force])
    post.facts.tell(rules=len(known), findings=by_severity(known))
    if found:
        post.log.info("rules found something", extra={"fields": {"findings": found}})
    return True
