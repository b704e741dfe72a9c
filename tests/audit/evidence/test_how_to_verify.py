"""Somebody follows HOW-TO-VERIFY.txt to the letter: each step's lines, as they stand in it, in a shell."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from audit import chain
from audit.evidence import writing
from audit.evidence.container import MANIFEST, RECORDS, SIGNATURE
from tests.audit.evidence.files import KEY, OTHER_KEY, Files, bodies, files, mark, seal

TEXT = writing.HOW_TO.read_text(encoding="ascii")
TOOLS = ["bash", "sha256sum", "openssl", "xxd", "python3"]
pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"it takes {', '.join(TOOLS)}")


def commands(step: int) -> str:
    """What stands at the left, between blank lines, and begins with a command."""
    text = TEXT.split(f"\nSTEP {step}: ")[1].split("\nSTEP ")[0].split("ALL OF IT")[0]
    begins = r"(?:python3|xxd|\(printf|head|openssl) "
    return "\n".join(part for part in text.split("\n\n") if re.match(begins, part))


def follow(folder: Path, step: int) -> subprocess.CompletedProcess[str]:
    script = "python3 chain.py" if step == 4 else commands(step)
    return subprocess.run(["bash", "-ec", script], cwd=folder, capture_output=True, text=True, check=False)


def unpack(made: Files, folder: Path) -> Path:
    for name, content in made.items():
        (folder / name).write_bytes(content)
    program = re.search(r"^8<-+ chain\.py\n(.*?)^8<-+\n", TEXT, re.MULTILINE | re.DOTALL)
    assert program
    (folder / "chain.py").write_text(program[1])
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    records = bodies(3)
    return unpack(files(records, [mark(3, chain.body_digest(records[2]))]), tmp_path)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (1, "records.jsonl: OK\n"),
        (2, "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c  -\n"),
        (3, "Signature Verified Successfully\n"),
        (4, "The chain holds from record 1 to record 3\n"),
    ],
)
def test_step_says_what_is_told(folder: Path, step: int, says: str) -> None:
    run = follow(folder, step)
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith(says)


def test_checkpoints_step_works(folder: Path) -> None:
    follow(folder, 3)
    assert follow(folder, 5).stdout == "Signature Verified Successfully\n"


def test_changed_record_fails_first(folder: Path) -> None:
    (folder / RECORDS).write_bytes((folder / RECORDS).read_bytes().replace(b"anna", b"anne", 1))
    run = follow(folder, 1)
    assert run.returncode != 0
    assert "records.jsonl: FAILED" in run.stdout
    assert "record 1 or 2 was changed" in follow(folder, 4).stderr


def test_changed_manifest_fails_third(tmp_path: Path) -> None:
    made = files(bodies(2))
    unpack(made | {MANIFEST: made[MANIFEST].replace(b"anna", b"anne")}, tmp_path)
    assert follow(tmp_path, 3).returncode != 0


def test_other_signer_fails_third(tmp_path: Path) -> None:
    made = files(bodies(2))
    unpack(made | {SIGNATURE: seal(made, made[MANIFEST], OTHER_KEY)[SIGNATURE]}, tmp_path)
    assert follow(tmp_path, 3).returncode != 0
    assert seal(made, made[MANIFEST], KEY)[SIGNATURE] == made[SIGNATURE]


def test_missing_record_fails_fourth(tmp_path: Path) -> None:
    records = bodies(3)
    unpack(files([records[0], records[2]], last=3), tmp_path)
    assert follow(tmp_path, 1).returncode == 0
    assert "record 2 is missing" in follow(tmp_path, 4).stderr
