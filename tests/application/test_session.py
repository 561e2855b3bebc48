"""Opening a store and its cache together."""

import os
import shutil
from pathlib import Path

import pytest

from explorer.application.handle import handle
from explorer.application.session import Session
from explorer.domain.cart import OpenCart
from explorer.domain.deciders import DECIDERS
from explorer.domain.schemaless import SCHEMALESS
from explorer.errors import Cancelled, Missing, NotAStore, ReadOnly
from explorer.projections import cart_queries, queries
from tests.application.shop import ANN, open_cart, stock


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    return tmp_path / "user" / "event-explorer"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A closed store with four events in it, whose cache has been taken away."""
    path = tmp_path / "shop.events"
    with Session(path, cache=tmp_path / "unused", create=True) as session:
        stock(session)
    shutil.rmtree(tmp_path / "unused")
    return path


def carts(session: Session) -> list[str]:
    session.catch_up()
    with session.asking() as connection:
        return [cart.stream for cart in cart_queries.carts(connection, session.store.head().size)]


def checkpoint(session: Session) -> int:
    with session.asking() as connection:
        return queries.checkpoint(connection)


# The store.


def test_a_missing_store_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "shop.events"
    with pytest.raises(Missing) as missing:
        Session(path, cache=tmp_path / "cache")
    assert str(missing.value) == f"There is no store {path}. Make one with: event-explorer demo {path} --events 1000"
    assert not any(tmp_path.iterdir())


def test_a_store_is_made_where_that_is_wanted_and_is_the_same_afterwards(tmp_path: Path) -> None:
    path, cache = tmp_path / "shop.events", tmp_path / "cache"
    with Session(path, cache=cache, create=True) as session:
        store_id = session.store.store_id
        open_cart(session, mugs=0)
    with Session(path, cache=cache, create=True) as session:
        assert session.store.store_id == store_id
        assert session.path == path
        assert carts(session) == ["cart-1"]


def test_what_is_no_store_is_refused_and_has_no_cache(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Ring twice.")
    with pytest.raises(NotAStore):
        Session(path, cache=tmp_path / "cache")
    assert path.read_text() == "Ring twice."
    assert not (tmp_path / "cache").exists()


def test_a_store_for_reading_only_is_read_and_rewound_but_never_written(store: Path, tmp_path: Path) -> None:
    before = store.read_bytes()
    with Session(store, cache=tmp_path / "cache", read_only=True) as session:
        assert session.catch_up() == 4
        assert checkpoint(session) == 4
        with pytest.raises(ReadOnly):
            handle(session, "cart-1", OpenCart("Ann", "Leeds"), ANN)
    assert store.read_bytes() == before


def test_a_store_for_reading_only_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        Session(tmp_path / "shop.events", cache=tmp_path / "cache", create=True, read_only=True)
    assert not any(tmp_path.iterdir())


@pytest.mark.skipif(os.access("/", os.W_OK), reason="root may write everywhere")
@pytest.mark.parametrize("protected", ["file", "folder"])
def test_what_may_not_be_written_is_opened_for_reading_only(store: Path, tmp_path: Path, protected: str) -> None:
    caches = tmp_path / "cache"
    caches.mkdir()
    guarded = store if protected == "file" else store.parent
    mode = guarded.stat().st_mode
    guarded.chmod(mode & ~0o222)
    try:
        with Session(store, cache=caches) as session:
            assert session.store.read_only
            assert session.catch_up() == 4
    finally:
        guarded.chmod(mode)


# The cache.


def test_the_cache_is_in_the_user_s_folder_under_the_store_s_identity_and_place(store: Path, caches: Path) -> None:
    with Session(store) as session:
        assert session.cache.folder.parent == caches
        assert session.cache.folder.name.startswith(f"{session.store.store_id}-")
        session.catch_up()
    with Session(store) as session:
        assert checkpoint(session) == 4
    assert len(list(caches.iterdir())) == 1


def test_another_name_of_the_same_place_is_the_same_place(
    store: Path, caches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = store.with_name("link.events")
    link.symlink_to(store)
    monkeypatch.chdir(store.parent)
    for name in (store, link, Path(store.name), store.parent / "unused" / ".." / store.name):
        store.parent.joinpath("unused").mkdir(exist_ok=True)
        Session(name).close()
    assert len(list(caches.iterdir())) == 1


def test_a_copy_of_a_store_does_not_share_its_original_s_cache(store: Path, caches: Path) -> None:
    copy = store.with_name("copy.events")
    shutil.copy(store, copy)
    with Session(store) as session, Session(copy) as other:
        assert session.store.store_id == other.store.store_id
        assert session.cache.folder != other.cache.folder
        open_cart(session, "cart-1", mugs=0)
        open_cart(other, "cart-2", mugs=0)
        assert (carts(session), carts(other)) == (["cart-1"], ["cart-2"])
    assert len(list(caches.iterdir())) == 2


def test_stores_that_are_made_to_share_a_folder_never_show_each_other_s_events(tmp_path: Path) -> None:
    for name in ("one", "two", "one"):
        with Session(tmp_path / f"{name}.events", cache=tmp_path / "cache", create=True) as session:
            if not session.store.head().size:
                open_cart(session, f"cart-{name}", mugs=0)
            assert checkpoint(session) == 0
            assert carts(session) == [f"cart-{name}"]


def test_a_cache_folder_that_cannot_be_made_is_an_error_that_says_what_to_do(store: Path) -> None:
    folder = store / "cache"
    with pytest.raises(ReadOnly, match="Name another with --cache"):
        Session(store, cache=folder)


def test_the_cache_is_caught_up_once(store: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with Session(store, cache=tmp_path / "cache") as session:
        assert session.catch_up(lambda done, total: seen.append((done, total))) == 4
        assert session.catch_up() == 0
    assert seen == [(4, 4)]


def test_a_rebuild_makes_the_same_again_and_may_be_called_off(store: Path, tmp_path: Path) -> None:
    def call_off(done: int, total: int) -> None:
        raise Cancelled(f"after {done} of {total}")

    with Session(store, cache=tmp_path / "cache") as session:
        open_cart(session)
        before = carts(session), session.cache.path
        with pytest.raises(Cancelled, match="after 6 of 6"):
            session.rebuild(call_off)
        assert (carts(session), session.cache.path) == before
        assert session.rebuild() == 6
        assert carts(session) == before[0]
        assert session.cache.path != before[1]


def test_the_cache_may_be_thrown_away_at_any_time(store: Path, tmp_path: Path) -> None:
    with Session(store, cache=tmp_path / "cache") as session:
        open_cart(session)
        before = carts(session)
    shutil.rmtree(tmp_path / "cache")
    with Session(store, cache=tmp_path / "cache") as session:
        assert carts(session) == before


# Rules.


@pytest.mark.parametrize("category", DECIDERS)
def test_a_stream_has_its_category_s_rules(store: Path, tmp_path: Path, category: str) -> None:
    with Session(store, cache=tmp_path / "cache") as session:
        assert session.decider(f"{category}-1-2") is DECIDERS[category]


@pytest.mark.parametrize("stream", ["creditnote-1", "cart2-1", "Cart-1", "", "-1"])
def test_a_category_that_nobody_wrote_rules_for_can_be_read(store: Path, tmp_path: Path, stream: str) -> None:
    with Session(store, cache=tmp_path / "cache") as session:
        assert session.decider(stream) is SCHEMALESS


def test_the_read_models_of_a_private_store_are_private(tmp_path: Path) -> None:
    with Session(tmp_path / "shop.events", cache=tmp_path / "cache", create=True) as session:
        assert session.cache.folder.stat().st_mode & 0o777 == 0o700
