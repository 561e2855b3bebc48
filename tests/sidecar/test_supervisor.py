"""Tasks that are threads: what fails is begun again, what hangs ends the process, and the others go on."""

import logging
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import Busy, Cancelled
from explorer.sidecar.facts import Facts
from explorer.sidecar.supervisor import Hung, Pauses
from explorer.sidecar.task import Post, Silence, Task
from tests.sidecar.supervised import LOG, QUICK, Supervised, until

seconds = st.floats(0.001, 1e6)


class Counter:
    """A task that is well: it counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, post: Post) -> None:
        while True:
            self.count += 1
            post.rest(0.001)


def raising(error: BaseException) -> Task:
    def task(_: Post) -> None:
        raise error

    return task


def returning(_: Post) -> None:
    return


def pauses_of(caplog: pytest.LogCaptureFixture, name: str) -> list[float]:
    fields = [record.__dict__.get("fields", {}) for record in caplog.records]
    return [field["pause"] for field in fields if field["task"] == name and "pause" in field]


@pytest.mark.parametrize(
    ("task", "error"),
    [
        (raising(Busy("Somebody has it.")), "Somebody has it."),
        (raising(ZeroDivisionError("cart-7")), "ZeroDivisionError: a bug; its traceback is in the log."),
        (raising(SystemExit(1)), "SystemExit: a bug; its traceback is in the log."),
        (raising(Cancelled("Of its own will.")), "Of its own will."),
        (returning, "It ended by itself."),
    ],
)
def test_what_fails_is_begun_again_with_growing_pauses_and_the_others_go_on(
    task: Task, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    supervised, counter = Supervised(), Counter()
    supervised.supervisor.add("failing", task)
    supervised.supervisor.add("counting", counter)
    with supervised.running():
        until(lambda: supervised.task("failing").restarts >= 5)
        assert supervised.task("failing").error == error
        counted = counter.count
        until(lambda: counter.count > counted + 5)
        assert supervised.task("counting").is_working
    assert supervised.task("counting").restarts == 0
    assert not supervised.task("counting").is_working
    assert pauses_of(caplog, "failing")[:5] == [0.01, 0.02, 0.04, 0.05, 0.05]


def test_a_bug_is_logged_with_its_traceback_and_a_known_error_by_its_words(caplog: pytest.LogCaptureFixture) -> None:
    supervised = Supervised()
    supervised.supervisor.add("buggy", raising(ZeroDivisionError()))
    supervised.supervisor.add("busy", raising(Busy("Somebody has it.")))
    with supervised.running():
        until(lambda: min(supervised.task(name).restarts for name in ("buggy", "busy")) >= 1)
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    bugs = [record for record in errors if record.getMessage().startswith("buggy")]
    assert bugs
    assert all(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in bugs)
    known = [record for record in errors if record.getMessage() == "busy failed: Somebody has it."]
    assert known
    assert not any(record.exc_info for record in known)


def test_one_that_was_well_for_long_is_begun_again_soon(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[None] = []

    def task(post: Post) -> None:
        runs.append(None)
        if len(runs) == 4:
            post.rest(2 * QUICK.longest)
        raise ZeroDivisionError

    supervised = Supervised()
    supervised.supervisor.add("failing", task)
    with supervised.running():
        until(lambda: supervised.task("failing").restarts >= 5)
    assert pauses_of(caplog, "failing")[:5] == [0.01, 0.02, 0.04, 0.01, 0.02]


def test_a_thread_that_hangs_ends_it_all(caplog: pytest.LogCaptureFixture) -> None:
    release = Event()

    def hanging(_: Post) -> None:
        release.wait()

    supervised, counter = Supervised(hang=0.3), Counter()
    supervised.supervisor.add("hanging", hanging)
    supervised.supervisor.add("counting", counter)
    try:
        with pytest.raises(Hung, match="The task hanging has not gone on for"):
            supervised.supervisor.run()
        assert "hanging has not gone on" in supervised.task("hanging").error
        assert not supervised.task("hanging").is_working
        assert not supervised.task("counting").is_working
        assert supervised.stopping.is_set()
        assert [record.levelno for record in caplog.records].count(logging.CRITICAL) == 1
    finally:
        release.set()


def test_a_thread_that_does_not_stop_is_told() -> None:
    release, supervised = Event(), Supervised(grace=0.2)

    def deaf(_: Post) -> None:
        supervised.stopping.set()
        release.wait()

    supervised.supervisor.add("deaf", deaf)
    supervised.supervisor.add("counting", Counter())
    try:
        with pytest.raises(Hung, match="Asked to stop, deaf did not end within"):
            supervised.supervisor.run()
        assert not supervised.task("counting").is_working
    finally:
        release.set()


def test_names_are_the_tasks_own() -> None:
    supervised = Supervised()
    supervised.supervisor.add("counting", Counter())
    with pytest.raises(ValueError, match="counting"):
        supervised.supervisor.add("counting", Counter())


def test_time_in_which_nobody_listened_is_no_silence() -> None:
    post = Post("any", Facts(), LOG, Event())
    silence = Silence(post, 0.001)
    Event().wait(0.1)  # as if this process was stopped
    assert 0 < silence.seconds() <= 0.002
    post.beat()
    assert silence.seconds() == 0


@given(seconds, seconds, st.lists(st.floats(0, 1e6), max_size=30))
def test_pauses_double_up_to_the_longest_and_begin_anew_behind_a_long_run(
    first: float, longest: float, runs: list[float]
) -> None:
    pauses, pause = Pauses(first, longest), 0.0
    for lasted in runs:
        following = pauses.following(pause, lasted)
        assert 0 < following <= longest
        if pause == 0 or lasted > longest:
            assert following == min(first, longest)
        else:
            assert following == min(2 * pause, longest)
            assert following >= pause
        pause = following


def test_the_pauses_as_they_are_by_default() -> None:
    pause, got = 0.0, list[float]()
    for _ in range(8):
        pause = Pauses().following(pause, 0.0)
        got.append(pause)
    assert got == [1, 2, 4, 8, 16, 32, 60, 60]
