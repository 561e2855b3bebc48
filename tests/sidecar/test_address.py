"""Where the sidecar may be asked, and where not."""

import os
import socket
import stat
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import BadInput, Busy, KnownError, ReadOnly
from explorer.sidecar.address import Address, is_local, listen, parse_address


@contextmanager
def listening(address: Address) -> Generator[Address]:
    listener, found, forget = listen(address)
    with closing(listener):
        yield found
    forget()


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("9100", Address("127.0.0.1", 9100), "http://127.0.0.1:9100"),
        ("0", Address("127.0.0.1", 0), "http://127.0.0.1:0"),
        ("127.0.0.1:9100", Address("127.0.0.1", 9100), "http://127.0.0.1:9100"),
        ("LocalHost:9100", Address("127.0.0.1", 9100), "http://127.0.0.1:9100"),
        ("[::1]:65535", Address("::1", 65_535), "http://[::1]:65535"),
        ("unix:/run/shop", Address(path=Path("/run/shop")), "unix:/run/shop"),
    ],
)
def test_an_address(text: str, address: Address, shown: str) -> None:
    assert parse_address(text) == address
    assert str(address) == shown


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0:9100", "[::]:9100", ":9100", "::1:9100", "192.168.1.2:9100", "example.com:9100", "127.0.0.2:9100",
        "localhost.example.com:9100", "localhost.:9100", "127.1:9100", "[::ffff:127.0.0.1]:9100", "*:9100", "@x:1",
        "http://127.0.0.1:9100",
    ],
)  # fmt: skip
def test_only_this_computer_may_ask(text: str) -> None:
    with pytest.raises(BadInput, match="put a proxy in front of the socket"):
        parse_address(text)


@pytest.mark.parametrize("text", ["", "localhost", "127.0.0.1:", "127.0.0.1:65536", "-1", "127.0.0.1:٣", "80 ", "8_0"])
def test_no_port(text: str) -> None:
    with pytest.raises(BadInput, match="names no port"):
        parse_address(text)


@pytest.mark.parametrize("text", ["unix:", "unix:shop", "unix:@shop", "unix:/a\0b", "unix:/run/", "unix://"])
def test_no_socket(text: str) -> None:
    with pytest.raises(BadInput, match="names no socket"):
        parse_address(text)


def test_a_path_that_is_too_long() -> None:
    assert parse_address("unix:/" + "a" * 102).path
    with pytest.raises(BadInput, match="bytes at most"):
        parse_address("unix:/" + "ä" * 60)


@given(st.text())
def test_whatever_is_written_is_here_or_refused(text: str) -> None:
    try:
        address = parse_address(text)
    except BadInput:
        return
    assert address.path or address.host in {"127.0.0.1", "::1"}


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:9100", "[::1]", "[::1]:9100"])
def test_a_host_that_is_this_computer(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:9100", "localhost.evil.example", "localhost:80:80", "::1", "localhost:x"]
)
def test_a_host_that_is_another(host: str) -> None:
    assert not is_local(host)


def test_a_port_in_use() -> None:
    with listening(Address()) as address:
        assert address.port
        with pytest.raises(Busy, match=f"Port {address.port} is in use"):
            listen(address)
    with listening(address) as again:
        assert again == address


def test_a_socket_is_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    before = os.umask(0)
    try:
        with listening(Address(path=path)):
            assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    finally:
        os.umask(before)
    assert not path.exists()


def test_the_rest_of_a_dead_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(path))
    with listening(Address(path=path)), closing(socket.socket(socket.AF_UNIX)) as client:
        client.connect(str(path))


def test_who_lives_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    with listening(Address(path=path)):
        made = path.lstat()
        with pytest.raises(Busy, match="Another program listens at"):
            listen(Address(path=path))
        assert os.path.samestat(made, path.lstat())


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    path.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    for other in (path, link, tmp_path):
        with pytest.raises(BadInput, match="is no socket"):
            listen(Address(path=other))
    assert path.read_text() == "mine"
    assert link.is_symlink()


def test_anothers_socket_is_not_removed_on_closing(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    with listening(Address(path=path)):
        path.unlink()
        path.write_text("another's")
    assert path.read_text() == "another's"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="Choose a folder of your own"):
        listen(Address(path=tmp_path / "none" / "shop"))


def test_of_many_at_once_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "shop"
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(path))
    won: list[socket.socket] = []
    lost: list[KnownError] = []

    def contend() -> None:
        try:
            won.append(listen(Address(path=path))[0])
        except KnownError as error:
            lost.append(error)

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert all(isinstance(error, Busy) for error in lost)
    with closing(won[0]), closing(socket.socket(socket.AF_UNIX)) as client:
        client.connect(str(path))
