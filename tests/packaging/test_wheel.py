"""What is shipped: the built wheel, installed into a fresh environment, does the main job from an empty folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.wheel


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_has_the_program_its_resources_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"explorer", "event_explorer"}
    for wanted in ("resources/demo/shop.json", "resources/reports/report.html.jinja", "resources/icons/play.svg"):
        assert f"explorer/{wanted}" in names
    assert any(name.endswith("licenses/packaging/LICENSE") for name in names)
    assert not [name for name in names if "test" in name.lower() or "pictures" in name]


@pytest.mark.timeout(300)
def test_the_installed_wheel_does_the_main_job(wheel: Path, tmp_path: Path) -> None:
    venv, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    run(sys.executable, "-m", "venv", venv, cwd=empty)
    pins = ROOT / "packaging" / "constraints.txt"
    run(venv / "bin" / "python", "-m", "pip", "install", "--quiet", "-c", pins, wheel, cwd=empty)
    program = venv / "bin" / "event-explorer"
    home = {
        "XDG_CACHE_HOME": str(tmp_path / "c"),
        "XDG_CONFIG_HOME": str(tmp_path / "f"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    run(program, "demo", "shop.events", "--events", "200", "--seed", "1", cwd=empty, **home)
    state = json.loads(run(program, "state", "shop.events", "--at", "100", "--json", cwd=empty, **home))
    assert state["position"] == 100
    assert state["carts"]
    run(program, "report", "shop.events", "--format", "html", "-o", "audit.html", cwd=empty, **home)
    assert "Audit report" in (empty / "audit.html").read_text(encoding="utf-8")
    run(program, "--smoke", "shop.events", cwd=empty, **home)
