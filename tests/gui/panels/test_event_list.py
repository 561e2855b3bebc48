"""The event list on a real store: paging, following, filters, and what has not happened yet."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.application.event_list import EventFilter
from explorer.application.session import Session
from explorer.domain.event import Metadata, NewEvent
from explorer.gui.panels.event_cells import Column, tip_of
from explorer.gui.panels.event_list import EventList, in_words
from explorer.gui.panels.event_table import EventTable
from explorer.gui.panels.plain import tip
from tests.gui.conftest import LONG
from tests.gui.stage import SHORT, Stage, fill

Open = Callable[[Path], Stage]
Staged = tuple[Stage, EventList]


@pytest.fixture
def short(stage: Open, short_store: Path) -> Staged:
    on = stage(short_store)
    events = on.put(EventList)
    on.open()
    return on, events


@pytest.fixture
def long(stage: Open, long_store: Path) -> Staged:
    on = stage(long_store)
    events = on.put(EventList, height=300)
    on.open()
    return on, events


def positions(on: Stage) -> list[int]:
    return [row.position for row in on.answer.events.rows]


def cell(events: EventList, row: int, column: Column) -> str:
    return events.table.model().index(row, column).data()


def standing(events: EventList) -> list[str]:
    role = Qt.ItemDataRole.AccessibleDescriptionRole
    model = events.table.model()
    return [model.index(row, Column.POSITION).data(role) for row in range(model.rowCount())]


def wheel(events: EventList, notches: int) -> None:
    """Negative is towards the end, as with a real wheel."""
    over = events.table.viewport()
    place = QPointF(over.rect().center())
    event = QWheelEvent(
        place, over.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(over, event)


def click(events: EventList, row: int) -> None:
    place = events.table.visualRect(events.table.model().index(row, Column.SUMMARY)).center()
    QTest.mouseClick(events.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def press(events: EventList, key: Qt.Key) -> None:
    QTest.keyClick(events.table, key)


def test_a_row_says_what_when_where_and_who(short: Staged) -> None:
    on, events = short
    row = positions(on).index(6)
    assert [cell(events, row, column) for column in Column if column != Column.TIME] == [
        "6", "◆ item quantity changed", "cart 1001", "3", "85123: 6 → 12 · White heart holder", "bob · customer called",
    ]  # fmt: skip
    assert "2010" in cell(events, row, Column.TIME)


def test_clicking_an_event_winds_everything_there_and_turns_to_its_stream(short: Staged) -> None:
    on, events = short
    answer = on.after(lambda: click(events, 5))
    assert (answer.status.as_of, answer.question.stream) == (6, "cart-1001")
    assert answer.stream is not None
    assert (answer.stream.before["units"], answer.stream.after["units"]) == (6, 12)


def test_the_row_under_the_hand_stays_there(long: Staged) -> None:
    on, events = long
    on.after(lambda: on.looking.go_to(2_000))
    before = positions(on)
    on.after(lambda: click(events, 1))
    assert positions(on) == before


def test_what_had_not_happened_yet_is_told_and_looks_different(short: Staged) -> None:
    on, events = short
    assert standing(events) == ["past"] * 9 + ["the moment shown"]
    now = events.table.viewport().grab().toImage()
    on.after(lambda: on.looking.go_to(6))
    assert standing(events) == ["past"] * 5 + ["the moment shown"] + ["later"] * 4
    then = events.table.viewport().grab().toImage()
    height = events.table.rowHeight(0)
    later, past = (0, 7 * height, now.width(), height), (0, 2 * height, now.width(), height)
    assert now.copy(*later) != then.copy(*later)
    assert now.copy(*past) == then.copy(*past)


def test_the_moment_of_a_filtered_list_is_the_last_event_before_it(short: Staged) -> None:
    on, events = short
    on.after(lambda: on.looking.show_filter(EventFilter(stream="cart-1002")))
    on.after(lambda: on.looking.go_to(6))
    assert positions(on) == [5, 7, 9]
    assert standing(events) == ["the moment shown", "later", "later"]


def test_the_list_follows_the_moment(long: Staged) -> None:
    on, events = long
    for position in (1, 4_321, 17, LONG, 2_500):
        on.after(lambda to=position: on.looking.go_to(to))
        shown = positions(on)
        assert position in shown
        assert standing(events)[shown.index(position)] == "the moment shown"
    assert abs(shown.index(2_500) - len(shown) // 2) <= 1


def test_a_filtered_list_follows_the_moment_too(long: Staged) -> None:
    on, _ = long
    on.after(lambda: on.looking.show_filter(EventFilter(stream="cart-lone")))
    on.after(lambda: on.looking.go_to(2_502))
    shown = positions(on)
    assert abs(shown.index(2_499) - len(shown) // 2) <= 1  # 2,499 = 7 × 357 is its last event by then


def test_the_moment_before_the_first_event(long: Staged) -> None:
    on, events = long
    on.after(lambda: on.looking.go_to(0))
    assert positions(on)[0] == 1
    assert set(standing(events)) == {"later"}


@pytest.mark.parametrize("wanted", [EventFilter(), EventFilter(stream="cart-lone"), EventFilter(where="note")])
def test_wheel_and_keys_reach_both_ends_and_pass_every_row(long: Staged, wanted: EventFilter) -> None:
    on, events = long
    if not wanted.is_empty:
        on.after(lambda: on.looking.show_filter(wanted))
    on.after(lambda: press(events, Qt.Key.Key_Home))
    assert on.answer.events.previous is None
    down, up = set(positions(on)), set[int]()
    while on.answer.events.next is not None:
        on.after(lambda: wheel(events, -3))
        assert down.intersection(positions(on)), "a row was jumped over"
        down.update(positions(on))
    up.update(positions(on))
    while on.answer.events.previous is not None:
        on.after(lambda: press(events, Qt.Key.Key_PageUp))
        up.update(positions(on))
    expected = {
        EventFilter(): set(range(1, LONG + 1)),
        EventFilter(stream="cart-lone"): {2, 4, *range(7, LONG + 1, 7)},
        EventFilter(where="note"): set(range(50, LONG + 1, 50)),
    }[wanted]
    assert down == expected
    assert up == expected


def test_at_the_ends_scrolling_further_asks_nothing(long: Staged) -> None:
    on, events = long
    on.after(lambda: press(events, Qt.Key.Key_Home))
    asked = on.looking.question
    wheel(events, 3)
    press(events, Qt.Key.Key_PageUp)
    assert on.looking.question is asked


def test_turns_of_the_wheel_add_up_while_the_answer_is_on_its_way(long: Staged) -> None:
    on, events = long
    on.after(lambda: press(events, Qt.Key.Key_Home))

    def three_notches() -> None:
        for _ in range(3):
            wheel(events, -1)

    on.after(three_notches)
    assert positions(on)[0] == 10


def test_the_scroll_bar_spans_the_log_and_reaches_both_ends(long: Staged) -> None:
    on, events = long
    bar, rows = events.bar, len(positions(on))
    assert (bar.minimum(), bar.maximum() + bar.pageStep() - 1) == (1, LONG)
    assert bar.value() == bar.maximum()

    def drag(to: int) -> None:
        bar.setSliderDown(True)
        bar.setSliderPosition(to)
        bar.setSliderDown(False)

    on.after(lambda: drag(2_000))
    assert positions(on)[0] == bar.value() == 2_000
    on.after(lambda: drag(bar.maximum()))
    assert positions(on)[-1] == LONG
    on.after(lambda: drag(bar.minimum()))
    assert positions(on)[0] == 1
    on.after(lambda: bar.triggerAction(QAbstractSlider.SliderAction.SliderPageStepAdd))
    assert positions(on)[0] == rows
    on.after(lambda: bar.triggerAction(QAbstractSlider.SliderAction.SliderSingleStepSub))
    assert positions(on)[0] == rows - 1


def test_arrow_keys_go_from_event_to_event_also_beyond_the_page(long: Staged) -> None:
    on, events = long
    on.after(lambda: on.looking.go_to(2_000))
    last = positions(on)[-1]
    for expected in range(2_001, last + 3):
        on.after(lambda: press(events, Qt.Key.Key_Down))
        assert on.answer.status.as_of == expected
        assert expected in positions(on)
    on.after(lambda: press(events, Qt.Key.Key_Up))
    assert on.answer.status.as_of == last + 1


def test_enter_turns_to_the_stream_of_the_row(short: Staged) -> None:
    on, events = short
    on.after(lambda: on.looking.go_to(7))
    on.after(lambda: press(events, Qt.Key.Key_Return))
    assert on.answer.question.stream == "cart-1002"


def test_no_match_says_so_and_offers_to_clear(short: Staged) -> None:
    on, events = short
    on.after(lambda: on.looking.show_filter(EventFilter(where="lantern", actor="bob")))
    assert events.empty.isVisible()
    assert events.empty.words.text() == "No event by bob, with “lantern”."
    on.after(events.empty.clear.click)
    assert not events.empty.isVisible()
    assert len(positions(on)) == 10


def test_an_empty_store_says_so(stage: Open, empty_store: Path) -> None:
    on = stage(empty_store)
    events = on.put(EventList)
    on.open()
    assert events.empty.words.text().startswith("No events yet")
    assert not events.empty.clear.isVisible()


def test_a_search_that_takes_a_while_says_so(short: Staged, qtbot: QtBot) -> None:
    on, events = short
    on.looking.show_filter(EventFilter(where="note"))
    assert events.patience.isActive()
    events.patience.timeout.emit()
    assert events.searching.isVisible()
    qtbot.waitSignal(on.looking.answered).wait()
    assert not events.searching.isVisible()


def test_hostile_text_is_shown_as_it_is(stage: Open, tmp_path: Path) -> None:
    store = tmp_path / "hostile.events"
    fill(store, ())
    with Session(store, cache=tmp_path / "cache") as session:
        about = Metadata("<b>eve</b>", "\u202etxt.exe\x00")
        session.store.append("note-<i>x</i>", 0, [NewEvent("<img src=x>Added", {"text": "<b>a</b>\x00\u202eb"}, about)])
        session.catch_up()
    on = stage(store)
    events = on.put(EventList)
    on.open()
    assert cell(events, 0, Column.SUMMARY) == "text <b>a</b>␀[U+202E]b"
    assert cell(events, 0, Column.ACTOR) == "<b>eve</b> · [U+202E]txt.exe␀"
    assert cell(events, 0, Column.STREAM) == "note <i>x</i>"
    said = tip_of(events.table.shown, 0, Column.ACTOR)
    assert "<b>" in said
    assert "<b>" not in tip(said)
    assert events.grab().width() > 0


def test_an_unreadable_event_says_why_in_red(stage: Open, tmp_path: Path) -> None:
    store = tmp_path / "unreadable.events"
    fill(store, SHORT)
    with Session(store, cache=tmp_path / "cache") as session:
        session.store.append("cart-1001", 5, [NewEvent("CartTeleported", {}, Metadata("ann"))])
        session.catch_up()
    on = stage(store)
    events = on.put(EventList)
    on.open()
    assert cell(events, 10, Column.SUMMARY).startswith("unreadable: Event 11 has the type CartTeleported")
    image = events.table.viewport().grab().toImage()
    height = events.table.rowHeight(0)
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(10 * height, 11 * height)}
    assert on.look.theme.danger in colours


def test_the_menu_of_a_row(long: Staged) -> None:
    on, events = long
    row = on.after(lambda: on.looking.go_to(4_200)).events.rows[-1]
    menu = events.menu_for(row)
    actions = {action.text().replace("&", ""): action for action in menu.actions() if not action.isSeparator()}
    mnemonics = [text.partition("&")[2][0].lower() for action in menu.actions() if (text := action.text())]
    assert len(set(mnemonics)) == len(mnemonics) == len(actions)
    on.after(actions["Show this type only"].trigger)
    assert on.answer.question.filter == EventFilter(type=row.type)
    on.after(actions["Show this actor only"].trigger)
    assert on.answer.question.filter == EventFilter(type=row.type, actor=row.actor)
    on.after(actions["Show this stream only"].trigger)
    assert on.answer.question.filter == EventFilter(row.stream, row.type, row.actor)
    on.after(actions["Rewind to here"].trigger)
    assert on.answer.status.as_of == row.position
    actions["Copy position"].trigger()
    assert QGuiApplication.clipboard().text() == str(row.position)


def test_copying_any_row_as_json(short: Staged, qtbot: QtBot) -> None:
    on, events = short
    menu = events.menu_for(on.answer.events.rows[5])
    copy = next(action for action in menu.actions() if "JSON" in action.text())
    with qtbot.waitSignal(on.looking.told):
        copy.trigger()
    document = msgspec.json.decode(QGuiApplication.clipboard().text())
    assert (document["position"], document["type"]) == (6, "ItemQuantityChanged")
    assert document["data"] == {"sku": "85123", "previous_quantity": 6, "quantity": 12}


def test_column_widths_are_kept(short: Staged) -> None:
    _, events = short
    events.table.setColumnWidth(Column.TYPE, 222)
    state = events.save_columns()
    events.table.setColumnWidth(Column.TYPE, 50)
    events.restore_columns(state)
    assert events.table.columnWidth(Column.TYPE) == 222


def test_numbers_of_millions_are_whole_and_leave_room_for_the_summary(stage: Open, long_store: Path) -> None:
    on = stage(long_store)
    table = on.put(EventList, 530, 300).table
    on.open()
    room = table.fontMetrics().horizontalAdvance
    assert table.columnWidth(Column.STREAM) > room("cart …0000")
    assert table.columnWidth(Column.TYPE) > room("◆ item added")
    assert table.columnWidth(Column.SUMMARY) >= room("m" * 7)
    page = table.shown.page
    rows = tuple(row._replace(position=9_999_900 + row.position % 100, version=1_000_000) for row in page.rows)
    table.show_page(table.shown._replace(page=page._replace(rows=rows, last=10_000_000)))
    assert table.columnWidth(Column.POSITION) > room("▶ 10,000,000")
    assert table.columnWidth(Column.VERSION) > room("1,000,000")
    assert table.columnWidth(Column.SUMMARY) >= room("m" * 7)


def test_columns_that_nobody_set_fit_themselves_and_are_not_kept(short: Staged) -> None:
    _, events = short
    wide = events.table.columnWidth(Column.TYPE)
    events.resize(450, 400)
    assert events.table.columnWidth(Column.TYPE) < wide
    assert events.save_columns().isEmpty()


def test_the_number_of_rows_follows_the_height(long: Staged) -> None:
    on, events = long
    few = on.looking.question.rows
    on.after(lambda: events.resize(900, 600))
    assert on.looking.question.rows > 1.8 * few
    assert len(positions(on)) == on.looking.question.rows
    last = events.table.visualRect(events.table.model().index(len(positions(on)) - 1, 0))
    assert last.bottom() <= events.table.viewport().height()


def test_the_model_and_the_names(short: Staged, qtmodeltester: ModelTester) -> None:
    _, events = short
    qtmodeltester.check(events.table.model())  # pyright: ignore[reportUnknownMemberType]
    assert events.table.accessibleName() == "Events"
    assert events.bar.accessibleName() == "Place in the log"
    assert isinstance(events.focusProxy(), EventTable)


def test_a_filter_in_words() -> None:
    wanted = EventFilter("cart-1001", "ItemAdded", "ann", "heart")
    assert in_words(wanted) == "of cart 1001, of type item added, by ann, with “heart”"
