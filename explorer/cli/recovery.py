"""The commands for a bad day: what is intact of a damaged store."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.speaking import VISIBLE, progress, say, say_json, store

if TYPE_CHECKING:
    from explorer.application.salvage import Salvage

LOSSES_SHOWN = 50
"""Lines of losses that are printed; all are in the list."""
INCOMPLETE = 3
"""The exit status where something was lost or is in doubt."""


def salvage_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("out", type=Path, metavar="OUT", help="the new store's file, which must not exist")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_salvage)


def _salvage(options: argparse.Namespace) -> int:
    from explorer.application.salvage import salvage  # noqa: PLC0415 - only this command needs it

    found = salvage(options.store, options.out, progress=progress("Salvaging"))
    if options.json:
        say_json(_document(found))
    else:
        for line in _lines(found):
            say(line.translate(VISIBLE))
    return 0 if found.is_whole else INCOMPLETE


def _lines(found: "Salvage") -> list[str]:
    of = f" of {found.head.size:,}" if found.head else ""
    lines = [f"{found.store}: {found.events:,}{of} events are intact and were written."]
    lines += [f"Lost: {loss.in_words()}." for loss in found.losses[:LOSSES_SHOWN]]
    if len(found.losses) > LOSSES_SHOWN:
        lines.append(f"Lost: {len(found.losses) - LOSSES_SHOWN:,} ranges more.")
    if found.losses:
        lines.append(f"{found.lost:,} events are lost, and {found.moved:,} behind them have moved up.")
    lines += [f"Affected: {stream}." for stream in found.streams[:LOSSES_SHOWN]]
    if len(found.streams) > LOSSES_SHOWN:
        lines.append(f"Affected: {len(found.streams) - LOSSES_SHOWN:,} streams more.")
    lines += [f"{remark}." for remark in found.remarks]
    return [*lines, f"All of it is listed in {found.list_path}."]


def _document(found: "Salvage") -> dict[str, Any]:
    head = found.head
    return {
        "source": str(found.source),
        "source_head": {"store": str(head.store_id), "events": head.size, "root": head.root.hex()} if head else None,
        "store": str(found.store),
        "store_id": str(found.store_id),
        "kept": found.events,
        "lost": found.lost,
        "moved": found.moved,
        "losses": [loss._asdict() for loss in found.losses],
        "streams": list(found.streams),
        "remarks": list(found.remarks),
        "list": str(found.list_path),
        "whole": found.is_whole,
    }
