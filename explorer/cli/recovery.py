"""The commands for a bad day: backups, before it and after, and what is intact of a damaged store."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.speaking import VISIBLE, opened, progress, say, say_json, store

if TYPE_CHECKING:
    from explorer.application.restoring import Former, Restored
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


def backup_options(parser: argparse.ArgumentParser) -> None:
    store(parser)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the backups are; made where there is none")
    parser.set_defaults(act=_backup)


def _backup(options: argparse.Namespace) -> None:
    from explorer.application.backup import back_up  # noqa: PLC0415 - only this command needs it

    with opened(options, catch_up=False) as session:
        made = back_up(session, options.folder, progress("Backing up"))
    if made is None:
        say(f"Nothing has happened since the newest backup in {options.folder}; it stays the newest.")
    else:
        say(f"{made.path} was written and verified: {made.events:,} events, {made.size:,} bytes.")


def restore_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="the backup's file, which stays")
    store(parser)
    parser.add_argument("--force", action="store_true", help="also where STORE exists; that file is kept beside it")
    parser.set_defaults(act=_restore)


def _restore(options: argparse.Namespace) -> None:
    from explorer.application.restoring import restore  # noqa: PLC0415 - only this command needs it

    restored = restore(options.backup, options.store, force=options.force, progress=progress("Restoring"))
    for line in _restored_lines(options.backup, restored):
        say(line.translate(VISIBLE))


def _restored_lines(backup: Path, restored: "Restored") -> list[str]:
    store, events = restored.store, restored.events
    lines = [f"{store} was restored from {backup}: {events:,} events of the store {restored.store_id}."]
    if restored.former is not None:
        lines += _former_lines(restored.former, restored)
    if restored.signed > events:
        lines.append(
            f"A checkpoint in {store}.checkpoints tells of {restored.signed:,} events. A verification will say that "
            "some were cut off, and let nobody write, until you have moved that folder away."
        )
    if restored.lacks_keys:
        lines.append(
            f"Its personal texts need the store's key file, which is in no backup: put it beside it as {store}.keys."
        )
    return [*lines, f"See whether it continues what was signed: event-explorer verify {store}"]


def _former_lines(former: "Former", restored: "Restored") -> list[str]:
    path, events = former.path, restored.events
    if former.events is None:
        return [f"What was there cannot be read as a store. It is kept as {path}."]
    lines = [f"The store that was there, of {former.events:,} events, is kept as {path}."]
    if former.store_id != restored.store_id:
        return [*lines, f"That is another store: {former.store_id}."]
    if not former.is_same:
        return [*lines, f"Its history is another: it differs at event {min(events, former.events):,} or before."]
    if former.events > events:
        first, last = events + 1, former.events
        span = f"event {last:,} is" if first == last else f"events {first:,} to {last:,} are"
        lines.append(f"This is a roll-back: {span} only in {path}.")
    return lines
