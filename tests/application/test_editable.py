"""What may be written in a scratch branch: the latest events as they are read, and what else could have happened."""

from pathlib import Path

import pytest

from explorer.application.editable import Shape, commandable, editable, json_of, object_of, value_like
from explorer.errors import BadInput
from tests.application.shop import Clock, long_cart, note, open_cart, opened, record, spoil, stock


def test_events_are_given_with_all_their_fields_and_the_shapes_of_others(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        stock(session)
        open_cart(session)
        found = editable(session, "cart-1")
    assert [(line.version, line.type) for line in found.lines] == [(1, "CartOpened"), (2, "ItemAdded")]
    assert found.lines[1].data == {"sku": "mug", "quantity": 2, "unit_price": 399, "currency": "GBP", "line": ""}
    assert found.is_ruled
    assert Shape("CouponApplied", {"code": "", "percent": 0}, ("code", "percent")) in found.shapes


def test_of_a_long_stream_the_latest_are_given(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        long_cart(session, 40)
        found = editable(session, "cart-long", 10)
    assert found.version == 40
    assert [line.version for line in found.lines] == [*range(31, 41)]


def test_without_rules_the_shapes_are_of_what_is_there(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        record(session, "tap-1", note({"n": 1}), note({"n": 2, "m": "x"}))
        found = editable(session, "tap-1")
    assert not found.is_ruled
    assert found.shapes == (Shape("NoteTaken", {"n": 2, "m": "x"}),)


def test_an_event_that_cannot_be_read_has_no_data(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        long_cart(session, 3)
    spoil(tmp_path / "shop.events", 2)
    with opened(tmp_path, Clock()) as session:
        found = editable(session, "cart-long")
    assert [line.data is None for line in found.lines] == [False, True, False]


def test_commands_are_given_where_there_are_rules(tmp_path: Path) -> None:
    with opened(tmp_path, Clock()) as session:
        found = commandable(session)
    assert Shape("Reprice", {"line": "", "sku": "", "only_at": 0}, ("line",)) in found["cart"]


@pytest.mark.parametrize("text", ["", "{", "1.5", "nothing", '"a', "1 2"])
def test_what_is_no_value_of_an_event_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput):
        json_of(text)


def test_a_text_instead_of_a_text_needs_no_quotes() -> None:
    assert value_like("MUG-212", "PAP-411") == "PAP-411"
    assert value_like("22423", "85123") == "85123"
    assert value_like("a", '"b c"') == "b c"
    assert value_like(3, "4") == 4
    with pytest.raises(BadInput, match=r"minor units: 2\.50 is written 250"):
        value_like(399, "4.25")
    with pytest.raises(BadInput, match="no JSON"):
        value_like(399, "four")


def test_fields_are_an_object_and_nothing_is_none() -> None:
    assert json_of('"three"') == "three"
    assert object_of("  ") == {}
    assert object_of('{"n": 3}') == {"n": 3}
    with pytest.raises(BadInput, match="by their names"):
        object_of("[3]")
