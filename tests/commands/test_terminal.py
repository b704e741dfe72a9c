"""What a terminal that can't show every character makes of commands."""

import os
import subprocess
import sys
from pathlib import Path

from tests.processes.group import ROOT


def test_apostrophe_that_a_terminal_lacks_stops_nothing(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "iso-8859-1", "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "export_audit", "--help"]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert rb"an operation\u2019s id" in b" ".join(ran.stdout.split())
