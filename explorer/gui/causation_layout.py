"""Where the boxes of a graph of causes stand: in columns by how far they are from the first cause, in rows beneath.

An event has one cause at most, so what is drawn is a wood of trees: an only effect stands beside its cause, further
ones below it, and nothing crosses. Where foreign ids run in a circle, the line that closes it goes back to the left.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explorer.application.causation import Branch


class Place(NamedTuple):
    column: int
    row: int


def places(branches: Sequence[Branch]) -> Mapping[str, Place]:
    """The place of each node, by its id."""
    found: dict[str, Place] = {}
    row, deeper = -1, -1
    for depth, node, again in branches:
        if again:
            continue
        # The first effect stands in its cause's row; all else begins a new one.
        row += depth <= deeper or deeper < 0
        deeper = depth
        found[node.id] = Place(depth, row)
    return found


class Neighbours(NamedTuple):
    """Where the arrow keys lead from a node; "" where nothing is."""

    left: str = ""
    right: str = ""
    up: str = ""
    down: str = ""


def neighbours(branches: Sequence[Branch], edges: Sequence[tuple[str, str]]) -> Mapping[str, Neighbours]:
    """Left to the cause, right to the first effect, up and down in the order in which all are listed."""
    listed = [node.id for _, node, again in branches if not again]
    causes = {effect: cause for cause, effect in reversed(edges)}
    effects = dict(reversed(edges))
    return {
        id_: Neighbours(
            causes.get(id_, ""),
            effects.get(id_, ""),
            listed[number - 1] if number else "",
            listed[number + 1] if number + 1 < len(listed) else "",
        )
        for number, id_ in enumerate(listed)
    }
