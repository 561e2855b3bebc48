"""In a report a repair names what it repairs, and what was repaired names its repair."""

import csv
import io
import json
from pathlib import Path

from explorer.application.audit import audit_report, resolve_scope
from explorer.application.handle import handle
from explorer.application.repair import carry_out, plan_undo
from explorer.application.reports import FORMATS
from explorer.application.session import Session
from explorer.domain.cart import ChangeQuantity, SetNote
from tests.application.shop import ANN, BOB, Clock, open_cart, opened, stock


def repaired(session: Session) -> None:
    """cart-1: events 5 and 6 open it with two mugs, 7 makes them nine, 8 is a note, 9 undoes 7."""
    stock(session)
    open_cart(session)
    handle(session, "cart-1", ChangeQuantity("mug", 9), BOB)
    handle(session, "cart-1", SetNote("Ring twice."), ANN)
    carry_out(session, plan_undo(session, "cart-1", 3), "Ann", "nine were too many")
    session.catch_up()


def written(session: Session, kind: str, **asked: str) -> bytes:
    stream = io.BytesIO()
    FORMATS[kind](audit_report(session, resolve_scope(session, **asked)), stream)
    return stream.getvalue()


def test_a_repair_and_what_it_repairs_name_each_other(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        repaired(session)
        entries = {entry.position: entry for entry in audit_report(session).entries}
        then = {e.position: e for e in audit_report(session, resolve_scope(session, as_of="8")).entries}
    link = entries[9].repairs
    assert link is not None
    assert (link.position, link.type, link.actor) == (7, "ItemQuantityChanged", "Bob")
    assert [one.position for one in entries[7].repaired_by] == [9]
    assert all(not entries[other].repairs and not entries[other].repaired_by for other in (5, 6, 8))
    assert then[7].repaired_by == (), "nobody had repaired it by then"


def test_every_format_says_so(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        repaired(session)
        events = {event["position"]: event for event in json.loads(written(session, "json"))["events"]}
        assert (events[9]["repairs"], events[7]["repaired_by"], events[8]["repairs"]) == (7, [9], None)
        rows = list(csv.DictReader(io.StringIO(written(session, "csv").decode())))
        assert (rows[8]["repairs"], rows[6]["repaired_by"], rows[7]["repaired_by"]) == ("7", "9", "")
        page = written(session, "html", start="9").decode()
        assert "event 7 (ItemQuantityChanged, Bob)" in page, "also where that is not in the range"
        assert "event 9 (ItemQuantityChanged, Ann)" in written(session, "html").decode()


def test_the_page_leads_from_a_repair_to_what_it_repairs_where_that_stands_in_it(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        repaired(session)
        whole, part = written(session, "html").decode(), written(session, "html", start="9").decode()
        by_filter = written(session, "html", wanted="position > 0").decode()
    assert 'repaired by</b> <a href="#e9">event 9 (ItemQuantityChanged, Ann)</a>' in whole
    assert 'repairs</b> <a href="#e7">event 7 (ItemQuantityChanged, Bob)</a>' in whole
    assert whole.count('<tbody id="e7">') == whole.count('<tbody id="e9">') == 1
    assert "href" not in part
    assert "href" not in by_filter
