"""verify_audit FILE, as a shell sees it. No database is there for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from audit import chain
from audit.integrity import signing
from tests.audit.evidence.files import KEY, OTHER_KEY, bodies, body, files, mark, pack, small

ROOT = Path(__file__).resolve().parents[3]
FINGERPRINT = signing.key_fingerprint(signing.public_bytes(KEY))


def verify(evidence: bytes, tmp_path: Path, *arguments: str) -> None:
    path = tmp_path / "evidence.zip"
    path.write_bytes(evidence)
    call_command("verify_audit", str(path), *arguments)


def test_says_what_is_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verify(small(), tmp_path)
    assert json.loads(capsys.readouterr().out) == {
        "records": 2,
        "ok": True,
        "first_break": None,
        "head": {"number": 2, "digest": chain.body_digest(bodies(2)[1])},
        "as_signed": True,
        "first": 1,
        "last": 2,
        "made_at": "2026-01-31T09:00:00.000000Z",
        "by": "anna",
        "key": FINGERPRINT,
        "other_keys": [],
    }


def test_names_the_break(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as status:
        verify(pack(files([bodies(1)[0], body(2, "b" * 64)])), tmp_path)
    out, err = capsys.readouterr()
    assert status.value.code == 1
    fault = "its previous isn’t the digest of record 1: one of the two was changed"
    assert json.loads(out)["first_break"] == {"file": "records.jsonl", "number": 2, "fault": fault}
    assert err.startswith(f"The file is as it was signed, but not sound. records.jsonl, record 2: {fault}.\n")


def test_changed_file_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        verify(small().replace(b"A text", b"O text"), tmp_path)
    out, err = capsys.readouterr()
    assert not json.loads(out)["as_signed"]
    assert err.startswith("The file isn’t as it was signed. HOW-TO-VERIFY.txt: its SHA-256 isn’t")


def test_unknown_key_is_to_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verify(small(), tmp_path)
    assert f"name that one with --key: {FINGERPRINT}" in capsys.readouterr().err


def test_key_used_before_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with override_settings(AUDIT_RETIRED_KEYS=frozenset([signing.public_bytes(KEY).hex()])):
        verify(small(), tmp_path)
    assert "a key that this installation used before" in capsys.readouterr().err


def test_own_key_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verify(pack(files(bodies(2), key=signing.load_key())), tmp_path)
    assert "signed with this installation’s key" in capsys.readouterr().err


def test_other_signers_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = bodies(2)
    digest = chain.body_digest(records[1])
    verify(pack(files(records, [mark(2, digest, key=OTHER_KEY)])), tmp_path)
    out, err = capsys.readouterr()
    assert json.loads(out)["other_keys"] == [signing.key_fingerprint(signing.public_bytes(OTHER_KEY))]
    assert "1 other key signed checkpoints in it" in err


@pytest.mark.parametrize("key", [FINGERPRINT, FINGERPRINT.upper(), signing.public_bytes(KEY).hex()])
def test_trusted_key_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str) -> None:
    verify(small(), tmp_path, "--key", key)
    assert capsys.readouterr().err == ("The file is sound: to the last bit as it was signed, and its chain holds.\n")


def test_other_key_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "public_key.txt").write_text(f"{signing.public_bytes(OTHER_KEY).hex()}\n")
    with pytest.raises(SystemExit):
        verify(small(), tmp_path, "--key", str(tmp_path / "public_key.txt"))
    assert f"another key signed this file, with the fingerprint {FINGERPRINT}" in capsys.readouterr().err


@pytest.mark.parametrize(("key", "says"), [("nothing", "neither a key"), (pytest.__file__, "and nothing else")])
def test_wrong_key_gets_a_sentence(tmp_path: Path, key: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        verify(small(), tmp_path, "--key", key)


def test_key_needs_a_file() -> None:
    with pytest.raises(CommandError, match="--key goes with a FILE"):
        call_command("verify_audit", "--key", FINGERPRINT)


def test_other_file_isnt_evidence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"evidence\.zip isn’t an evidence file") as refusal:
        verify(b"%PDF-1.7", tmp_path)
    assert refusal.value.returncode == 2


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as refusal:
        call_command("verify_audit", str(tmp_path / "none.zip"))
    assert refusal.value.returncode == 2


def test_pipe_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        subprocess.Popen(["sh", "-c", f"echo > {pipe}"]),
        pytest.raises(CommandError, match="not seekable") as refusal,
    ):
        call_command("verify_audit", str(pipe))
    assert refusal.value.returncode == 2


@pytest.mark.parametrize("database", ["postgres://nobody@127.0.0.1:1/none", "sqlite:////{folder}/none.sqlite3"])
def test_nothing_but_the_file_is_needed(tmp_path: Path, database: str) -> None:
    """A process of its own, whose database can't be reached; or would be made, if it were asked for."""
    (tmp_path / "evidence.zip").write_bytes(small())
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(tmp_path / "var"),
        "DATABASE_URL": database.format(folder=tmp_path),
    }
    run = subprocess.run(
        [sys.executable, "manage.py", "verify_audit", str(tmp_path / "evidence.zip")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (run.returncode, json.loads(run.stdout or "{}").get("ok")) == (0, True), run.stderr
    assert not (tmp_path / "none.sqlite3").exists()
