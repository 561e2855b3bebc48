"""Where the sidecar may be asked: a port of this computer's own, or a socket file for its user alone."""

import errno
import os
import re
import socket
import stat
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from explorer.errors import BadInput, Busy, KnownError, ReadOnly

if sys.platform != "win32":
    import fcntl

_HOSTS = {"127.0.0.1": "127.0.0.1", "[::1]": "::1", "localhost": "127.0.0.1"}
_UNIX = "unix:"
_LONGEST = 107 if sys.platform == "linux" else 103
"""Bytes of a socket's path; the system's limit."""
_WAITING = 64
"""Clients that may wait to be served."""


@dataclass(frozen=True, slots=True)
class Address:
    """A port of 127.0.0.1 or ::1, 0 for any that is free; or, where there is a `path`, that of a socket file."""

    host: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None

    def __str__(self) -> str:
        if self.path:
            return f"{_UNIX}{self.path}"
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """`PORT`, `127.0.0.1:PORT`, `localhost:PORT`, `[::1]:PORT` or `unix:/path`. Raises BadInput for any other."""
    if text.startswith(_UNIX):
        return Address(path=_socket_path(text.removeprefix(_UNIX)))
    host, colon, port = text.rpartition(":")
    host = host.lower() if colon else "127.0.0.1"
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65_535:
        raise BadInput(f"{text!r} names no port; write a number up to 65535, 127.0.0.1:PORT or unix:/path.")
    if host not in _HOSTS:
        raise BadInput(
            f"{text!r} is not an address of this computer's own, and only this computer may ask the sidecar. "
            "Write 127.0.0.1:PORT, or unix:/path and put a proxy in front of the socket."
        )
    return Address(_HOSTS[host], int(port))


def is_local(host: str) -> bool:
    """Whether a Host header means this computer. A page that a browser got elsewhere cannot send such a one."""
    name, colon, port = host.strip().lower().rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        name = host.strip().lower()
    return name in _HOSTS


def _socket_path(text: str) -> Path:
    if not text.startswith("/") or "\0" in text or text.endswith("/"):
        raise BadInput(f"{_UNIX}{text} names no socket; write the whole path of a file, like unix:/run/user/1000/shop.")
    if len(os.fsencode(text)) > _LONGEST:
        raise BadInput(f"The path of a socket has {_LONGEST} bytes at most; {text} is longer. Choose a shorter one.")
    return Path(text)


def listen(address: Address) -> tuple[socket.socket, Address, Callable[[], None]]:
    """A socket that listens, where it does, and what to call when it is closed. Raises KnownError."""
    if address.path:
        listener, forget = _listen_at(address.path)
        return listener, address, forget
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.listen(_WAITING)
    except OSError as error:
        listener.close()
        raise _refusal(address, error) from error
    return listener, Address(address.host, listener.getsockname()[1]), lambda: None


def _refusal(address: Address, error: OSError) -> KnownError:
    if error.errno == errno.EADDRINUSE:
        return Busy(f"Port {address.port} is in use by another program. Choose another one, or 0 for any that is free.")
    return BadInput(f"{address} cannot be listened at: {error.strerror}. Choose another address.")


def _listen_at(path: Path) -> tuple[socket.socket, Callable[[], None]]:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _alone(path.parent):
            _clear_away(path)
            if sys.platform == "linux":
                os.fchmod(listener.fileno(), 0o600)  # the file gets the mode of the socket
            listener.bind(os.fspath(path))
            if sys.platform != "linux":
                path.chmod(0o600)  # nobody can connect before listen
            listener.listen(_WAITING)
            made = path.lstat()
    except OSError as error:
        listener.close()
        raise ReadOnly(f"No socket can be made at {path}: {error.strerror}. Choose a folder of your own.") from error
    except KnownError:
        listener.close()
        raise

    def forget() -> None:
        """Removes the file, unless it is another one by now."""
        try:
            if os.path.samestat(made, path.lstat()):
                path.unlink()
        except OSError:
            pass  # gone already, or its folder is not ours any more

    return listener, forget


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Of two that find the same rest of a dead process, the second must not remove the first one's socket."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"Another program is busy in {folder}. Try again.") from error
        yield
    finally:
        os.close(descriptor)


def _clear_away(path: Path) -> None:
    """Removes a socket that nobody listens at any more. Raises BadInput or Busy for anything else that is there."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise BadInput(f"{path} is there already and is no socket. It was not touched; choose another path.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.settimeout(1)
        try:
            other.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except (BlockingIOError, TimeoutError):
            pass  # too many wait there: it lives
    raise Busy(f"Another program listens at {path}. Choose another path, or end that one.")
