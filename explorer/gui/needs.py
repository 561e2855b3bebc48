"""Which of what actions need is not there, as the window stands."""

from explorer.application.trust import UNKNOWN
from explorer.gui.actions import Need
from explorer.gui.looking import Looking


def missing_needs(looking: Looking, *, is_verifying: bool) -> set[Need]:
    """See `explorer.gui.actions.REASONS`."""
    answer = looking.answer
    standing = answer.standing if answer is not None else UNKNOWN
    stream, meant = answer.stream if answer is not None else None, looking.meant
    is_latest = (
        meant is not None and stream is not None and (meant.stream, meant.version) == (stream.stream, stream.latest)
    )
    has: dict[Need, bool] = {
        "store": answer is not None,
        "now": looking.is_now,
        "past": not looking.is_now,
        "stream": looking.question.stream is not None,
        "event": meant is not None,
        "earlier": meant is not None and not is_latest,
        "back": looking.can_go_back,
        "forward": looking.can_go_forward,
        "before": looking.position > 0,
        "later": not looking.is_now,
        "writable": not standing.locked,
        "sound": not standing.is_damaged,
        "rest": not is_verifying,
        "stopped": standing.stopped > 0,
        "key": standing.trust.key is not None,
        "damage": answer is not None and bool(answer.damage),
    }
    return {need for need, is_met in has.items() if not is_met}
