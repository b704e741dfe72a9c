"""An installation that the doctor is sent to: settings, a folder, and what it says about them."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from tests.processes.group import ROOT
from tests.processes.product import MANAGE, environment_in

# So that root, too, is bound by the rights of files, as everybody else is anyway.
WITHOUT_PRIVILEGES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


class Said(NamedTuple):
    ok: bool
    found: str
    do: str


class Report(NamedTuple):
    """`exits`: with which status; `aloud`: what it wrote for people; `text`: all that it wrote."""

    exits: int
    checks: dict[str, Said]
    aloud: str
    text: str

    @property
    def failing(self) -> list[str]:
        return [name for name, said in self.checks.items() if not said.ok]


class Place:
    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.settings = settings

    @property
    def var(self) -> Path:
        return self.directory / "var"

    def manage(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        prefix = () if os.geteuid() else WITHOUT_PRIVILEGES
        return subprocess.run(
            [*prefix, *MANAGE, *words],
            env=environment_in(self.directory) | self.settings | settings,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def prepare(self) -> None:
        for command in (["migrate"], ["collectstatic", "--no-input"]):
            prepared = self.manage(*command, "--verbosity", "0")
            assert prepared.returncode == 0, prepared.stderr

    def ask_doctor(self, *words: str, **settings: str) -> Report:
        ran = self.manage("doctor", *words, **settings)
        assert ran.stdout, ran.stderr
        said: dict[str, Any] = json.loads(ran.stdout)
        assert said["ok"] == all(check["ok"] for check in said["checks"])
        checks = {check.pop("name"): Said(**check) for check in said["checks"]}
        return Report(ran.returncode, checks, ran.stderr, ran.stdout + ran.stderr)


def everything_below(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file with its rights and its bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path): (path.stat().st_mode, path.read_bytes()) for path in files}
