"""One target under atheris, guided by coverage, in a process of its own: `python -m tests.fuzz.run TARGET SECONDS DIR`.

The last line on standard error tells the number of runs; a status other than 0 is an exception that is not known.
"""

import sys
from pathlib import Path
from typing import Any

import atheris  # pyright: ignore[reportMissingTypeStubs]

fuzzer: Any = atheris


def main() -> None:
    name, seconds, folder = sys.argv[1:]
    with fuzzer.instrument_imports(include=["explorer"]):
        from tests.fuzz.targets import CORPUS, TARGETS

    corpus = Path(folder)
    for number, seed in enumerate(CORPUS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        "-timeout=5",
        "-rss_limit_mb=2048",
        "-max_len=4096",
        "-print_final_stats=1",
    ]
    fuzzer.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", folder], TARGETS[name])
    fuzzer.Fuzz()


if __name__ == "__main__":
    main()
