"""Personal data beside a sidecar: it reads what it may, follows an erasure, and never undoes what others can read."""

from pathlib import Path
from shutil import rmtree

import pytest

from explorer.application import privacy
from explorer.application.privacy import erase
from explorer.domain.privacy import ERASED
from explorer.errors import Cancelled, Missing
from explorer.projections.runner import checkpoint_of
from explorer.sidecar.projecting import projecting
from explorer.store.engine import driver
from explorer.store.subject_keys import key_file
from tests.application.customers import JANE, OFFICE, OMAR, files_with, protected_shop, shown
from tests.projections.test_rebuilding import another_version
from tests.sidecar.stage import application, beside, note, running


def test_an_erasure_is_followed_and_nothing_is_left(tmp_path: Path) -> None:
    with application(tmp_path) as session:
        protected_shop(session)
        with running(projecting(beside(tmp_path))) as run:
            run.until(lambda: run.told.head and run.told.behind == 0)
            erase(session, OFFICE, subject=JANE[0])
            head = session.store.head().size
            run.until(lambda: run.told.head == head and run.told.behind == 0)
            assert shown(session, "cart-1") == (ERASED, ERASED, ERASED)
            assert shown(session, "cart-2") == OMAR
            assert run.told.poison == 0
    assert files_with(tmp_path, *JANE) == {}


def test_read_models_with_personal_texts_are_left_alone_without_the_keys(tmp_path: Path) -> None:
    with application(tmp_path) as session:
        protected_shop(session)
        kept = session.cache.path
        hidden = key_file(session.path).rename(tmp_path / "hidden")
        with running(projecting(beside(tmp_path))) as run:
            run.end()
            assert isinstance(run.error, Missing)
            assert "key file" in str(run.error)
        hidden.rename(key_file(session.path))
        note(session.store)
        session.catch_up()
        assert session.cache.path == kept
        assert shown(session, "cart-1") == JANE


def test_without_keys_it_projects_what_it_can_where_nobody_else_has(tmp_path: Path) -> None:
    with application(tmp_path) as session:
        protected_shop(session)
    for path in (tmp_path / "cache").iterdir():
        path.unlink()
    hidden = key_file(tmp_path / "shop.events").rename(tmp_path / "hidden")
    with running(projecting(beside(tmp_path))) as run:
        run.until(lambda: run.told.head and run.told.behind == 0)
    hidden.rename(key_file(tmp_path / "shop.events"))
    with application(tmp_path) as session:
        session.catch_up()
        assert checkpoint_of(session.cache) == session.store.head().size
        assert shown(session, "cart-1") == JANE


def test_what_another_version_kept_of_an_erasure_that_was_stopped_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with another_version(), application(tmp_path) as session:
        protected_shop(session)
        with driver.connect(session.cache.path) as connection:
            connection.execute("CREATE TABLE other (x)")  # so that it is no stand-in of ours
        connection.close()

        def stopped(*_: object) -> None:
            if session.protection.erasures:
                raise Cancelled("killed")

        monkeypatch.setattr(privacy, "caught_up", stopped)
        with pytest.raises(Cancelled):
            erase(session, OFFICE, subject=JANE[0])
    assert files_with(tmp_path, *JANE) != {}
    with running(projecting(beside(tmp_path))) as run:
        run.until(lambda: run.told.head and run.told.behind == 0)
    assert files_with(tmp_path, *JANE) == {}


def test_two_versions_share_a_folder_where_somebody_was_erased(tmp_path: Path) -> None:
    with application(tmp_path) as session:
        protected_shop(session)
        erase(session, OFFICE, subject=JANE[0])
    rmtree(tmp_path / "cache")
    with another_version(), application(tmp_path) as session:
        session.catch_up()
        older = session.cache.path
    with application(tmp_path) as session:
        assert session.catch_up() == session.store.head().size
        assert session.cache.path != older
        assert older.exists(), "the other version still reads it"
