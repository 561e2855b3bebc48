"""The sidecar answers: `/health` for people and probes, `/metrics` for Prometheus, on this computer only.

Whoever asks is given little: 8 KiB for a request, five seconds for all of it, and one of a few places.
"""

import json
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from threading import BoundedSemaphore, Event, Thread
from time import monotonic
from typing import Any, NamedTuple

from explorer.application.outside import Clock
from explorer.sidecar import metrics
from explorer.sidecar.address import Address, is_local, listen
from explorer.sidecar.facts import Facts
from explorer.sidecar.health import health

PLACES = 8
"""Clients served at once; the others wait."""
PATIENCE = 5.0
"""Seconds in which a client must have asked, read the answer and gone."""
_LARGEST = 8_192
"""Bytes of a request."""
_UNREAD = 65_536
"""Bytes of a body nobody wants that are taken before the connection is cut."""
_PAUSE = 0.2
"""Seconds, when the system has no file or thread to spare for a client."""
_TEXT = "text/plain; charset=utf-8"
_INDEX = "/health   whether all is well, as JSON; status 503 if not\n/metrics  for Prometheus\n"


class Answer(NamedTuple):
    status: HTTPStatus
    kind: str
    body: bytes


class Teller:
    """Answers from `facts` in threads of its own, from `start` to `close`.

    Without metrics it needs no extra library; with them BadInput is raised if that is missing. `start` raises
    KnownError where the address cannot be had.
    """

    def __init__(
        self, address: Address, facts: Facts, clock: Clock, *, with_metrics: bool = True, patience: float = PATIENCE
    ) -> None:
        self._address, self._facts, self._clock, self._patience = address, facts, clock, patience
        self._metrics = metrics.exposition(facts) if with_metrics else None
        self._places = BoundedSemaphore(PLACES)
        self._closing = Event()

    @property
    def address(self) -> Address:
        """Where it listens; with the port that was free, once it is started."""
        return self._address

    def start(self) -> None:
        self._listener, self._address, self._forget = listen(self._address)
        self._thread = Thread(target=self._accept, name="telling", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends listening and removes the socket's file. Who is being answered is answered."""
        self._closing.set()
        with suppress(OSError):  # only Linux wakes accept by this
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(2 * _PAUSE)
        self._listener.close()
        self._forget()

    def answer(self, path: str) -> Answer:
        """What is told at a path."""
        if path == "/":
            return _text(HTTPStatus.OK, _INDEX)
        if path == "/health":
            found = health(self._facts.told, self._clock())
            status = HTTPStatus.OK if found.ok else HTTPStatus.SERVICE_UNAVAILABLE
            return Answer(status, "application/json", json.dumps(found.document, indent=1).encode() + b"\n")
        if path == "/metrics":
            if self._metrics:
                return Answer(HTTPStatus.OK, metrics.CONTENT_TYPE, self._metrics())
            return _text(HTTPStatus.NOT_FOUND, "Metrics were not asked for when the sidecar was started.\n")
        return _text(HTTPStatus.NOT_FOUND, f"There is nothing here. There is:\n{_INDEX}")

    def _accept(self) -> None:
        while not self._closing.is_set():
            if not self._places.acquire(timeout=_PAUSE):
                continue
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed; or the system has no file to spare
                self._places.release()
                self._closing.wait(_PAUSE)
                continue
            try:
                Thread(target=self._serve, args=(connection,), name="telling-one", daemon=True).start()
            except RuntimeError:  # no thread to spare: the client may ask again
                connection.close()
                self._places.release()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                _Request(connection, self.answer, monotonic() + self._patience, is_tcp=not self._address.path)
        finally:
            self._places.release()


def _text(status: HTTPStatus, words: str) -> Answer:
    return Answer(status, _TEXT, words.encode())


class _Gone(Exception):
    """The client left, or took too long."""


class _Request(BaseHTTPRequestHandler):
    """Reads one request whole, answers it whole, and waits for the client to go. All of it ends by a deadline."""

    default_request_version = "HTTP/1.0"

    def __init__(
        self, connection: socket.socket, answer: Callable[[str], Answer], deadline: float, *, is_tcp: bool
    ) -> None:
        self._answer, self._deadline, self._is_tcp = answer, deadline, is_tcp
        no_server: Any = None
        with suppress(_Gone):
            super().__init__(connection, ("", 0), no_server)

    def setup(self) -> None:
        self.connection = self.request
        self.rfile, self._answered = BytesIO(), BytesIO()
        self.wfile = self._answered

    def handle(self) -> None:
        head = self._read()
        self.rfile = BytesIO(head)
        self.raw_requestline = self.rfile.readline(_LARGEST)
        if len(head) > _LARGEST and not _is_whole(head):
            self.command, self.request_version = "", self.default_request_version
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self.parse_request():
            self._respond()
        self._part()

    def finish(self) -> None:
        """Nothing: what was not sent by a handler that failed is not sent."""

    def _respond(self) -> None:
        hosts = self.headers.get_all("Host", [])
        if self._is_tcp and not (len(hosts) == 1 and is_local(hosts[0])):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "Ask by the name localhost, 127.0.0.1 or [::1].")
        elif self.command not in {"GET", "HEAD"}:
            self._send(_text(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD.\n"), allow="GET, HEAD")
        else:
            self._send(self._answer(self.path.partition("?")[0]))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Is called for requests that cannot be parsed, too; in words, not in HTML."""
        status = HTTPStatus(code)
        self._send(_text(status, f"{message or status.phrase}\n"))

    def _send(self, answer: Answer, allow: str = "") -> None:
        self.send_response_only(answer.status)
        for name, value in {
            "Server": "event-explorer",
            "Date": self.date_time_string(),
            "Content-Type": answer.kind,
            "Content-Length": str(len(answer.body)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Connection": "close",
            **({"Allow": allow} if allow else {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _read(self) -> bytes:
        """The request without its body; or, if it is too large, more than _LARGEST."""
        head = b""
        while len(head) <= _LARGEST and not _is_whole(head):
            part = self._receive(_LARGEST + 1 - len(head))
            if not part:
                break
            head += part
        return head

    def _part(self) -> None:
        """Sends, and reads what the client still says: to close before would take the answer away from it."""
        with self._in_time():
            self.connection.sendall(self._answered.getvalue())
            self.connection.shutdown(socket.SHUT_WR)
        unread = _UNREAD
        while unread > 0 and (part := self._receive(unread)):
            unread -= len(part)

    def _receive(self, most: int) -> bytes:
        with self._in_time():
            return self.connection.recv(most)

    @contextmanager
    def _in_time(self) -> Generator[None]:
        try:
            left = self._deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
            yield
        except OSError as error:
            raise _Gone from error


def _is_whole(head: bytes) -> bool:
    return b"\r\n\r\n" in head or b"\n\n" in head
