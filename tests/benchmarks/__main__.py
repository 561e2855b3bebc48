"""`python -m tests.benchmarks`: builds the stores, measures, prints the table; exit status 1 if a target is missed."""

import gc
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from pathlib import Path

from explorer.application.arguments import Parser
from tests.benchmarks import (
    beside,
    comparing,
    flooding,
    importing,
    painting,
    peers,
    proving,
    reading,
    rebuilding,
    writing,
)
from tests.benchmarks.bench import Bench, Subject
from tests.benchmarks.stores import SIZES
from tests.benchmarks.table import Row, as_json, exit_status, machine, printed
from tests.benchmarks.timing import seconds

SUBJECTS: dict[str, Subject] = {
    "frames": painting.frames,
    "window": painting.window,
    "answers": reading.answers,
    "states": reading.states,
    "search": reading.search,
    "comparing": comparing.comparing,
    "size": rebuilding.size,
    "append": writing.append,
    "catchup": writing.catchup,
    "import": importing.imports,
    "hashing": proving.hashing,
    "verify": proving.verifying,
    "proofs": proving.proofs,
    "rebuild": rebuilding.rebuild,
    "memory": rebuilding.memory,
    "lag": beside.lag,
    "idle": beside.idle,
    "company": beside.company,
    "backup": beside.backup,
    "flood": flooding.flood,
    "peers": peers.peers,
}
PICTURE = "frames.png"
LEAST = 1_000
"""Events of a store that has carts in it."""


def parser() -> Parser:
    made = Parser(prog="python -m tests.benchmarks", description=__doc__)
    made.add_argument("--events", type=_at_least(LEAST), metavar="N", help="the largest store; else 1 and 10 million")
    made.add_argument("--json", type=_new_file, metavar="FILE", help="write all figures and the machine's as JSON")
    made.add_argument("--only", nargs="+", choices=SUBJECTS, metavar="NAME", help=f"of {', '.join(SUBJECTS)}")
    made.add_argument("--retail", type=_folder_of_csv, metavar="DIR", help="a folder of real Online Retail csv files")
    made.add_argument("--samples", type=_at_least(1), default=300, metavar="N", help="of what is sampled (default 300)")
    made.add_argument("--seed", type=int, default=1, metavar="N")
    made.add_argument("--generous", action="store_true", help="fail only if something did not run, or was far too slow")
    made.add_argument("--picture", type=_new_file, metavar="FILE", help="where to draw the growth")
    return made


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise ArgumentTypeError(f"{text!r} is not a whole number of at least {least:,}")
        return int(text)

    return number


def _new_file(text: str) -> Path:
    """Looked at before minutes of measuring, not after."""
    path = Path(text)
    if not path.absolute().parent.is_dir():
        raise ArgumentTypeError(f"there is no folder {path.parent} to write {path.name} in")
    return path


def _folder_of_csv(text: str) -> Path:
    if not any(Path(text).glob("*.csv*")):
        raise ArgumentTypeError(f"{text} has no csv files of Online Retail")
    return Path(text)


def sizes_of(events: int | None) -> tuple[int, ...]:
    """A large store is measured next to a small one."""
    if events is None:
        return SIZES
    return (SIZES[0], events) if events > SIZES[0] else (events,)


def measured(bench: Bench, names: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        gc.collect()  # what a subject leaves behind is not the next one's business
        took = seconds(lambda name=name: rows.extend(SUBJECTS[name](bench)))
        bench.say(f"{name}: {took:.1f} s")
    return rows


def main(arguments: Sequence[str] | None = None, within: Path | None = None) -> int:
    """`within` is where the stores are, instead of the user's cache folder."""
    given = parser().parse_args(arguments)
    bench = Bench(sizes_of(given.events), given.samples, given.seed, _say, retail=given.retail)
    if within is not None:
        bench = Bench(bench.sizes, bench.samples, bench.seed, _say, within, given.retail)
    rows, about = measured(bench, given.only or list(SUBJECTS)), machine()
    print(f"\n{', '.join(f'{name} {value}' for name, value in about.items())}\n\n{printed(rows)}")
    if given.json is not None:
        given.json.write_bytes(as_json(rows, about))
    if any(row.subject in {"frames", "answers"} and row.figure is not None for row in rows):
        from tests.benchmarks.plot import draw

        picture = given.picture or bench.within / PICTURE
        draw(rows, picture)
        print(f"\nThe growth as a picture: {picture}")
    return exit_status(rows, generous=given.generous)


def _say(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
