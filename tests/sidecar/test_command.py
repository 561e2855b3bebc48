"""`event-explorer sidecar`, as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sidecar.stage import PATIENCE, application


def test_without_standard_input_there_is_nobody_to_wait_for(tmp_path: Path) -> None:
    application(tmp_path).close()
    command = ["-m", "explorer", "sidecar", str(tmp_path / "shop.events"), "--cache", str(tmp_path / "cache")]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", sys.executable, *command, "--until-eof"],
        timeout=PATIENCE, capture_output=True, text=True, env=dict(os.environ), check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
