"""Files that come with the program: in the package when installed from a wheel, in `resources/` in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from explorer.errors import Missing


def resource(*parts: str) -> Traversable:
    """A file of the program's own. Raises Missing if the installation lacks it."""
    package = files("explorer")
    for root in (package / "resources", Path(str(package)).parent / "resources"):
        found = root.joinpath(*parts)
        if found.is_file():
            return found
    raise Missing(f"The program's file {'/'.join(parts)} is missing: install it again.")
