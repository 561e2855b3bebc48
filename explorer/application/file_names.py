"""Names of files that are made from names in a log, which may be anything."""

import re

LONGEST = 80
_RESERVED = re.compile(r"(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE | re.DOTALL)
"""Devices to Windows, whatever their ending."""


def file_name(text: str, ending: str = "") -> str:
    """A name of [A-Za-z0-9._-], at most LONGEST long with its ending, that is a file in every folder and system.

    It is no path, is not hidden, is no option of a command, and no device; `file` if nothing of the text can be kept.
    """
    room = LONGEST - len(ending)
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", text[: 4 * LONGEST]).lstrip(".-")[:room].rstrip(".-")
    if _RESERVED.fullmatch(kept):
        kept = f"file-{kept}"[:room]
    return (kept or "file") + ending
