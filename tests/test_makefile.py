"""What `make help` lists, what `make` deletes, and what only after a question."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout in which the product has run."""
    shutil.copy(Path(settings.BASE_DIR) / "Makefile", tmp_path)
    for path in ("var/campaign-control.sqlite3", "var/audit_signing_key.pem", ".venv/bin/python"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return tmp_path


def make(folder: Path, target: str, answer: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-C", str(folder), target], input=answer, capture_output=True, text=True, check=False
    )


def test_clean_keeps_the_audit_and_its_key(folder: Path) -> None:
    assert make(folder, "clean").returncode == 0
    assert not (folder / ".venv").exists()
    assert (folder / "var" / "campaign-control.sqlite3").exists()
    assert (folder / "var" / "audit_signing_key.pem").exists()


@pytest.mark.parametrize("answer", ["", "\n", "y\n", "no\n"])
def test_reset_without_the_word_deletes_nothing(folder: Path, answer: str) -> None:
    result = make(folder, "reset", answer)
    assert result.returncode != 0
    assert "the key that signs the audit" in result.stdout
    assert (folder / "var" / "audit_signing_key.pem").exists()


def test_reset_with_the_word_deletes(folder: Path) -> None:
    assert make(folder, "reset", "delete\n").returncode == 0
    assert not (folder / "var").exists()


def test_help_names_every_command(folder: Path) -> None:
    makefile = (folder / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    assert re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) == [" ".join(commands)]
    assert re.findall(r"^make ([a-z-]+) +\w", make(folder, "help").stdout, re.MULTILINE) == commands
