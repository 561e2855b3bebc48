"""The sidecar on a server: what of `packaging/sidecar` can be held against the rest without containers or a systemd.

`packaging/sidecar/try.sh` runs it for real.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
SIDECAR = ROOT / "packaging" / "sidecar"
UNIT = SIDECAR / "event-explorer-sidecar@.service"
WITHOUT = {"pyside6-essentials", "pyqtgraph"}
"""What only the window needs."""
EXPOSURE = 15
"""At most, in tenths, on systemd's scale to 100."""


def text(name: str) -> str:
    return (SIDECAR / name).read_text(encoding="utf-8")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it would be installed, with a program that is there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    installed = tmp_path / UNIT.name.replace("@", "@shop")
    written = UNIT.read_text(encoding="utf-8").replace("/opt/event-explorer/bin/event-explorer", sys.executable)
    installed.write_text(written, encoding="utf-8")
    return installed


def test_systemd_understands_the_unit(unit: Path) -> None:
    done = run("systemd-analyze", "verify", unit)
    about_it = [line for line in done.stderr.splitlines() if unit.name in line]
    assert (done.returncode, about_it) == (0, [])


def test_the_unit_is_exposed_as_little_as_it_says(unit: Path) -> None:
    done = run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", unit)
    assert done.returncode == 0, done.stdout[-200:]


@pytest.mark.parametrize("script", ["image.sh", "try.sh"])
def test_the_scripts_are_plain_shell(script: str) -> None:
    done = run("sh", "-n", SIDECAR / script)
    assert done.returncode == 0, done.stderr


def needed_by(requirements: list[str], extra: str = "") -> set[str]:
    """The names of these packages, and of all they ask for; without the window's."""
    found: set[str] = set()
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": extra})
        if wanted and name not in WITHOUT:
            more = requires(name) or []
            found |= {name, *needed_by(more), *(part for e in requirement.extras for part in needed_by(more, e))}
    return found


def test_the_image_installs_what_the_wheel_asks_for_but_the_window() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = needed_by([*project["dependencies"], *project["optional-dependencies"]["metrics"]])
    installed = [canonicalize_name(line) for line in text("requirements.txt").splitlines()]
    assert set(installed) == wanted
    pins = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert set(installed) <= {canonicalize_name(pin.partition("==")[0]) for pin in pins}


@pytest.mark.parametrize("file", [UNIT.name, "pod.yaml", "compose.yaml"])
def test_the_sidecar_is_given_only_options_that_it_has(file: str) -> None:
    known = set(re.findall(r"--[a-z-]+", run(sys.executable, "-m", "explorer", "sidecar", "--help").stdout))
    lines = [line.split("#")[0] for line in text(file).splitlines()]
    given = set(re.findall(r"--(?:cache|listen|log|backup)[a-z-]*", "\n".join(lines)))
    assert len(given) >= 3
    assert given <= known


def test_the_store_is_read_only_to_the_sidecar_and_the_rest_is_its_own() -> None:
    pod, compose = text("pod.yaml"), text("compose.yaml")
    assert re.findall(r"mountPath: /store(.*)}", pod) == ["", ", readOnly: true"]
    assert re.findall(r'"store:/store(.*?)"', compose) == ["", ":ro"]
    for file, words in ((pod, ("readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]")),
                        (compose, ("read_only: true", "no-new-privileges:true", "cap_drop: [ALL]"))):  # fmt: skip
        for word in words:
            assert word in file
