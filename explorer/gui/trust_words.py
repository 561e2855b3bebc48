"""How far the store can be trusted, in words: for the status bar, the strip under the banner and the panel."""

from datetime import date
from typing import Literal, NamedTuple

from explorer.application.faults import counted
from explorer.application.trust import Standing
from explorer.application.verified import Verified
from explorer.gui.panels.plain import plain
from explorer.gui.theme import day_of, local_time

Tone = Literal["good", "muted", "danger"]
ROOT = 12
"""Hexadecimal digits of a root that are shown; the tooltip has all."""
PROVES = (
    "The root is one number made of all events: it changes if any of them does. A checkpoint is that number, signed "
    "with your key. "
    "What it proves: nobody without the key can change, insert, drop or reorder events up to a checkpoint unseen. "
    "Whoever has the key can, but not towards anybody who keeps an earlier checkpoint elsewhere: hand out "
    "copies. What it does not prove: that an event was true, that nothing happened unrecorded, or a time better than "
    "this machine's clock."
)


class Said(NamedTuple):
    """A state with its sign and words: never told by colour alone."""

    tone: Tone
    words: str
    detail: str = ""


def headline(standing: Standing, head: int, today: date) -> Said:
    """What a verification has found, over a log that has `head` events now."""
    found, alarm = standing.found, standing.trust.alarm
    if standing.is_damaged or (found is not None and not found.ok):
        return _failed(standing, head, today)
    if alarm:
        return Said("danger", "✕ Not to be trusted as it is", plain(alarm))
    if found is None:
        stopped = f" A verification was stopped at {standing.stopped:,} of {head:,}." if standing.stopped else ""
        return Said("muted", "○ Never verified", f"Nobody has checked these {counted(head, 'event')} yet.{stopped}")
    at = spoken(found.at, today)
    root = f"Root {found.root[:ROOT]}…{_held(found)}."
    stopped = f" A newer verification was stopped at {standing.stopped:,}." if standing.stopped else ""
    newer = standing.newer(head)
    if found.size != head:
        behind = f"{counted(newer, 'newer event')} not verified yet."
        return Said(
            "muted", f"◐ Verified: {found.size:,} of {counted(head, 'event')}, {at}", f"{behind} {root}{stopped}"
        )
    if found.newest_at:
        stopped = f" The newest were verified as they came, the last {spoken(found.newest_at, today)}.{stopped}"
    return Said("good", f"✓ Verified: all {counted(found.size, 'event')}, {at}", root + stopped)


def _failed(standing: Standing, head: int, today: date) -> Said:
    found = standing.found
    assert found is not None
    newer = standing.newer(head)
    since = f" {counted(newer, 'event')} since." if newer else ""
    words = f"{found.words[:1].upper()}{found.words[1:].rstrip('.')}."
    if not found.is_log_damaged:
        words += " The log itself is whole: rebuild the read models."
        return Said("danger", f"✕ Read models differ from the log, {spoken(found.at, today)}", plain(words))
    return Said("danger", f"✕ {damaged_in_words(standing)}, found {spoken(found.at, today)}", plain(words + since))


def damaged_in_words(standing: Standing) -> str:
    """`DAMAGED: event 812 and 2 more`. Where none is named, a checkpoint that was altered may be all that is wrong."""
    found = standing.found
    if found is None or not found.damaged:
        return "NOT TO BE TRUSTED"
    first, *others = found.damaged
    more = f" and {len(others):,} more" if others else ""
    return f"DAMAGED: event {first:,}{more}"


def _held(found: Verified) -> str:
    """What it was held against."""
    if not found.signed:
        return ", held against no checkpoint"
    which = "" if found.signed == found.size else f"the first {found.signed:,} "
    return f", {which}as signed by key {found.key_id or '?'}"


def signature(standing: Standing, head: int, today: date) -> Said:
    """What has been signed, and by whom."""
    newest = standing.trust.newest
    if newest is None:
        return Said(
            "muted", "○ Never signed", "A history rewritten with all its hashes could not be told from this one."
        )
    by = ", ".join(newest.key_ids) or "nobody"
    whose = _whose(standing)
    newer = head - newest.size
    since = f"{counted(newer, 'newer event')} not signed yet." if newer > 0 else "Nothing has come since."
    if newer < 0:
        return Said("danger", f"✕ Signed: {newest.size:,} events, but the log has {head:,}", "Events were cut off.")
    is_whole = not newer and standing.signer is not None
    # Beside what is red nothing is green: a damaged log may well be signed.
    tone: Tone = "good" if is_whole and not standing.is_damaged else "muted"
    how_many = f"{newest.size:,} of {counted(head, 'event')}" if newer else f"all {counted(head, 'event')}"
    words = f"{'✓' if is_whole else '◐'} Signed: {how_many}, {spoken(newest.kept_at, today)}"
    return Said(tone, words, f"By key {by} ({whose}). {since}")


def _whose(standing: Standing) -> str:
    signer, own = standing.signer, standing.trust.key
    if signer is None and standing.trust.alarm:
        return "not to be trusted"
    if signer is None:
        return "unknown here; its signature was not checked"
    return "yours" if own is not None and signer.public == own.public else "yours, retired"


def in_short(standing: Standing, head: int, today: date) -> Said:
    """For the status bar."""
    found = standing.found
    if standing.is_damaged:
        assert found is not None
        return Said("danger", f"✕ DAMAGED at event {found.damaged[0]:,}" if found.damaged else "✕ not to be trusted")
    if found is not None and not found.ok:
        return Said("danger", "✕ read models differ from the log")
    if standing.trust.alarm:
        return Said("danger", "✕ checkpoints or keys altered")
    if found is None:
        return Said("muted", "○ not verified")
    sign: tuple[Tone, str] = ("good", "✓") if found.size == head else ("muted", "◐")
    return Said(sign[0], f"{sign[1]} verified to {found.size:,} {spoken(found.at, today)}")


def spoken(time: int, today: date) -> str:
    """`today 09:00`, `yesterday 18:10`, or the day: µs UTC in the user's time zone."""
    *day, clock = local_time(time).split(" ")
    clock = clock[:5]
    match (today - day_of(time)).days:
        case 0:
            return f"today {clock}"
        case 1:
            return f"yesterday {clock}"
        case _:
            return f"{' '.join(day)} {clock}"
