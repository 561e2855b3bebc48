"""The sidecar is asked over real sockets, by the well-behaved and by others."""

import json
import re
import socket
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from explorer.errors import BadInput, Busy
from explorer.sidecar.address import Address
from explorer.sidecar.facts import Facts
from explorer.sidecar.telling import PLACES, Teller

PATIENCE = 20.0


@contextmanager
def telling(teller: Teller) -> Generator[Teller]:
    teller.start()
    try:
        yield teller
    finally:
        teller.close()


@pytest.fixture
def facts() -> Facts:
    return Facts(is_keeper=True, head=3, checkpoints={"carts": 3})


@pytest.fixture
def teller(facts: Facts) -> Iterator[Teller]:
    with telling(Teller(Address(), facts, lambda: 0)) as teller:
        yield teller


def connect(teller: Teller) -> socket.socket:
    address = teller.address
    if address.path:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        client.connect(str(address.path))
        return client
    return socket.create_connection((address.host, address.port), PATIENCE)


def ask(teller: Teller, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    client = HTTPConnection("127.0.0.1", teller.address.port, timeout=PATIENCE)
    client.request(method, path, headers=headers)
    response = client.getresponse()
    body = response.read()
    client.close()
    return response, body


def say(teller: Teller, request: bytes) -> bytes:
    """All that is answered to bytes as they are."""
    with connect(teller) as client:
        client.sendall(request)
        return rest(client)


def rest(client: socket.socket) -> bytes:
    said = b""
    while part := client.recv(65_536):
        said += part
    return said


def test_health(teller: Teller, facts: Facts) -> None:
    response, body = ask(teller, "/health")
    assert (response.status, response.getheader("Content-Type")) == (200, "application/json")
    assert json.loads(body)["state"] == "working"
    facts.tell(fault="Event 2 is not what was hashed.")
    response, body = ask(teller, "/health?from=probe")
    assert (response.status, json.loads(body)["ok"]) == (503, False)


def test_metrics(teller: Teller) -> None:
    response, body = ask(teller, "/metrics")
    assert (response.status, response.getheader("Content-Type")) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "event_explorer_head" in {family.name for family in text_string_to_metric_families(body.decode())}


def test_what_there_is(teller: Teller) -> None:
    response, body = ask(teller, "/")
    assert (response.status, response.getheader("Content-Type")) == (200, "text/plain; charset=utf-8")
    assert re.findall(rb"^/\w+", body, re.MULTILINE) == [b"/health", b"/metrics"]


@pytest.mark.parametrize("path", ["/nothing", "/health/", "/../etc/passwd", "http://localhost/health", "*"])
def test_what_there_is_not(teller: Teller, path: str) -> None:
    response, body = ask(teller, path)
    assert (response.status, response.getheader("Content-Type")) == (404, "text/plain; charset=utf-8")
    assert b"/health" in body


def test_headers_that_give_nothing_away(teller: Teller) -> None:
    response, body = ask(teller, "/health")
    headers = dict(response.getheaders())
    assert headers.keys() == {
        "Server", "Date", "Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options", "Connection",
    }  # fmt: skip
    assert headers["Server"] == "event-explorer"
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert int(headers["Content-Length"]) == len(body)


def test_head_is_get_without_the_body(teller: Teller) -> None:
    response, body = ask(teller, "/health", "HEAD")
    _, full = ask(teller, "/health")
    assert (response.status, body, response.getheader("Content-Length")) == (200, b"", str(len(full)))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "FOO"])
def test_nothing_can_be_changed(teller: Teller, method: str) -> None:
    response, _ = ask(teller, "/health", method)
    assert (response.status, response.getheader("Allow")) == (405, "GET, HEAD")


def test_a_body_nobody_wants_does_not_take_the_answer_away(teller: Teller) -> None:
    with connect(teller) as client:
        client.sendall(b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000\r\n\r\n")
        assert rest(client).startswith(b"HTTP/1.0 405 ")
        for _ in range(40):
            client.sendall(b"x" * 1_000)


@pytest.mark.parametrize(
    "hosts", [(), ("evil.example",), ("localhost.evil.example:80",), ("localhost", "evil.example")]
)
def test_a_page_from_elsewhere_cannot_ask(teller: Teller, hosts: tuple[str, ...]) -> None:
    request = "GET /health HTTP/1.1\r\n" + "".join(f"Host: {host}\r\n" for host in hosts) + "\r\n"
    said = say(teller, request.encode())
    assert said.startswith(b"HTTP/1.0 421 ")
    assert b"working" not in said


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:9"])
def test_this_computer_can_ask(teller: Teller, host: str) -> None:
    assert ask(teller, "/health", Host=host)[0].status == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /health HTTP/9.9\r\n\r\n", b"505"),
        (b"GET /health HTTP/x\r\n\r\n", b"400"),
        (b"\xff\xfe \x00 HTTP/1.1\r\n\r\n", b"421"),
        (b"<script> a b c\r\n\r\n", b"400"),
        (b"GET /health\r\n\r\n", b"421"),
        (b"GET /" + b"a" * 10_000, b"431"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 2_000 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"431"),
    ],
)
def test_nonsense_is_answered_in_text(teller: Teller, request_: bytes, status: bytes) -> None:
    said = say(teller, request_)
    assert said.startswith(b"HTTP/1.0 " + status)
    assert b"Content-Type: text/plain; charset=utf-8\r\n" in said
    assert b"Python" not in said


