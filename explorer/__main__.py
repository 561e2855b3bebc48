"""Picks a face: the sidecar or the command line where a command is named, else the window."""

import sys
from io import TextIOWrapper

COMMANDS = frozenset({
    "demo", "import", "events", "state", "diff", "blame", "restore", "undo", "find", "rules", "findings", "what-if",
    "repair", "bookmarks", "causes", "rebuild", "protect", "erase", "report", "verify", "checkpoint", "key",
    "verify-proof", "backup", "restore-backup", "salvage", "-h", "--help", "--version",
})  # fmt: skip
"""What the command line answers to. Said here too, so that a window starts without loading the command line."""


def main() -> int:
    """The exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Where the terminal or the file has no such sign, it is written out: nothing ends for want of an arrow.
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:]
    if arguments and arguments[0] in COMMANDS:
        from explorer.cli import run  # noqa: PLC0415

        return run(arguments)
    if arguments and arguments[0] == "sidecar":
        from explorer.sidecar.command import run as run_beside  # noqa: PLC0415

        return run_beside(arguments[1:])
    from explorer.launcher import launch  # noqa: PLC0415

    return launch(arguments)


if __name__ == "__main__":
    sys.exit(main())
