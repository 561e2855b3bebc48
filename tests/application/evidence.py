"""Logs to report on: a shop's ordinary day, texts that attack the reader, and what somebody may do to the file."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from explorer.application.audit import AuditReport, StateThen, audit_report
from explorer.application.charts import Course, Line
from explorer.application.handle import handle
from explorer.application.history import FieldChange
from explorer.application.reports import FORMATS
from explorer.application.scope import resolve_scope
from explorer.application.session import Session
from explorer.domain.cart import ApplyCoupon, ChangeQuantity, CheckOut, ItemAdded, RemoveItem, SetNote
from explorer.domain.event import Metadata
from explorer.proof.checkpoint import Checkpoint, origin_of, sign_checkpoint
from explorer.store.engine import driver
from tests.application.shop import ANN, BOB, NOW, SECOND, Clock, happened, note, open_cart, record, stock

HOUR = 3_600 * SECOND
HOSTILE = (
    "<script>alert(1)</script>",
    "</td><img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "'=1+1",
    "a\x00b",
    "\x1b[31mred\x07",
    "\x9b2J",
    "paid \u202etnuocsid\u202c in full",
    "zero\u200bwidth\ufeff",
    "line\u2028separator",
    "tag\U000e0041\U000e0042",
    "👩‍👩‍👧 Zoë ﷽ ไทย",
    'quote " comma , semicolon ; newline \n end',
    "x" * 990,
)
"""Each fits into a reason, an actor's name and a note."""


def a_day(session: Session, clock: Clock) -> None:
    """Seventeen events: a catalogue, two carts, a corrected quantity, a coupon, and a stream without rules.

    1 to 4 are the catalogue; 5, 6 and 8 to 12 are cart-1, which is checked out; 7, 13 and 15 are cart-2; 16 is cart-3;
    14 and 17 are taking-1.
    """
    stock(session)
    clock.time += HOUR
    open_cart(session, "cart-1")
    open_cart(session, "cart-2", mugs=0)
    for minute, (command, about) in enumerate((
        (ChangeQuantity("mug", 5), BOB),
        (SetNote("gift wrap, please"), ANN),
        (ApplyCoupon("TEN"), ANN),
        (ChangeQuantity("mug", 4), ANN),
        (CheckOut(), ANN),
    )):  # fmt: skip
        clock.time += minute * 60 * SECOND
        handle(session, "cart-1", command, about)
    happened(session, "cart-2", ItemAdded("pen", 3, 25, "GBP"), about=BOB)
    record(session, "taking-1", note({"amount": 12, "by": "Ann"}))
    clock.time += HOUR
    handle(session, "cart-2", RemoveItem("pen"), BOB)
    open_cart(session, "cart-3", mugs=0)
    record(session, "taking-1", note({"amount": 12, "checked": True}, "NoteChecked"))


def hostile_day(session: Session) -> None:
    """Every hostile text as a reason, an actor, a note, a stream's name, a type, and as key and value of a payload."""
    stock(session)
    open_cart(session, "cart-1")
    for number, text in enumerate(HOSTILE):
        about = Metadata(text, text, origin=text)
        happened(session, "cart-1", ItemAdded("pen", number + 1, 25, "GBP", line=text), about=about)
        handle(session, "cart-1", SetNote(text), about)
        record(session, f"{text}-1", note({text: text, "nested": {text: [text, None, True]}}, text, about))
    record(session, "taking-1", note({"long": "=" + "ab" * 300_000}))


def report_of(session: Session, **asked: str | None) -> AuditReport:
    return audit_report(session, resolve_scope(session, **asked))


def sealed(report: AuditReport) -> AuditReport:
    """The report with a checkpoint of its whole log, signed by a key that is always the same."""
    checkpoint = Checkpoint(origin_of(report.head.store_id), report.head.size, report.head.root)
    return replace(report, seal=sign_checkpoint(checkpoint, Ed25519PrivateKey.from_private_bytes(b"k" * 32)))


def of_giants(report: AuditReport, size: int = 10_000_000) -> AuditReport:
    """The report with a single event, each of whose texts is the hostile ones over and over, `size` long.

    No store would take them: whoever writes reports must bear them all the same.
    """
    giant = "\n".join(HOSTILE)
    giant = (giant * (size // len(giant) + 1))[:size]
    entry = next(iter(report.entries))._replace(
        stream=giant, type=giant, summary=giant, actor=giant, reason=giant, origin=giant, correlation_id=giant,
        causation_id=giant, data={"text": giant}, changes=(FieldChange(giant, giant, [giant]),),
    )  # fmt: skip
    totals = report.totals._replace(by_type=((giant, 1),), by_actor=((giant, 1),))
    state = StateThen(report.at_end.at, {"text": giant, giant[:100_000]: 1})
    course = Course(giant, "", (NOW, NOW + HOUR), (Line(giant, (1, 2)),))
    scope = replace(report.scope, stream=giant, actor=giant)
    return replace(report, scope=scope, entries=[entry], totals=totals, at_end=state, courses=(course,))


def written(report: AuditReport, report_format: str) -> bytes:
    stream = BytesIO()
    FORMATS[report_format](report, stream)
    return stream.getvalue()


def tamper(path: Path, *statements: str, values: Sequence[Any] = ()) -> None:
    """What an attacker does who may write the file: changes what he likes while the triggers are away."""
    connection = driver.connect(str(path), isolation_level=None)
    try:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement, values)
        for _, sql in triggers:
            connection.execute(sql)
    finally:
        connection.close()


__all__ = ["HOSTILE", "HOUR", "NOW", "a_day", "hostile_day", "of_giants", "report_of", "sealed", "tamper", "written"]
