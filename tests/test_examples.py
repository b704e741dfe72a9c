"""The examples of README.md and docs/ that set something, run as they stand: each sets what its words say."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = ("VAR_DIR", "PORT", "CXONE_BASE_URL", "CXONE_CLIENT_ID", "CXONE_CLIENT_SECRET", "REDIS_URL", "PUBLIC_BASE_URL")
SHOW = f"""
import json
from django.conf import settings
shown = {{name: str(getattr(settings, name)) for name in {SHOWN}}}
print(json.dumps(shown | {{"database": str(settings.DATABASES["default"]["NAME"])}}))
"""


def blocks(page: str, word: str) -> list[str]:
    """The shell blocks of a page that have this word in them."""
    return [block for block in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")) if word in block]


class Machine:
    """A copy of the product with a `.env` of its own, a home folder, and a `make` that prints the settings."""

    def __init__(self, tmp_path: Path) -> None:
        self.home = tmp_path / "home"
        self.product = tmp_path / "product"
        self.commands = tmp_path / "bin"
        for folder in (self.home, self.product, self.commands):
            folder.mkdir()
        for room in ("audit", "campaigns", "cxadmin", "static", "templates"):
            shutil.copytree(ROOT / room, self.product / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "manage.py", self.product)
        (self.product / "show.py").write_text(SHOW)
        make = self.commands / "make"
        make.write_text(f"#!/bin/sh\nDJANGO_SETTINGS_MODULE=cxadmin.settings exec {sys.executable} show.py\n")
        make.chmod(0o755)

    def run(self, command: str, dotenv: str | bytes = "") -> subprocess.CompletedProcess[str]:
        (self.product / ".env").write_bytes(dotenv if isinstance(dotenv, bytes) else dotenv.encode())
        path = f"{self.commands}:{os.environ['PATH']}"
        return subprocess.run(
            ["sh", "-e", "-c", command],
            cwd=self.product,
            env={"PATH": path, "HOME": str(self.home)},
            capture_output=True,
            text=True,
            check=False,
        )

    def settings(self, command: str = "make run", dotenv: str | bytes = "") -> Any:
        result = self.run(command, dotenv)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_readme_points_at_cxone_from_a_file_and_from_the_environment(machine: Machine) -> None:
    [block] = blocks("README.md", "CXONE_CLIENT_ID")
    (machine.home / "cxone-secret").write_text("s3cret\n")
    from_file = machine.settings(dotenv=block)
    from_environment = machine.settings(f"set -a\n{block}\nmake run")
    assert from_file == from_environment
    assert from_file["CXONE_BASE_URL"] == "https://api.na1.my.cxone.com"
    assert (from_file["CXONE_CLIENT_ID"], from_file["CXONE_CLIENT_SECRET"]) == ("campaign-control", "s3cret")


def test_readme_starts_with_an_empty_database(machine: Machine) -> None:
    [block] = blocks("README.md", "VAR_DIR=$HOME/campaign-control make run")
    from_environment = machine.settings(block)
    from_file = machine.settings(dotenv=block.removesuffix(" make run\n"))
    expected = str(machine.home / "campaign-control" / "campaign-control.sqlite3")
    assert (from_environment["database"], from_file["database"]) == (expected, expected)


def test_readme_turns_to_postgresql_and_redis(machine: Machine) -> None:
    [block] = blocks("README.md", "DATABASE_URL=")
    read = machine.settings(block)
    assert (read["database"], read["REDIS_URL"]) == ("campaign_control", "redis://127.0.0.1:6379/0")


def test_readme_chooses_another_port(machine: Machine) -> None:
    [command] = re.findall(r"`(PORT=\d+ make run)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert machine.settings(command)["PORT"] == "8001"


def test_deployment_settings_file(machine: Machine) -> None:
    [block] = blocks("docs/deployment.md", "PUBLIC_BASE_URL=")
    read = machine.settings("CXONE_CLIENT_SECRET=s3cret make run", dotenv=block)
    assert read["PUBLIC_BASE_URL"] == "https://control.example.com"
    assert read["CXONE_BASE_URL"] == "https://api.na1.my.cxone.com"


@pytest.mark.parametrize(
    "dotenv",
    [
        b"CXONE_REGION = na1\nCXONE_CLIENT_ID=abc\nCXONE_CLIENT_SECRET=s3cret\n",
        b"\xef\xbb\xbfCXONE_REGION=na1\r\nCXONE_CLIENT_ID=abc\r\nCXONE_CLIENT_SECRET=s3cret\r\n",
        b"CXONE_REGION=na1     # or the whole address\nCXONE_CLIENT_ID=abc\nCXONE_CLIENT_SECRET=s3cret  # vault\n",
    ],
)
def test_file_as_people_write_it_leads_to_cxone(machine: Machine, dotenv: bytes) -> None:
    read = machine.settings(dotenv=dotenv)
    assert read["CXONE_BASE_URL"] == "https://api.na1.my.cxone.com"
    assert read["CXONE_CLIENT_SECRET"] == "s3cret"


@pytest.mark.parametrize(
    ("dotenv", "words"),
    [
        ("CXONE_REGION na1\n", ".env, line 1 can’t be read"),
        ("CXONE_REGON=na1\n", "Did you mean CXONE_REGION?"),
        ("CXONE_REGION=\n", "CXONE_REGION is set to nothing"),
        ("CXONE_CLIENT_ID=abc\nCXONE_CLIENT_SECRET=s3cret\n", "nothing says where CXone is"),
        ("VAR_DIR=$HOMEE/campaign-control\n", "no variable HOMEE"),
    ],
)
def test_file_that_cannot_be_meant_never_leads_to_the_simulator(machine: Machine, dotenv: str, words: str) -> None:
    result = machine.run(f"{sys.executable} manage.py up", dotenv)
    assert result.returncode == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
