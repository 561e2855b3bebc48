"""What every importer is, and what it says when it has ended."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from explorer.application.session import Session
from explorer.projections.runner import Progress, no_progress


class ImportResult(NamedTuple):
    """Every row of the file is counted once: as `used`, `already` there, or `rejected` by reason."""

    source: str
    events: int
    rows: int
    used: int
    already: int
    rejected: Mapping[str, int]
    rejects: Path | None
    """Where the rejected rows are, with line numbers and reasons; None if there are none."""

    def lines(self) -> list[str]:
        """For people."""
        said = [f"{self.source}: {self.events:,} events from {self.used:,} of {self.rows:,} rows."]
        if self.already:
            said.append(f"{self.already:,} rows were there already; they added nothing.")
        said += [f"{count:,} rows rejected: {reason}." for reason, count in self.rejected.items()]
        if self.rejects is not None:
            said.append(f"The rejected rows are in {self.rejects}.")
        return said


class Importer(Protocol):
    """Appends what a file says. Raises BadInput for a file that is not of the format.

    `progress` gets (bytes read, bytes in all) and may raise Cancelled: what was appended stays, and the next import
    of the same file goes on from there.
    """

    def __call__(
        self, session: Session, path: Path, *, rejects: Path, progress: Progress = no_progress
    ) -> ImportResult: ...
