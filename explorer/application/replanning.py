"""A repair that has grown old before it was carried out: planned anew, upon what others have done meanwhile."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from explorer.application.conflict import Between, came_between
from explorer.application.repair import Plan
from explorer.application.session import Session
from explorer.errors import Conflict, KnownError

Planner: TypeAlias = Callable[[Session], Plan]
"""Plans one certain repair upon whatever there is now."""


class Again(NamedTuple):
    """What others did since the old plan, and the new one; without one, why the repair is `refused`.

    `between` is None where the stream itself has stayed as it was.
    """

    between: Between | None
    plan: Plan | None
    refused: str = ""

    @property
    def is_needless(self) -> bool:
        """Whether all of it is done already, by somebody else."""
        return self.plan is not None and not self.plan.commands


def plan_again(session: Session, old: Plan, planner: Planner) -> Again:
    """Plans a repair anew. A rule that refuses it by now is an answer, not an error."""
    plan, refused = None, ""
    try:
        plan = planner(session)
    except KnownError as error:
        refused = str(error)
    met = plan.version if plan is not None else session.store.version_of(old.stream)
    is_moved = met != old.version
    between = came_between(session, Conflict(old.stream, old.version, met)) if is_moved else None
    return Again(between, plan, refused)
