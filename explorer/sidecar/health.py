"""Whether the sidecar and what it looks after are well, in words and as JSON. Pure: from what is told, and the time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from explorer.application.documents import iso
from explorer.application.faults import counted
from explorer.sidecar.facts import Told

SECOND = 1_000_000
LATE = 30 * SECOND
"""For how long a keeper may lack one and the same event, in µs, while no rebuild explains it."""


class Health(NamedTuple):
    """`state` is unreachable, damaged, failing, late or no-backup where not `ok`, else standby, rebuilding or working.

    `words` are sentences: what is wrong and what to do, or that nothing is. `document` is all of it for `json.dumps`,
    with times as ISO 8601.
    """

    ok: bool
    state: str
    words: tuple[str, ...]
    document: dict[str, Any]


def health(told: Told, now: int) -> Health:
    """`now` is µs UTC."""
    troubles = tuple(_troubles(told, now))
    state = troubles[0][0] if troubles else _calm(told)
    words = (*(words for _, words in troubles), *_remarks(told, state))
    document = {"ok": not troubles, "state": state, "words": list(words), "asked_at": iso(now), **_document(told)}
    return Health(not troubles, state, words, document)


def _troubles(told: Told, now: int) -> Iterator[tuple[str, str]]:
    """Each a state and a sentence, the worst first."""
    if told.unreachable:
        yield (
            "unreachable",
            f"The store cannot be opened: {_sentence(told.unreachable)} It is tried again until it can be.",
        )
    if told.fault:
        named = f" {counted(told.damaged, 'damaged event')} named so far." if told.damaged else ""
        yield (
            "damaged",
            f"The store did not pass its verification: {_sentence(told.fault)}{named} "
            "Keep the file as it is, and run `event-explorer verify` on it.",
        )
    for name, task in sorted(told.tasks.items()):
        if task.error and not task.is_working:
            yield (
                "failing",
                f"The task {name} fails: {_sentence(task.error)} It was begun again {counted(task.restarts, 'time')} "
                "and will be once more; if it goes on so, the log says where it fails.",
            )
    if _is_late(told, now):
        seconds = counted((now - told.behind_since) // SECOND, "second")
        yield (
            "late",
            f"The read models lack {counted(told.behind, 'event')}, for {seconds} at least. "
            "Look whether the disk is full or the machine is overloaded.",
        )
    if told.backup_error:
        last = f"The last that stands is of {iso(told.backup.at)}." if told.backup else "There is none yet."
        yield "no-backup", f"The last backup failed: {_sentence(told.backup_error)} {last} It will be tried again."


def _is_late(told: Told, now: int) -> bool:
    return told.is_keeper and told.rebuild is None and 0 < told.behind_since < now - LATE


def _calm(told: Told) -> str:
    if not told.is_keeper:
        return "standby"
    return "rebuilding" if told.rebuild else "working"


def _remarks(told: Told, state: str) -> Iterator[str]:
    """What is worth knowing without being wrong."""
    if state == "standby":
        yield "Another sidecar keeps this store; this one waits and takes over when that one ends."
    if state == "working":
        yield "All is well."
    if told.rebuild:
        yield f"A rebuild is under way: {told.rebuild[0]:,} of {counted(told.rebuild[1], 'event')}."
    if told.is_keeper and told.head and not told.verified and not told.fault:
        yield "Its events have not all been verified yet; that goes on."
    if told.findings.get("error"):
        yield f"{counted(told.findings['error'], 'finding')} of rules of severity error; the window lists them."
    if told.poison:
        are = "is" if told.poison == 1 else "are"
        yield f"{counted(told.poison, 'event')} could not be read and {are} set aside."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _document(told: Told) -> dict[str, Any]:
    """The store's name only: whoever may ask on this computer need not know where it lies."""
    rebuild, backup = told.rebuild, told.backup
    return {
        "started_at": _time(told.started_at),
        "store": Path(told.store).name,
        "store_id": told.store_id,
        "is_keeper": told.is_keeper,
        "head": told.head,
        "checkpoints": dict(told.checkpoints),
        "behind": told.behind,
        "behind_since": _time(told.behind_since),
        "lag_seconds": told.lag,
        "projected": told.projected,
        "events_per_second": told.events_per_second,
        "rebuild": rebuild and {"done": rebuild[0], "of": rebuild[1]},
        "poison": told.poison,
        "verified": told.verified,
        "verified_at": _time(told.verified_at),
        "damaged": told.damaged,
        "fault": told.fault,
        "rules": told.rules,
        "findings": dict(told.findings),
        "unreachable": told.unreachable,
        "backup": backup and {"at": iso(backup.at), "events": backup.events, "size": backup.size, "name": backup.name},
        "backup_error": told.backup_error,
        "tasks": {
            name: {"is_working": task.is_working, "restarts": task.restarts, "error": task.error}
            for name, task in sorted(told.tasks.items())
        },
        "plug_ins": {name: dict(facts) for name, facts in sorted(told.plug_ins.items())},
    }


def _time(microseconds: int) -> str | None:
    return iso(microseconds) if microseconds else None
