"""`event-explorer sidecar STORE`: arguments, signals, and the process's end."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from logging import Logger
from pathlib import Path
from threading import Thread

from explorer.application import outside
from explorer.application.arguments import Parser
from explorer.errors import BadInput, KnownError
from explorer.sidecar.address import parse_address
from explorer.sidecar.facts import Facts
from explorer.sidecar.logs import LEVELS, close, logger
from explorer.sidecar.running import Sidecar, Wanted
from explorer.sidecar.supervisor import Hung
from explorer.sidecar.telling import Teller

HUNG = 70
"""Exit status of a process that ended itself since a task of it hung (EX_SOFTWARE of sysexits.h)."""


def run(arguments: Sequence[str]) -> int:
    """Runs until it is stopped by SIGTERM or SIGINT; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options, logger(options.log_level, options.log or sys.stderr))
    except KnownError as error:
        # Nothing has begun, so somebody is there to read it.
        print(f"{outside.NAME} sidecar: {error}", file=sys.stderr)  # noqa: T201 - a command's voice
        return 1


def _run(options: argparse.Namespace, log: Logger) -> int:
    facts = Facts(started_at=outside.now())
    teller = None if options.listen is None else _teller(options.listen, facts, log)
    sidecar = Sidecar(
        Wanted(options.store.absolute(), options.cache, options.backups, options.backup_every), facts, log, teller
    )
    stop_on_signals(sidecar)
    if options.until_eof:
        Thread(target=partial(_stop_at_end, sidecar), name="standard input", daemon=True).start()
    with ExitStack() as stack:
        stack.callback(close, log)
        try:
            sidecar.run()
        except Hung as error:
            # A thread cannot be ended but with its process; who started us, or the standby, begins anew.
            log.critical("ends itself", extra={"fields": {"reason": str(error)}})
            _end_at_once(log)
        log.info("stopped")
    return 0


def _teller(address: str, facts: Facts, log: Logger) -> Teller:
    """With metrics if what makes them is installed; health needs nothing."""
    where = parse_address(address)
    try:
        return Teller(where, facts, outside.now)
    except BadInput as error:
        log.warning("tells no metrics", extra={"fields": {"reason": str(error)}})
        return Teller(where, facts, outside.now, with_metrics=False)


def stop_on_signals(sidecar: Sidecar) -> None:
    """SIGTERM and SIGINT stop it in good order."""

    def stop(number: int, frame: object) -> None:
        del number, frame
        sidecar.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _stop_at_end(sidecar: Sidecar) -> None:
    """Where there is no standard input, it has ended."""
    # Not through `sys.stdin.buffer`, whose lock the interpreter wants when it ends: it would abort the process.
    while sys.stdin is not None and os.read(sys.stdin.fileno(), 1_024):
        pass
    sidecar.stop()


def _end_at_once(log: Logger) -> None:
    for handler in log.handlers:
        handler.flush()
    os._exit(HUNG)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=f"{outside.NAME} sidecar",
        description="Keep a store's read models fresh, watch over its log and back it up, beside whoever writes to it.",
    )
    parser.add_argument("store", type=Path, metavar="STORE", help="the event store's file; it is only read")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where the read models are kept")
    parser.add_argument("--backups", type=Path, metavar="FOLDER", help="where to keep backups; default: none are made")
    parser.add_argument(
        "--backup-every",
        type=_seconds,
        default=3_600.0,
        metavar="SECONDS",
        help="default: 3600; only if something came",
    )
    parser.add_argument(
        "--listen", metavar="ADDRESS", help="tell health and metrics at 127.0.0.1:PORT, [::1]:PORT or unix:/path"
    )
    parser.add_argument("--log-level", choices=LEVELS, default="info", help="default: info")
    parser.add_argument("--log", type=Path, metavar="FILE", help="where to log to instead of standard error")
    parser.add_argument("--until-eof", action="store_true", help="stop when standard input ends, with its starter")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds") from error
    if not 1 <= seconds <= 366 * 86_400:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {366 * 86_400:,}")
    return seconds
