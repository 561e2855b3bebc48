"""What is taken from the world: the time, ids, names and folders."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.application.outside import (
    Outside,
    cache_folder,
    config_folder,
    data_folder,
    new_id,
    now,
    user_name,
    uuid7,
)


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_an_id_has_the_form_of_rfc_9562_and_keeps_time_and_chance(unix_ms: int, random: bytes) -> None:
    made = uuid7(unix_ms, random)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == unix_ms
    chance = int.from_bytes(random, "big")
    assert made.int >> 64 & 0xFFF == chance >> 64 & 0xFFF
    assert made.int & 2**62 - 1 == chance & 2**62 - 1


def test_the_example_of_rfc_9562() -> None:
    """Appendix A.6."""
    made = uuid7(0x017F22E279B0, bytes.fromhex("0CC3" + "18C4DC0C0C07398F"))
    assert str(made) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_ids_of_a_later_time_sort_behind() -> None:
    assert uuid7(1, b"\xff" * 10) < uuid7(2, bytes(10))


def test_a_new_id_is_of_now_and_like_no_other() -> None:
    before = now() // 1_000
    ids = [new_id() for _ in range(100)]
    after = now() // 1_000
    assert all(before <= made.int >> 80 <= after for made in ids)
    assert len(set(ids)) == 100


def test_a_session_is_wired_with_the_real_clock_and_real_ids_unless_others_are_given() -> None:
    assert Outside() == Outside(now, new_id)


def test_the_user_has_the_name_that_the_system_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ann")
    assert user_name() == "ann"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="numbers of users are a Unix matter")
def test_a_user_whom_the_system_does_not_know_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that is run under any number."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    assert user_name() == "somebody"


def test_the_user_s_folders_are_the_program_s_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CACHE", "DATA", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    assert {folder.name for folder in (cache_folder(), data_folder(), config_folder())} == {"event-explorer"}
    assert not any(tmp_path.iterdir())
