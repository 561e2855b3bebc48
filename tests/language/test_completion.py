"""What is offered at the caret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.language.completion import Known, completion, is_name_alone

KNOWN = Known(("ItemAdded", "ItemRemoved"), ("ann", "Bob Smith"), ("cart-1", "parcel-2"), ("data.quantity", "data.sku"))


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("ty", ["type"]),
        ("data.", ["data.quantity", "data.sku"]),
        ("data.q", ["data.quantity"]),
        ("type ", ["==", "!=", "~", "in", "not in"]),
        ("data.quantity ", ["==", "!=", "<", "<=", ">", ">=", "~", "in", "not in"]),
        ("type == ", ["ItemAdded", "ItemRemoved"]),
        ("type == itemr", ["ItemRemoved"]),
        ("actor == b", ['"Bob Smith"']),
        ("actor == 'b", ['"Bob Smith"']),
        ('actor in (ann, "', ['"ann"', '"Bob Smith"']),
        ("actor not in (", ["ann", '"Bob Smith"']),
        ("category == ", ["cart", "parcel"]),
        ("type == ItemAdded ", ["and", "or"]),
        ("type == ItemAdded and stre", ["stream"]),
        ("(acto", ["actor"]),
        ("type", []),
        ("mug", []),
        ("type == 'x' 'a", []),
        ("'a' 'b' )) [", []),
    ],
)
def test_what_is_offered(text: str, choices: list[str]) -> None:
    assert list(completion(text, len(text), KNOWN).choices) == choices


def test_in_the_middle_what_is_before_the_caret_is_replaced() -> None:
    text = "ty == ItemAdded"
    found = completion(text, 2, KNOWN)
    assert (found.start, found.end, found.choices) == (0, 2, ("type",))


@given(st.text() | st.text("()[]'\"=<>~ atype.d,"), st.integers(0, 20))
def test_any_text_is_looked_at(text: str, caret: int) -> None:
    found = completion(text, min(caret, len(text)), KNOWN)
    assert 0 <= found.start <= found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "is_alone"),
    [
        ("type", True),
        ("type ", True),
        ("red actor", True),
        ("type == ItemAdded and data.qu", True),
        ("data.lines[*].pri", True),
        ("not data.qu", True),
        ("(reason", True),
        ("data.qu| and actor == ann", True),
        ("data.quantity", False),
        ("type ==", False),
        ("type| == ItemAdded", False),
        ("actor| not in (ann)", False),
        ("actor == type", False),
        ("actor in (ann, type", False),
        ("data.qu > 2", False),
        ("gift wrap", False),
        ("mug", False),
        ("type == ItemAdded", False),
        ("", False),
        ("'a' 'b", False),
    ],
)
def test_a_name_alone_is_not_yet_a_condition(text: str, is_alone: bool) -> None:
    before, _, after = text.partition("|")
    assert is_name_alone(before + after, len(before), KNOWN) is is_alone


@given(st.text() | st.text("()[]'\"=<>~ atype.d,"), st.integers(0, 20))
def test_any_text_may_have_a_name_alone(text: str, caret: int) -> None:
    assert is_name_alone(text, min(caret, len(text)), KNOWN) in (True, False)
