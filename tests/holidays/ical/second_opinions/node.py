"""ical.js beside the tests: one process of node for all files."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

FOLDER = Path(__file__).parent
INSTALL = f"npm ci --prefix {FOLDER.relative_to(Path.cwd())}" if FOLDER.is_relative_to(Path.cwd()) else "npm ci"


def answers(files: dict[str, bytes]) -> dict[str, list[list[str]] | dict[str, str]]:
    """What ical.js reads: by name, each beginning and end; or {"refused": why}."""
    node = shutil.which("node")
    if node is None:
        _give_up("No node was found. Install it: apt-get install nodejs npm.")
    if not (FOLDER / "node_modules" / "ical.js").is_dir():
        _give_up(f"ical.js is not installed. Install it: {INSTALL}.")
    given = json.dumps({name: data.decode() for name, data in files.items()})
    command = [node, "read.mjs"]
    done = subprocess.run(command, cwd=FOLDER, input=given, capture_output=True, text=True, check=True, timeout=60)
    read: dict[str, list[list[str]] | dict[str, str]] = json.loads(done.stdout)
    return read


def _give_up(sentence: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
