"""What wakes: each commit, whether the system tells of it or not; and nothing else."""

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from explorer.application.session import Session
from explorer.errors import Cancelled
from explorer.sidecar import watch
from explorer.sidecar.facts import Facts
from explorer.sidecar.task import Post
from explorer.sidecar.watch import Watch
from tests.sidecar.stage import Running, application, note


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with application(tmp_path) as opened:
        note(opened.store)
        yield opened


@pytest.fixture
def stopping() -> Event:
    return Event()


@pytest.fixture
def post(stopping: Event) -> Post:
    return Post("watch", Facts(), logging.getLogger("watch"), stopping)


def nobody(folder: Path) -> None:
    """Tells of nothing."""


@pytest.fixture(params=["told", "looking"])
def watched(request: pytest.FixtureRequest, session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    if request.param == "looking":
        monkeypatch.setattr(watch, "_told", nobody)
    with Watch(session.path) as opened:
        if request.param == "told" and not opened.is_told:
            pytest.skip("This system tells of no writes.")
        yield opened


def test_a_commit_wakes(watched: Watch, session: Session, post: Post) -> None:
    note(session.store)
    assert watched.wait(post, 30)


def test_nothing_wakes_where_nothing_is_written(watched: Watch, session: Session, post: Post) -> None:
    (session.path.parent / "another.events-wal").write_text("not ours")
    session.store.head()
    assert not watched.wait(post, 0.1)


def test_a_commit_wakes_one_who_waits(watched: Watch, session: Session, post: Post) -> None:
    woken = list[bool]()
    thread = Thread(target=lambda: woken.append(watched.wait(post, 30)))
    thread.start()
    note(session.store)
    thread.join(30)
    assert woken == [True]


def test_a_file_that_is_replaced_wakes(watched: Watch, session: Session, post: Post) -> None:
    session.path.rename(session.path.with_name("moved"))
    assert watched.wait(post, 30)


def test_who_is_to_stop_is_not_kept_waiting(watched: Watch) -> None:
    def task(post: Post) -> None:
        watched.wait(post, 3_600)

    run = Running(task)
    before = run.post.beaten
    run.until(lambda: run.post.beaten > before)
    run.stop()
    assert run.error is None


def test_a_stop_is_an_error_that_passes(watched: Watch, post: Post, stopping: Event) -> None:
    stopping.set()
    with pytest.raises(Cancelled):
        watched.wait(post, 1)