def test_who_says_nothing_or_leaves_is_forgotten(teller: Teller) -> None:
    for request in (b"", b"GET /hea", b"\r\n\r\n"):
        with connect(teller) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            rest(client)
        connect(teller).close()
    assert ask(teller, "/health")[0].status == 200


def test_the_slow_are_cut_off_and_keep_nobody_out(facts: Facts) -> None:
    with telling(Teller(Address(), facts, lambda: 0, patience=1)) as teller:
        slow = [connect(teller) for _ in range(PLACES)]
        for client in slow:
            client.sendall(b"GET /health HT")
        assert ask(teller, "/health")[0].status == 200
        assert [rest(client) for client in slow] == [b""] * len(slow)
        for client in slow:
            client.close()


def test_who_drips_is_cut_off_too(facts: Facts) -> None:
    with telling(Teller(Address(), facts, lambda: 0, patience=0.3)) as teller, connect(teller) as client:
        client.settimeout(0.05)
        said: bytes | None = None
        while said is None:
            try:
                client.sendall(b"x")
                said = client.recv(1)
            except TimeoutError:
                continue
            except ConnectionError:
                said = b""
        assert said == b""


def test_who_does_not_read_or_close_is_cut_off(facts: Facts) -> None:
    with telling(Teller(Address(), facts, lambda: 0, patience=1)) as teller:
        lazy = [connect(teller) for _ in range(PLACES)]
        for client in lazy:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert ask(teller, "/health")[0].status == 200
        for client in lazy:
            client.close()


def test_many_ask_at_once(teller: Teller) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(ask(teller, "/metrics")[0].status)) for _ in range(50)]
    for thread in threads:
        thread.start()
    alive = {thread.name for thread in threading.enumerate() if thread.name.startswith("telling-")}
    assert len(alive) <= PLACES
    for thread in threads:
        thread.join()
    assert statuses == [200] * 50


def test_a_socket_file(facts: Facts, tmp_path: Path) -> None:
    path = tmp_path / "shop"
    with telling(Teller(Address(path=path), facts, lambda: 0)) as teller:
        said = say(teller, b"GET /health HTTP/1.1\r\nHost: whatever.the.proxy.says\r\n\r\n")
        assert said.startswith(b"HTTP/1.0 200 ")
        assert teller.address == Address(path=path)
    assert not path.exists()


def test_the_port_is_free_again_and_the_threads_are_gone(facts: Facts) -> None:
    with telling(Teller(Address(), facts, lambda: 0)) as teller:
        assert ask(teller, "/")[0].status == 200
        with pytest.raises(Busy):
            Teller(teller.address, facts, lambda: 0).start()
    assert "telling" not in {thread.name for thread in threading.enumerate()}
    with telling(Teller(teller.address, facts, lambda: 0)) as again:
        assert again.address == teller.address
    with pytest.raises(ConnectionRefusedError):
        connect(teller)


def test_ipv6(facts: Facts) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with telling(Teller(Address("::1"), facts, lambda: 0)) as teller:
        said = say(teller, f"GET / HTTP/1.1\r\nHost: [::1]:{teller.address.port}\r\n\r\n".encode())
        assert said.startswith(b"HTTP/1.0 200 ")


def test_without_the_library_there_is_health(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(BadInput, match="pip install"):
        Teller(Address(), facts, lambda: 0)
    with telling(Teller(Address(), facts, lambda: 0, with_metrics=False)) as teller:
        assert ask(teller, "/health")[0].status == 200
        response, body = ask(teller, "/metrics")
        assert (response.status, body) == (404, b"Metrics were not asked for when the sidecar was started.\n")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_is_not_hidden_and_the_next_is_answered(teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    said = threading.Event()

    def look(arguments: threading.ExceptHookArgs) -> None:
        seen.append(repr(arguments.exc_value))
        said.set()

    def broken(_: str) -> Callable[[], None]:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(threading, "excepthook", look)
        patch.setattr(teller, "answer", broken)
        assert say(teller, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""
        assert said.wait(PATIENCE)
    assert seen == ["ZeroDivisionError()"]
    assert ask(teller, "/")[0].status == 200
