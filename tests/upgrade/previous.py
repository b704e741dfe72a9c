"""The previous version, as tests/upgrade/previous.txt names it."""

import subprocess
import tarfile
from functools import cache
from pathlib import Path

from tests.processes.group import ROOT
from tests.processes.servers import leave_out

FILE = Path(__file__).with_name("previous.txt")


@cache
def named() -> dict[str, str]:
    """`commit`, and the last migration of each app."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def commit() -> str:
    return named()["commit"]


def last_migrations() -> dict[str, str]:
    return {app: name for app, name in named().items() if app != "commit"}


def unpack(directory: Path) -> Path:
    """Its files, out of this repository's history."""
    archive = directory / "previous.tar"
    ran = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format", "tar", "--output", str(archive), commit()],
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        leave_out(
            f"This checkout hasn't the previous version's commit ({commit()}): {ran.stderr.strip()}. Fetch the whole "
            "history with git fetch --unshallow."
        )
    tree = directory / "previous"
    with tarfile.open(archive) as files:
        files.extractall(tree, filter="data")
    archive.unlink()
    return tree
