"""The log's lines are JSON, one each, whatever is said; and a reader that has gone stops nobody."""

import io
import json
import logging
import os
import stat
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from explorer.errors import BadInput, ReadOnly
from explorer.sidecar import logs


@contextmanager
def logging_to(to: TextIO | Path | None, level: str = "info") -> Generator[logging.Logger]:
    log = logs.logger(level, to)
    try:
        yield log
    finally:
        logs.close(log)


def only_line(stream: io.StringIO) -> dict[str, Any]:
    text = stream.getvalue()
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return json.loads(text)


def test_a_line() -> None:
    stream = io.StringIO()
    with logging_to(stream) as log:
        log.getChild("projects").info("Caught up to %d.", 12, extra={"fields": {"position": 12, "of": "carts"}})
    line = only_line(stream)
    when = datetime.fromisoformat(line.pop("time"))
    assert when.tzinfo == UTC
    assert line == {"level": "info", "task": "projects", "message": "Caught up to 12.", "position": 12, "of": "carts"}


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
@example("\x7f\x9b\0\r\n\u2028", "\ud800")
def test_anything_is_one_line_of_ascii_and_comes_back(message: str, value: str) -> None:
    stream = io.StringIO()
    with logging_to(stream) as log:
        log.warning("%s", message, extra={"fields": {value: value}})
    text = stream.getvalue()
    assert text[:-1].isascii()
    assert text[:-1].isprintable()
    line = only_line(stream)
    assert line["message"] == message
    assert value in {"time", "level", "task", "message"} or line[value] == value


def test_a_field_does_not_take_the_place_of_what_is_always_there() -> None:
    stream = io.StringIO()
    with logging_to(stream) as log:
        log.error("x", extra={"fields": {"level": "info", "message": "all is well", "time": 0}})
    assert (only_line(stream)["level"], only_line(stream)["message"]) == ("error", "x")


def test_what_is_long_is_cut_and_what_is_no_number_is_text() -> None:
    stream = io.StringIO()
    with logging_to(stream) as log:
        fields = {"a": "ä" * 100_000, "b": Path("/x"), "c": float("nan"), "d": None, "e": True, "f": 0.5}
        log.info("y" * 100_000, extra={"fields": fields})
    line = only_line(stream)
    assert len(stream.getvalue()) < 30_000
    assert line["message"].endswith("… (100,000 characters)")
    assert line["a"].endswith("… (100,000 characters)")
    assert [line[name] for name in "bcdef"] == ["/x", "nan", None, True, 0.5]


def test_a_bug_comes_with_its_place_and_without_its_words_which_may_be_about_an_event() -> None:
    stream, said = io.StringIO(), "-".join(["jane", "doe"])
    with logging_to(stream) as log:
        try:
            try:
                int(said)
            except ValueError as error:
                raise KeyError(said) from error
        except KeyError:
            log.exception("It failed.")
    line = only_line(stream)
    assert line["level"] == "error"
    assert [word for word in line["traceback"].split() if word.endswith("Error")] == ["ValueError", "KeyError"]
    assert "int(said)" in line["traceback"]
    assert said not in stream.getvalue()


def test_the_level_decides() -> None:
    stream = io.StringIO()
    with logging_to(stream, "warning") as log:
        log.getChild("t").info("no")
        log.getChild("t").warning("yes")
    assert only_line(stream)["message"] == "yes"
    with pytest.raises(BadInput, match="choose one of debug, info, warning, error"):
        logs.logger("loud", stream)


def test_the_process_log_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    first, second = io.StringIO(), io.StringIO()
    handlers = tuple(logging.getLogger().handlers)
    with logging_to(first) as one, logging_to(second) as other:
        one.info("one")
        other.info("other")
        assert tuple(logging.getLogger().handlers) == handlers
        assert "sidecar" not in logging.getLogger().manager.loggerDict
    assert not caplog.records
    assert (only_line(first)["message"], only_line(second)["message"]) == ("one", "other")


def test_a_closed_stream_loses_the_line_only() -> None:
    stream = io.StringIO()
    with logging_to(stream) as log:
        stream.close()
        log.info("nobody reads this")


def test_a_pipe_nobody_reads_any_more() -> None:
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    with logging_to(stream) as log:
        os.close(reading)
        log.info("nobody reads this")
    with pytest.raises(BrokenPipeError), closing(stream):
        stream.flush()


def test_a_process_without_standard_error() -> None:
    with logging_to(None) as log:
        log.error("nowhere")
        assert log.isEnabledFor(logging.ERROR)


def test_a_disk_that_is_full() -> None:
    full = os.fdopen(os.open("/dev/full", os.O_WRONLY), "w")
    with logging_to(full) as log:
        log.error("lost")
    with pytest.raises(OSError, match="No space"):
        full.close()


def test_a_line_that_is_wrong_is_a_bug() -> None:
    with logging_to(io.StringIO()) as log, pytest.raises(TypeError):
        log.info("%d", "twelve")


def test_a_file_is_private_and_does_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "sidecar.log"
    with logging_to(path) as log:
        for number in range(2_500):
            log.info("%d", number, extra={"fields": {"filler": "x" * 1_900}})
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["sidecar.log", "sidecar.log.1", "sidecar.log.2"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert all(file.stat().st_size <= 2**20 for file in files)
    assert json.loads(path.read_text().splitlines()[-1])["message"] == "2499"


def test_a_file_is_gone_on_with(tmp_path: Path) -> None:
    for number in range(2):
        with logging_to(tmp_path / "sidecar.log") as log:
            log.info("%d", number)
    assert len((tmp_path / "sidecar.log").read_text().splitlines()) == 2


def test_a_file_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="No such file or directory"):
        logs.logger("info", tmp_path / "none" / "sidecar.log")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReadOnly):
        logs.logger("info", tmp_path / "link")


def test_a_file_that_is_no_log_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "shop.events"
    path.write_bytes(b"SQLite format 3\0" + bytes(2**20))
    with pytest.raises(BadInput, match="no log of a sidecar"):
        logs.logger("info", path)
    assert path.stat().st_size == 2**20 + 16
    path.write_bytes(b"")
    for number in range(2):
        with logging_to(path) as log:
            log.info("%d", number)
    assert len(path.read_text().splitlines()) == 2
