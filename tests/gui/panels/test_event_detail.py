"""The event's tabs."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester

from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.gui.panels.event_detail import EventDetail
from explorer.gui.theme import local_time_with_offset, utc_time
from tests.gui.stage import MINUTE, SHORT, START, Stage, fill

Open = Callable[[Path], Stage]
Staged = tuple[Stage, EventDetail]
CHANGES, DATA, ENVELOPE, RAW = range(4)


@pytest.fixture
def detail(stage: Open, short_store: Path) -> Staged:
    on = stage(short_store)
    made = on.put(EventDetail)
    on.open()
    return on, made


def table(made: EventDetail) -> list[tuple[str, ...]]:
    model = made.changes.table.page
    return [tuple(model.index(row, column).data() for column in range(3)) for row in range(model.rowCount())]


def test_what_an_event_changed_with_money_as_money(detail: Staged) -> None:
    on, made = detail
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    assert made.title.text() == "◆ item quantity changed"
    assert made.about.text().startswith("Event 6 · cart 1001 · v3 · ")
    assert table(made) == [
        ("lines[sku=85123].quantity", "6", "12"),
        ("lines[sku=85123].line_total", "15.30", "30.60"),
        ("units", "6", "12"),
        ("subtotal", "15.30", "30.60"),
        ("total", "15.30", "30.60"),
    ]
    assert made.changes.note.text() == "5 fields were changed by bob. Reason: customer called"


def test_a_new_line_is_a_field_that_was_not_there(detail: Staged) -> None:
    on, made = detail
    on.after(lambda: on.looking.go_to(7, "cart-1002"))
    assert ("lines[sku=22423]", "–", "quantity 1, unit_price 12.75, line_total 12.75") in table(made)
    assert ("currency", "“”", "GBP") in table(made)


def test_the_last_event_of_the_stream_by_then(detail: Staged) -> None:
    on, made = detail
    on.after(lambda: on.looking.go_to(7, "cart-1001"))
    assert made.about.text().startswith("Event 6 ·")
    assert made.about.text().endswith("the stream's last by event 7")


def test_the_envelope(detail: Staged) -> None:
    on, made = detail
    made.tabs.setCurrentIndex(ENVELOPE)
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    said = {name: label.text() for name, label in made.envelope.values.items()}
    time = START + 5 * MINUTE
    assert (said["Event"], said["Stream"], said["Version"], said["Type"]) == (
        "6", "cart-1001", "3", "ItemQuantityChanged",
    )  # fmt: skip
    assert said["Occurred at"] == local_time_with_offset(time)
    assert made.envelope.values["Occurred at"].toolTip() == utc_time(time)
    assert (said["Actor"], said["Reason"], said["Origin"], said["Causation id"]) == (
        "bob", "customer called", "test", "–",
    )  # fmt: skip
    assert said["Schema version"] == "1"


def test_a_stored_and_a_read_schema_version(stage: Open, tmp_path: Path) -> None:
    store = tmp_path / "old.events"
    fill(store, SHORT[:3])
    with Session(store, cache=tmp_path / "cache") as session:
        old: dict[str, object] = {"sku": "22423", "quantity": 1, "unit_price": 100}
        session.store.append("cart-1001", 1, [NewEvent("ItemAdded", old, Metadata("ann"))])  # type: ignore[arg-type]
        session.catch_up()
    on = stage(store)
    made = on.put(EventDetail)
    made.tabs.setCurrentIndex(ENVELOPE)
    on.open()
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    assert made.envelope.values["Schema version"].text() == "1, read as 2"
    made.tabs.setCurrentIndex(RAW)
    assert "currency" not in made.raw.toPlainText()
    made.copy.click()
    assert msgspec.json.decode(QGuiApplication.clipboard().text())["data"]["currency"] == "GBP"


def test_raw_is_what_is_stored_and_the_copy_is_the_whole_event(detail: Staged) -> None:
    on, made = detail
    made.tabs.setCurrentIndex(RAW)
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    assert made.raw.toPlainText() == '{\n  "previous_quantity": 6,\n  "quantity": 12,\n  "sku": "85123"\n}'
    made.copy_json()
    document = msgspec.json.decode(QGuiApplication.clipboard().text())
    assert (document["position"], document["metadata"]["reason"]) == (6, "customer called")


def test_only_the_tab_that_is_seen_is_filled(detail: Staged) -> None:
    on, made = detail
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    assert made.raw.toPlainText() == ""
    made.tabs.setCurrentIndex(RAW)
    assert made.raw.toPlainText() != ""


def test_a_hidden_panel_draws_when_it_is_shown_and_copies_what_is_looked_at(detail: Staged) -> None:
    on, made = detail
    made.hide()
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    made.copy_json()
    assert msgspec.json.decode(QGuiApplication.clipboard().text())["position"] == 6
    made.show()
    assert made.about.text().startswith("Event 6")


def test_empty_states(detail: Staged) -> None:
    on, made = detail
    assert made.empty.isVisible()
    assert made.empty.text().startswith("No stream is chosen")
    on.after(lambda: on.looking.go_to(2, "cart-1001"))
    assert made.empty.text() == "cart 1001 had not begun at event 2."
    made.copy_json()
    on.after(lambda: on.looking.go_to(3))
    assert not made.empty.isVisible()


def test_an_unreadable_event_says_why(stage: Open, tmp_path: Path) -> None:
    store = tmp_path / "unreadable.events"
    fill(store, SHORT)
    with Session(store, cache=tmp_path / "cache") as session:
        session.store.append("cart-1001", 5, [NewEvent("CartTeleported", {"to": "<b>mars</b>"}, Metadata("ann"))])
        session.catch_up()
    on = stage(store)
    made = on.put(EventDetail)
    on.open()
    on.after(lambda: on.looking.choose_stream("cart-1001"))
    assert made.refusal.isVisible()
    assert made.refusal.text().startswith("This event cannot be read: Event 11 has the type CartTeleported")
    assert made.refusal.palette().windowText().color().name() == on.look.theme.danger
    made.tabs.setCurrentIndex(RAW)
    assert "<b>mars</b>" in made.raw.toPlainText()
    on.after(lambda: on.looking.go_to(10))
    assert not made.refusal.isVisible()


def test_hostile_text_stays_text(stage: Open, tmp_path: Path) -> None:
    store = tmp_path / "hostile.events"
    fill(store, ())
    with Session(store, cache=tmp_path / "cache") as session:
        about = Metadata("<b>eve</b>", "<img src=x>\u202e")
        session.store.append("note-1", 0, [NewEvent("<i>Noted", {"<b>k</b>": "<a href=x>\u202e\x00"}, about)])
        session.catch_up()
    on = stage(store)
    made = on.put(EventDetail)
    on.open()
    on.after(lambda: on.looking.choose_stream("note-1"))
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in made.findChildren(QLabel) if label.text())
    assert ("fields.<b>k</b>", "–", "<a href=x>[U+202E]␀") in table(made)
    assert "<a" not in made.changes.table.tip_at(0, 2)
    made.tabs.setCurrentIndex(RAW)
    assert '"<a href=x>\\u202e\\u0000"' in made.raw.toPlainText()
    made.tabs.setCurrentIndex(ENVELOPE)
    assert made.envelope.values["Reason"].text() == "<img src=x>[U+202E]"


def test_the_model_names_and_mnemonics(detail: Staged, qtmodeltester: ModelTester) -> None:
    on, made = detail
    on.after(lambda: on.looking.go_to(6, "cart-1001"))
    qtmodeltester.check(made.changes.table.page)  # pyright: ignore[reportUnknownMemberType]
    titles = [made.tabs.tabText(index) for index in range(4)] + [made.copy.text()]
    keys = [title.partition("&")[2][0].lower() for title in titles]
    assert len(set(keys)) == len(keys)
    for page in (made.changes.table, made.data.view, made.envelope, made.raw):
        assert page.accessibleName()
    for label in made.envelope.values.values():
        assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
