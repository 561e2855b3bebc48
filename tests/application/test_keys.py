"""Signing keys: made once, private to their owner, rotated without invalidating what they signed."""

import os
import stat
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from explorer.application import outside
from explorer.application.keys import VARIABLE, known_keys, rotate, signing_key
from explorer.errors import BadInput, KnownError, Missing, ReadOnly

STORE = UUID(int=7)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_the_users_key_is_made_on_first_use_for_nobody_else_and_is_the_same_ever_after() -> None:
    assert known_keys(STORE) == []
    key = signing_key()
    assert key.path.is_relative_to(outside.data_folder())
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.path.parent.stat().st_mode) & 0o077 == 0
    assert signing_key().public == key.public
    assert known_keys(STORE) == [key.key(STORE)]
    assert [path.name for path in key.path.parent.iterdir()] == ["signing.pem"]


def test_a_key_is_found_where_the_environment_or_the_caller_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = signing_key()
    elsewhere = tmp_path / "elsewhere.pem"
    elsewhere.write_bytes(mine.path.read_bytes())
    elsewhere.chmod(0o600)
    rotate()
    monkeypatch.setenv(VARIABLE, str(elsewhere))
    assert signing_key().public == mine.public
    monkeypatch.delenv(VARIABLE)
    assert signing_key(elsewhere).public == mine.public != signing_key().public


def test_a_rotation_keeps_the_public_half_only() -> None:
    first = signing_key()
    second = rotate()
    third = rotate()
    assert third.retired == (second.public, first.public)
    assert [key.public for key in known_keys(STORE)] == [third.public, second.public, first.public]
    private = first.private.private_bytes_raw()
    for path in first.path.parent.iterdir():
        assert private not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="rights are told otherwise there")
def test_a_key_that_others_can_read_is_refused() -> None:
    path = signing_key().path
    path.chmod(0o640)
    with pytest.raises(ReadOnly, match="chmod 600"):
        signing_key()


def pem_of_another_kind() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("data", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n", None])
def test_what_is_no_key_is_refused_in_words(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem_of_another_kind() if data is None else data)
    path.chmod(0o600)
    with pytest.raises(BadInput, match="key"):
        signing_key(path)


def test_a_named_key_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="cannot be read"):
        signing_key(tmp_path / "none.pem")


@pytest.mark.parametrize("text", ["zz", "00" * 31, "ü"])
def test_a_list_of_retired_keys_that_is_none_is_told(text: str) -> None:
    path = signing_key().path
    path.with_name(f"{path.name}.retired").write_text(text, encoding="utf-8")
    with pytest.raises(KnownError, match="public keys"):
        signing_key()
