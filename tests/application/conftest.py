"""Every test has a real store of its own in a temporary folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from explorer.application.session import Session
from tests.application.shop import Clock, opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_session(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Session]]:
    """Opens the test's store, and opens it again as another process would; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(opened(tmp_path, clock))


@pytest.fixture
def session(open_session: Callable[[], Session]) -> Session:
    return open_session()
