"""An earlier version of the product, to measure beside this one.

BASE=43e0a93     a commit of this repository: it is checked out, and gets an environment of its own
BASE=/a/path     a checkout that has one already
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.process import ROOT

# What has been built once is used again.
KEPT = ROOT / "var" / "bench"


def checkout() -> Path | None:
    """Where the version is that BASE names; None if it names none."""
    base = os.environ.get("BASE", "")
    if not base:
        return None
    if Path(base).is_dir():
        return Path(base).resolve()
    path = KEPT / base
    if not (path / ".venv" / "installed").exists():
        _build(base, path)
    return path


def python_of(tree: Path) -> str:
    own = tree / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def _build(commit: str, path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _run("git", "clone", "--quiet", "--no-checkout", str(ROOT), str(path))
    _run("git", "-C", str(path), "checkout", "--quiet", commit)
    print(f"Installing what {commit} runs on…", flush=True)
    _run(sys.executable, "-m", "venv", str(path / ".venv"))
    pip = [python_of(path), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # What the tests need as well: the benchmarks use their factories.
    for file in ("requirements.txt", "requirements-dev.txt"):
        _run(*pip, "-r", str(path / file))
    (path / ".venv" / "installed").touch()


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
