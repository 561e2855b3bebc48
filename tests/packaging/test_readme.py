"""The README is true: its commands are run, its files are there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line]


def test_the_readme_has_both_commands() -> None:
    assert "sh packaging/run.sh" in COMMANDS
    assert "sh packaging/test.sh" in COMMANDS


@pytest.mark.parametrize("script", ["run.sh", "test.sh", "setup.sh"])
def test_the_scripts_are_plain_shell(script: str) -> None:
    done = subprocess.run(
        ["sh", "-n", str(ROOT / "packaging" / script)], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr


def test_wrong_use_of_the_test_script_is_told() -> None:
    done = subprocess.run(
        ["sh", str(ROOT / "packaging" / "test.sh"), "frobnicate"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_every_command_of_the_readme_does_what_it_says(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "QT_QPA_PLATFORM": "offscreen"}
    ran = 0
    for line in COMMANDS:
        program, *arguments = shlex.split(line)
        if program == "event-explorer":
            done = subprocess.run(
                [sys.executable, "-m", "explorer", *arguments],
                cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
            told = [said for said in done.stderr.splitlines() if not said.startswith("Money in minor units: ")]
            assert (done.returncode, told) == (0, []), line
            ran += 1
        else:
            assert (program, (ROOT / arguments[0]).is_file()) == ("sh", True), line
    assert ran >= 5
    assert (tmp_path / "audit.html").stat().st_size > 10_000


def test_every_file_that_the_readme_shows_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_the_pins_name_no_address() -> None:
    pins = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin)] == []
