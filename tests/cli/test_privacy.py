"""`protect` and `erase`, as a user runs them."""

import json
from pathlib import Path

import pytest

from explorer.cli import run


class Cli:
    """Runs commands with a cache of their own; `said` and `error` are what the last one wrote."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._cache, self._capsys = folder / "cache", capsys
        self.error = ""

    def __call__(self, *arguments: str, status: int = 0) -> str:
        self._capsys.readouterr()
        assert run([*arguments, "--cache", str(self._cache)]) == status
        said = self._capsys.readouterr()
        self.error = said.err
        return said.out


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, capsys)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "shop.events")


def customer_of(cli: Cli, store: str, stream: str) -> str:
    return json.loads(cli("state", store, "--stream", stream, "--json"))["state"]["customer"]


def test_a_customer_of_a_protected_demo_is_erased_by_name(cli: Cli, store: str) -> None:
    cli("demo", store, "--events", "60", "--protect-personal-data")
    first = json.loads(cli("events", store, "--type", "CartOpened", "--limit", "1", "--json"))
    name = first["data"]["customer"]
    assert customer_of(cli, store, first["stream"]) == name
    words = cli("erase", store, "--subject", name, "--reason", "asked by letter", "--actor", "office")
    assert "is destroyed: the personal texts of" in words
    assert customer_of(cli, store, first["stream"]) == "⟨erased⟩"
    last = json.loads(cli("events", store, "--type", "SubjectErased", "--json"))
    assert last["stream"] == "privacy-1"
    assert last["data"]["key"] in words
    assert (last["metadata"]["actor"], last["metadata"]["reason"]) == ("office", "asked by letter")
    assert name not in cli("events", store) + cli("state", store, "--at", "60")
    cli("erase", store, "--subject", name, status=1)
    assert "or it is erased already" in cli.error
    assert cli.error.count("\n") == 1


def test_protection_is_switched_on_for_a_new_store_and_for_an_old_one_from_then_on(cli: Cli, store: str) -> None:
    assert "from now on" in cli("protect", store)
    assert "protected already" in cli("protect", store)
    old = store.replace("shop", "old")
    cli("demo", old, "--events", "20")
    first = json.loads(cli("events", old, "--type", "CartOpened", "--limit", "1", "--json"))
    cli("erase", old, "--stream", first["stream"], status=1)
    assert f"'event-explorer protect {old}'" in cli.error
    cli("protect", old)
    cli("erase", old, "--stream", first["stream"], status=1)
    assert "is stored encrypted, so nothing can be erased" in cli.error


def test_who_is_to_be_erased_must_be_said_in_one_way(cli: Cli, store: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--subject", "Jane", "--stream", "cart-1"]):
        with pytest.raises(SystemExit) as stopped:
            cli("erase", store, *words)
        assert stopped.value.code == 2
        assert "--subject" in capsys.readouterr().err
