"""What a user wants instead of what is recorded, whatever comes in between: by anybody, in any order."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from explorer.gui.panels.draft import Draft

VALUES = st.sampled_from("abc")


def test_what_others_record_while_one_writes_overtakes_and_what_one_records_oneself_does_not() -> None:
    draft = Draft("a")
    draft.show("a", 3)
    draft.put("mine")
    draft.show("a", 4)
    assert not draft.is_overtaken, "something else was changed"
    draft.show("b", 5)
    assert (draft.is_overtaken, draft.seen) == (True, 3)
    draft.catch_up()
    assert not draft.is_overtaken
    assert draft.send() == "mine"
    assert draft.send() is None
    draft.put("mine too")
    draft.show("mine", 6)
    assert not draft.is_overtaken
    draft.accept()
    assert (draft.value, draft.is_overtaken) == ("mine too", False)
    draft.show("theirs", 7)
    assert draft.is_overtaken
    draft.forget()
    assert (draft.value, draft.is_overtaken) == (None, False)


def test_an_acceptance_before_what_was_recorded_is_shown_overtakes_nothing() -> None:
    draft = Draft("a")
    draft.put("b")
    draft.send()
    draft.put("bc")
    draft.accept()
    assert not draft.is_overtaken
    draft.show("b", 2)
    assert not draft.is_overtaken


class Field(RuleBasedStateMachine):
    """A field that looks behind before it sends, as both do. `seen` is what its user knows to have been recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.draft, self.recorded, self.seen, self.version = Draft("a"), "a", {"a"}, 1

    def record(self, value: str) -> None:
        self.recorded, self.version = value, self.version + 1
        self.draft.show(value, self.version)

    @rule(value=VALUES)
    def type(self, value: str) -> None:
        if self.draft.value is None:
            self.seen = {self.recorded}
        self.draft.put(value)

    @rule(value=VALUES)
    def somebody_else_records(self, value: str) -> None:
        self.record(value)

    @precondition(lambda self: not self.draft.is_overtaken)
    @rule()
    def send(self) -> None:
        if self.draft.send() is not None:
            assert self.recorded in self.seen, "nothing is sent over what was never seen"

    @precondition(lambda self: self.draft.sent is not None)
    @rule()
    def own_is_accepted(self) -> None:
        sent = self.draft.sent
        assert sent is not None
        self.seen.add(sent)
        self.draft.accept()
        self.record(sent)

    @rule()
    def own_is_refused(self) -> None:
        self.draft.refuse()

    @rule()
    def escape(self) -> None:
        self.draft.forget()


TestField = Field.TestCase
