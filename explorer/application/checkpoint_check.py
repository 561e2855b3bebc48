"""Whether the log is the continuation of every checkpoint that is held against it."""

from collections.abc import Sequence

from explorer.application.checkpoints import Known, contradiction, folder_of, signers_of
from explorer.application.faults import Check, Faults, counted
from explorer.application.log_check import LogCheck
from explorer.application.session import Session
from explorer.errors import Damaged
from explorer.proof.checkpoint import origin_of
from explorer.proof.note import Key
from explorer.store.event_store import Head

NONE = (
    "No checkpoint is known, so a history rewritten with all its hashes could not be told from the true one. "
    "Sign one now, and keep a copy elsewhere."
)


def checkpoint_checks(
    session: Session, head: Head, log: LogCheck, known: Sequence[Known], keys: Sequence[Key]
) -> tuple[Check, ...]:
    """Holds every checkpoint's root against the one that `log` has computed, and its signature against the keys.

    What was given by somebody, and signed by none of the keys, is a check of its own: it says nothing certain.
    """
    ours = [one for one in known if one.path.parent == folder_of(session.path) or signers_of(one, keys)]
    strangers = [one for one in known if one not in ours]
    claim = "The log continues every checkpoint that was signed"
    checks = [_checked(Faults("checkpoints", claim), session, head, log, ours, keys)]
    if strangers:
        claim = "The log continues the checkpoints that unknown keys have signed"
        found = _checked(Faults("strangers", claim), session, head, log, strangers, keys)
        checks.append(found._replace(position=None, positions=(), reasons=()))
    return tuple(checks)


def _checked(
    faults: Faults, session: Session, head: Head, log: LogCheck, known: Sequence[Known], keys: Sequence[Key]
) -> Check:
    origin, fits, now = origin_of(head.store_id), [0], max(head.size, session.store.head().size)
    signed_by: dict[bytes, list[int]] = {}
    unknown: set[str] = set()
    for one in sorted(known, key=lambda known: known.size):
        where = f"checkpoint {one.path.name} (of {counted(one.size, 'event')})"
        try:
            signers = one.signers(keys)
        except Damaged as error:
            faults.add(f"The {where} is false. {str(error).rstrip('.')}")
            continue
        for signer in signers:
            signed_by.setdefault(signer.public, []).append(one.size)
        if not signers:
            unknown.update(one.key_ids)
        words = contradiction(one.checkpoint, origin, now, lambda size: _root(session, log, size))
        if not words:
            fits += [one.size] if signers else []
            continue
        sound = max(size for size in fits if size < max(1, one.size))
        position, place = _narrowed(log, sound, one.size, now)
        faults.add(f"The {where} does not fit. {words}{place}", position)
    for words in _outlived(signed_by, keys):
        faults.add(words)
    return faults.check(_in_words(known, signed_by, unknown, keys) if known else NONE)


def _narrowed(log: LogCheck, sound: int, size: int, head: int) -> tuple[int, str]:
    """The first position that may be to blame, and words for it: the log fits at `sound`, not at `size` events."""
    if size > head:
        return head + 1, ""
    if log.first_fault is not None and sound < log.first_fault <= size:
        return log.first_fault, ""
    return sound + 1, f". What was changed is among the events from {sound + 1:,} on"


def _root(session: Session, log: LogCheck, size: int) -> bytes:
    """As it was computed; what lies before the place where the reading went on is in the tree of recorded hashes."""
    found = log.roots.get(size)
    if found is not None or not log.is_unbroken:
        return found or b""
    return session.tree.root(size)


def _outlived(signed_by: dict[bytes, list[int]], keys: Sequence[Key]) -> list[str]:
    """A key that has another after it signs nothing beyond what that one has begun with."""
    faults, begun = list[str](), 2**63
    for key in keys:
        sizes = signed_by.get(key.public, [])
        if sizes and max(sizes) > begun:
            faults.append(
                f"The key {key.id_text} has signed {max(sizes):,} events, "
                f"though the key after it had signed {begun:,} before"
            )
        begun = min([begun, *sizes])
    return faults


def _in_words(known: Sequence[Known], signed_by: dict[bytes, list[int]], unknown: set[str], keys: Sequence[Key]) -> str:
    latest = max(one.size for one in known)
    by = [f"{key.id_text} up to {max(signed_by[key.public]):,}" for key in keys if key.public in signed_by]
    words = f"{counted(len(known), 'checkpoint')}, the last of {counted(latest, 'event')}"
    words += f", signed by key {', '.join(by)}." if by else "."
    if unknown:
        words += f" Signatures of unknown keys were not checked: {', '.join(sorted(unknown))}. Name a key with --key."
    return words
