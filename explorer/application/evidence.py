"""An audit report with its seal: the log is verified, signed, and the file written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from explorer.application.audit import AuditReport, audit_report
from explorer.application.checkpoints import check_not_own, given_checkpoints, sign, signature, with_signature
from explorer.application.keys import signing_key
from explorer.application.reports import bundle, write_report
from explorer.application.scope import Scope
from explorer.application.session import Session
from explorer.application.verdict import witnesses
from explorer.application.verification import take
from explorer.projections.runner import Progress

BUNDLE = "bundle"


def write_evidence(
    session: Session,
    scope: Scope,
    report_format: str,
    path: Path,
    *,
    key: Path | None = None,
    since: Path | None = None,
    progress: Callable[[str], Progress],
) -> AuditReport:
    """Writes a report of a scope in a format of `FORMATS` or as a bundle; the report.

    A log that passes its checks is signed, and every format names the checkpoint; one that does not is not signed, and
    the report says why. `since` is an earlier checkpoint that the log must continue. `progress` is given what is being
    done. Raises BadInput for a path that is one of the store's own files, or a checkpoint of another log.
    """
    check_not_own(session, path, *filter(None, (key, since)))
    signer = signing_key(key)
    before = given_checkpoints(session, [since] if since else [])
    # Before the head: who signs meanwhile signs a longer log.
    held = witnesses(session, before, signer.keys(session.store.store_id))
    head = session.store.head()
    # As if it were signed already, so that the next report of the same log is the same.
    checkpoints_held = with_signature(held.checkpoints, session.path, signature(head, signer))
    report = audit_report(
        session, scope, progress("Checking"), head=head, held=held._replace(checkpoints=checkpoints_held)
    )
    take(session, report.verdict, held._replace(checkpoints=checkpoints_held) if report.verdict.ok else held)
    if report.verdict.ok:
        report = replace(report, seal=sign(session, signer, progress("Hashing"), head=head))
    if report_format == BUNDLE:
        bundle.write(session, report, signer, path, since=next(iter(before), None), progress=progress("Writing"))
    else:
        write_report(report, report_format, path, progress("Writing"))
    return report
