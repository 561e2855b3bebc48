"""The commands that mark moments and tell what led to what."""

import argparse
from typing import TYPE_CHECKING, Any

from explorer.application import outside
from explorer.application.documents import iso
from explorer.cli.speaking import VISIBLE, appended, opened, say, say_json, store, whole

if TYPE_CHECKING:
    from explorer.application.causation import Branch, Graph, Node
    from explorer.application.session import Session
    from explorer.domain.event import Metadata
    from explorer.projections.bookmarks import BookmarkRow

PAGE = 500


def bookmarks_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--set", type=whole, metavar="POSITION", help="mark this event, or change what its bookmark says")
    what.add_argument("--remove", type=whole, metavar="POSITION", help="remove this event's bookmark")
    what.add_argument("--as-of", type=whole, metavar="POSITION", help="list them as they were then")
    parser.add_argument("--title", metavar="T", help="of the bookmark that is set")
    parser.add_argument("--note", metavar="N", help="of the bookmark that is set; what is not said of it stays")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why; recorded with the event")
    parser.add_argument("--actor", default=outside.user_name(), metavar="NAME", help="who; default: the user's name")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(act=_bookmarks, parser=parser)


def _bookmarks(options: argparse.Namespace) -> None:
    from explorer.domain.event import Metadata  # noqa: PLC0415

    is_said = options.title is not None or options.note is not None
    if (options.set is not None) != is_said:
        options.parser.error("--set needs --title or --note, and they need --set")
    about = Metadata(options.actor, options.reason, outside.new_id(), origin="command line")
    with opened(options) as session:
        if options.set is None and options.remove is None:
            _list_bookmarks(options, session)
        else:
            _change_bookmark(options, session, about)


def _list_bookmarks(options: argparse.Namespace, session: "Session") -> None:
    from explorer.application.bookmarks import listed  # noqa: PLC0415

    after, found = 0, False
    while page := listed(session, after, PAGE, options.as_of):
        for row in page:
            _say_bookmark(row, as_json=options.json)
        after, found = page[-1].position, True
    if not found and not options.json:
        say("There are no bookmarks. Set one with: --set POSITION --title TEXT")


def _change_bookmark(options: argparse.Namespace, session: "Session", about: "Metadata") -> None:
    from explorer.application.bookmarks import put_bookmark, remove_bookmark  # noqa: PLC0415

    if options.set is not None:
        done = put_bookmark(session, options.set, options.title, options.note, about)
    else:
        done = remove_bookmark(session, options.remove, about)
    positions = [event.position for event in done]
    options.done = appended(positions, "It says that already: nothing was appended.")
    if options.json:
        say_json({"position": options.set if options.set is not None else options.remove, "appended": positions})
    else:
        say(options.done)


def _say_bookmark(row: "BookmarkRow", *, as_json: bool) -> None:
    if as_json:
        times = {"time": iso(row.time), "set_at": iso(row.set_at)}
        say_json({name: times.get(name, value) for name, value in row._asdict().items()})
        return
    say(f"#{row.position}  {iso(row.time)[:19]}Z  {row.title}  {row.stream}  {row.actor}".translate(VISIBLE))
    for line in row.note.splitlines():
        say(f"    {line}".translate(VISIBLE))


def causes_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("position", type=whole, metavar="POSITION", help="the event")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_causes)


def _causes(options: argparse.Namespace) -> None:
    from explorer.application.causation import branches, graph  # noqa: PLC0415

    with opened(options) as session:
        found = graph(session, options.position)
    if options.json:
        say_json(_graph_document(found))
        return
    if found.correlation is not None:
        say(f"Piece of work {found.correlation}")
    for branch in branches(found):
        say(_line(found, branch).translate(VISIBLE))
    if found.cut:
        say(found.cut)


def _line(found: "Graph", branch: "Branch") -> str:
    from explorer.application.causation import OUTSIDE  # noqa: PLC0415

    mark = "→ " if branch.node.position == found.shown else "  "
    row, again = branch.node.row, "  (see above)" if branch.again else ""
    told = (
        f"#{row.position}  {iso(row.time)[:19]}Z  {row.type}  {row.stream}  {row.summary}  {row.actor}"
        if row
        else f"{OUTSIDE}  {branch.node.id}"
    )
    return f"{mark}{'    ' * branch.depth}{told}{again}"


def _graph_document(found: "Graph") -> dict[str, Any]:
    return {
        "position": found.shown,
        "correlation_id": str(found.correlation) if found.correlation else None,
        "nodes": [_node_document(node) for node in found.nodes],
        "edges": [edge._asdict() for edge in found.edges],
        "left_out": {"work": found.more_work, "causes": found.more_causes, "effects": found.more_effects},
    }


def _node_document(node: "Node") -> dict[str, Any]:
    if node.row is None:
        return {"id": node.id, "position": None}
    row = node.row
    return {
        "id": node.id,
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "type": row.type,
        "summary": row.summary,
        "occurred_at": iso(row.time),
        "actor": row.actor,
        "reason": row.reason,
        "is_of_work": node.is_of_work,
    }
