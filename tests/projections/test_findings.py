"""The file of findings: made by whoever comes first, asked in a few look-ups, and disposable."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.application.outside import new_id
from explorer.errors import Busy
from explorer.projections.cache import Discarded
from explorer.projections.findings import Finding, Findings, Watched

STORE = UUID(int=7)


def findings(folder: Path) -> Findings:
    return Findings(folder, STORE, new_id)


def add(tables: Findings, places: list[int], rule: str = "rule-a") -> None:
    with tables.writing() as writing:
        found = [Finding(rule, at, at % 3, "s-1", 1) for at in places]
        writing.add(Watched(rule, 1, 500, b"", len(places)), found)


def add_in_time(tables: Findings, number: int) -> None:
    """Again and again, until it is in the file that everybody looks at."""
    while f"rule-{number}" not in [one.rule for one in tables.watched()]:
        with suppress(Busy, Discarded):
            add(tables, [number], f"rule-{number}")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".db")


def test_nothing_is_made_before_something_is_written(tmp_path: Path) -> None:
    tables = findings(tmp_path)
    assert tables.watched() == tables.newest(9) == tables.following(0) == tables.at([1]) == tables.spread(1, 9, 9) == []
    assert tables.stamp() == ()
    assert files(tmp_path) == []


def test_they_are_asked_from_either_end_and_by_rule(tmp_path: Path) -> None:
    tables = findings(tmp_path)
    add(tables, [3, 5, 9])
    before = tables.stamp()
    add(tables, [4, 9], "rule-b")
    assert tables.stamp() != before
    assert [one.position for one in tables.newest(3)] == [9, 9, 5]
    assert [one.position for one in tables.newest(9, 5)] == [4, 3]
    assert [one.position for one in tables.newest(9, rule="rule-b")] == [9, 4]
    assert [one.position for one in tables.following(3)] == [4]
    assert [one.position for one in tables.following(3, rule="rule-a")] == [5]
    assert tables.following(9) == []
    assert sorted((one.position, one.rule) for one in tables.at([3, 9, 10])) == [
        (3, "rule-a"),
        (9, "rule-a"),
        (9, "rule-b"),
    ]
    tables.close()


def test_those_who_begin_at_once_come_to_share_one_file(tmp_path: Path) -> None:
    begin, errors = Barrier(4), list[BaseException]()

    def work(number: int) -> None:
        tables = findings(tmp_path)
        begin.wait()
        try:
            add_in_time(tables, number)
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)
        finally:
            tables.close()

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    tables = findings(tmp_path)
    add(tables, [9], "rule-9")
    assert "rule-9" in [one.rule for one in tables.watched()]
    other = findings(tmp_path)
    assert other.watched() == tables.watched()
    for each in (tables, other):
        each.close()


def test_what_is_no_database_is_thrown_away(tmp_path: Path) -> None:
    tables = findings(tmp_path)
    add(tables, [3])
    tables.close()
    (name,) = files(tmp_path)
    (tmp_path / name).write_bytes(b"no database at all" * 500)
    with pytest.raises(Discarded, match="found anew"):
        tables.watched()
    assert files(tmp_path) == []
    add(tables, [3])
    assert len(tables.newest(9)) == 1
    tables.close()


def test_what_was_found_before_an_erasure_or_with_other_keys_is_not_looked_at(tmp_path: Path) -> None:
    tables = findings(tmp_path)
    tables.turn_to(0, "a key file")
    add(tables, [3])
    tables.turn_to(0, "none")
    assert tables.newest(9) == []
    tables.turn_to(0, "a key file")
    assert len(tables.newest(9)) == 1
    tables.turn_to(1, "a key file")
    assert tables.newest(9) == []
    add(tables, [4])
    (name,) = files(tmp_path)
    assert ".1." in name
    tables.close()


def test_another_store_s_are_left_alone(tmp_path: Path) -> None:
    tables, other = findings(tmp_path), Findings(tmp_path, UUID(int=8), new_id)
    add(tables, [3])
    assert other.newest(9) == []
    add(other, [4])
    assert [one.position for one in tables.newest(9)] == [3]
    for each in (tables, other):
        each.close()


positions = st.lists(st.integers(1, 500), unique=True, max_size=60)


@settings(max_examples=40)
@given(positions, st.integers(1, 500), st.integers(1, 500), st.integers(1, 40))
def test_a_spread_has_a_finding_wherever_there_are_some(places: list[int], first: int, last: int, most: int) -> None:
    with TemporaryDirectory() as folder:
        tables = findings(Path(folder))
        add(tables, places)
        spread = tables.spread(first, last, most)
        tables.close()
    assert [one.position for one in spread] == sorted({one.position for one in spread})
    assert all(first <= one.position <= last for one in spread)
    step = max(1, -(-(last - first + 1) // most))
    for at in places:
        if first <= at <= last:
            bucket = (at - first) // step
            assert any(one.severity == at % 3 and (one.position - first) // step == bucket for one in spread)
    assert len(spread) <= 3 * most
