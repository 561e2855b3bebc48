"""Reports on an ordinary day and on a hostile one."""

import pytest

from explorer.application.audit import AuditReport, audit_report
from explorer.application.session import Session
from tests.application.evidence import a_day, hostile_day
from tests.application.shop import Clock


@pytest.fixture
def report(session: Session, clock: Clock) -> AuditReport:
    a_day(session, clock)
    return audit_report(session)


@pytest.fixture
def hostile(session: Session) -> AuditReport:
    hostile_day(session)
    return audit_report(session)
