"""What strangers' processes say is taken only if it is one of four short messages."""

import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import BadInput, Cancelled
from explorer.sidecar.plug_in_voice import LONGEST, TEXT, Beat, Failed, Log, Said, Tell, Voice, heard

texts = st.text(st.characters(codec="utf-8"), max_size=50)
values = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts
facts = st.dictionaries(st.from_regex("[a-z][a-z0-9_]{0,20}", fullmatch=True), values, max_size=5)
messages = st.just(Beat()) | st.builds(Tell, facts) | st.builds(Log, texts, facts) | st.builds(Failed, texts, texts)


@given(messages)
def test_what_is_said_is_heard(said: Said) -> None:
    assert heard(msgspec.json.encode(said)) == said


@given(st.binary(max_size=200) | st.builds(msgspec.json.encode, st.dictionaries(texts, values, max_size=4)))
def test_anything_else_is_refused_without_a_word_of_it(line: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        heard(line)
    assert str(refused.value) in {
        f"This is no message of a plug-in: {kind}." for kind in ("DecodeError", "ValidationError", "UnicodeDecodeError")
    }


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"beat","more":1}',
        b'{"type":"tell","facts":{"Upper":1}}',
        b'{"type":"tell","facts":{"a b":1}}',
        b'{"type":"tell","facts":{"a":true}}',
        b'{"type":"tell","facts":{"a":null}}',
        b'{"type":"tell","facts":{"a":1e999}}',
        b'{"type":"tell","facts":{"a":9223372036854775808}}',
        b'{"type":"tell","facts":{"a":' + b"9" * 5_000 + b"}}",
        b'{"type":"tell","facts":{' + b",".join(b'"f%d":1' % number for number in range(101)) + b"}}",
        b'{"type":"log","words":"' + b"x" * (TEXT + 1) + b'","fields":{}}',
        b'{"type":"log","words":"' + b"x" * LONGEST + b'","fields":{}}',
        b'{"type":"log","words":"\\ud800","fields":{}}',
        b"[" * 50_000,
        b"",
    ],
)
def test_hostile_lines_are_refused(line: bytes) -> None:
    with pytest.raises(BadInput):
        heard(line)


def test_who_speaks_to_nobody_hears_that_it_is_over() -> None:
    ear, mouth = os.pipe()
    voice = Voice(mouth)
    voice.say(Beat())
    assert os.read(ear, 100) == b'{"type":"beat"}\n'
    os.close(ear)
    with pytest.raises(Cancelled):
        voice.say(Beat())
    os.close(mouth)


def test_what_would_be_refused_is_not_said() -> None:
    ear, mouth = os.pipe()
    with pytest.raises(BadInput):
        Voice(mouth).say(Log("x" * (TEXT + 1), {}))
    os.close(mouth)
    assert os.read(ear, 100) == b""
    os.close(ear)
