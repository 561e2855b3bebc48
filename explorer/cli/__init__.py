"""The command line: the same use cases as the window, without importing Qt.

Errors are one line on standard error; the exit status is 2 for wrong use, 1 for a known failure and 3 where
what was asked for was done and found something lost. `find` answers as grep does: 1 is nowhere, 2 every failure.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from explorer.application.arguments import Parser
from explorer.cli import comparison, evidence, finding, history, investigation, notes, privacy, recovery, what_if
from explorer.cli.speaking import PROGRAM, Unsaid, complain, finish, marked, safe
from explorer.errors import KnownError
from explorer.language.syntax import NotUnderstood


def run(arguments: Sequence[str]) -> int:
    """Carries out one command; the exit status."""
    options = _parser(arguments).parse_args(arguments)
    try:
        act: Callable[[argparse.Namespace], int | None] = options.act
        status = act(options)
        finish()
    except KnownError as error:
        _tell(error, options)
        return getattr(options, "failed", 1)
    except KeyboardInterrupt:
        complain("stopped.")
        return 130
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it flushes at exit.
        sys.stdout = None  # type: ignore[assignment]
        return 0
    return status or 0


def _tell(error: KnownError, options: argparse.Namespace) -> None:
    """One line of what went wrong; what was done before its answer could not be written comes first."""
    if isinstance(error, NotUnderstood):
        complain(f"{safe(str(error))}\n{marked(error)}")
        return
    if isinstance(error, Unsaid):
        # Python would try to write it once more at exit.
        sys.stdout = None  # type: ignore[assignment]
    done = getattr(options, "done", "") if isinstance(error, Unsaid) else ""
    complain(" ".join(f"{done} {error}".split()))


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = Parser(
        prog=PROGRAM,
        description="Look at everything that ever happened in an event store. Without a command: the window.",
        epilog=f"{PROGRAM} [STORE] opens the window on a store, or on the demo store of the user's data folder. "
        f"{PROGRAM} sidecar STORE keeps its read models fresh, verifies it and backs it up, beside whoever writes.",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {version(PROGRAM)}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (about, describe) in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("--cache", type=Path, metavar="FOLDER", help="where the read models are kept")
        if name in arguments[:1]:
            # Only what is needed is imported: each command starts as fast as it can.
            describe(command)
    return parser


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "demo": ("Let seeded shoppers fill a store with history.", history.demo_options),
    "import": ("Append what files of another system say.", history.import_options),
    "events": ("List events.", history.events_options),
    "state": ("Show one stream's state at a version, or the whole shop at a moment.", history.state_options),
    "diff": ("Show what differs between two moments, or two versions of a stream.", comparison.diff_options),
    "blame": ("Show which event set each field of a stream's state.", investigation.blame_options),
    "restore": ("Bring a stream back to an earlier state, by new events.", investigation.restore_options),
    "undo": ("Take back what one event did, by new events.", investigation.undo_options),
    "find": ("Find where a condition on a state becomes true.", finding.find_options),
    "rules": ("List the rules that states are watched by, set one or retire one.", finding.rules_options),
    "findings": ("Watch the log by its rules, and list what they find.", finding.findings_options),
    "what-if": ("Show what would be, had events of a stream not happened, or others.", what_if.what_if_options),
    "repair": ("Repair many streams at once: by one command, or by undoing events.", what_if.repair_options),
    "bookmarks": ("List bookmarks with their notes, set one or remove one.", notes.bookmarks_options),
    "causes": ("Show what led to an event and what followed from it.", notes.causes_options),
    "rebuild": ("Build the read models anew from the events.", history.rebuild_options),
    "protect": ("Store personal data encrypted from now on, so that they can be erased.", privacy.protect_options),
    "erase": ("Erase what a store holds about a person.", privacy.erase_options),
    "report": ("Write an audit report, or a bundle that can be checked without this program.", evidence.report_options),
    "verify": ("Check every hash of a log, and that it continues what was signed.", evidence.verify_options),
    "checkpoint": ("Sign the log as it is now.", evidence.checkpoint_options),
    "key": (
        "Show the public key that signs, or put a new one in its place.",
        evidence.key_options,
    ),
    "verify-proof": ("Check a Merkle proof or a signed note.", evidence.proof_options),
    "backup": ("Write a verified copy of a store to a folder.", recovery.backup_options),
    "restore-backup": ("Put a backup in a store's place.", recovery.restore_options),
    "salvage": ("Write what is intact of a damaged store to a new one.", recovery.salvage_options),
}
"""Name → what it does, and what adds its options; those set `act`, which carries it out."""
