"""The layering is a failing test, not a drawing: it holds, and a planted breach is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP_LEVEL = {"pyproject.toml", "explorer", "resources", "tests", "packaging", "README.md"}


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(command), "--no-cache"], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts, to be broken."""
    shutil.copytree(ROOT / "explorer", tmp_path / "explorer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_arrows_point_one_way() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("domain/clock.py", "import time\n"),
        ("domain/widget.py", "import PySide6.QtCore\n"),
        ("domain/shelf.py", "import explorer.store.schema\n"),
        ("store/shelf.py", "import explorer.projections.queries\n"),
        ("application/widget.py", "import pyqtgraph\n"),
        ("application/face.py", "import explorer.gui.theme\n"),
        ("application/shelf.py", "import sqlalchemy\n"),
        ("gui/shelf.py", "import sqlalchemy\n"),
        ("gui/other_face.py", "import explorer.cli\n"),
        ("utils.py", ""),
    ],
)
def test_a_breach_is_caught(copy: Path, module: str, code: str) -> None:
    (copy / "explorer" / module).write_text(code)
    done = lint(copy)
    assert done.returncode != 0, done.stdout


def test_the_top_level_is_what_was_asked_for() -> None:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize("room", ["application", "gui"])
def test_neither_the_application_nor_the_window_knows_of_a_sidecar(room: str) -> None:
    """They work as well alone; who runs beside them is the launcher's business."""
    files = [path for path in (ROOT / "explorer" / room).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert len(files) > 20
    assert not [str(path) for path in files if b"sidecar" in path.read_bytes().lower()]
    assert not [str(path) for path in files if "sidecar" in path.name.lower()]
