"""A setting that is missing or malformed stops the start with a sentence that names it."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cxadmin import local

ROOT = Path(__file__).parent.parent


def check(**environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` in an environment with nothing else in it."""
    bare = {"PATH": os.environ["PATH"], "SECRET_KEY": "for this test", **environment}
    return subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=bare, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_INTERVAL_SECONDS", "soon"),
        ("SYNC_INTERVAL_SECONDS", "٣"),
        ("CONFIRM_SECONDS", "0"),
        ("CXONE_RATE_PER_MINUTE", "-5"),
        ("CXONE_BASE_URL", "mycxone.com"),
        ("PUBLIC_BASE_URL", "ftp://example.com"),
        ("REDIS_URL", "localhost"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://localhost/campaigns"),
        ("DEBUG", "perhaps"),
        ("CXONE_DIALECT", "v9"),
        ("CXONE_REGION", "na1"),
        ("WFM_WEBHOOK_URL", "wfm.example.com"),
        ("WFM_WEBHOOK_URL", "http://[::1"),
        ("WFM_WEBHOOK_URL", "https://ann:secret@wfm.example.com/"),
        ("WFM_WEBHOOK_URL", "http://10.1.2.3/"),
        ("WFM_WEBHOOK_URL", "http://2130706433/"),
        ("WFM_WEBHOOK_URL", "http://localhost:9000/"),
        ("WFM_WEBHOOK_SECRET", "hello"),
        ("WFM_WEBHOOK_SECRET", "whsec_c2hvcnQ="),
        ("WFM_WEBHOOK_SECRET", "whsec_????????????????????????????????"),
        ("WFM_ALLOW_PRIVATE", "perhaps"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.1/24"),
    ],
)
def test_malformed_setting_is_named(name: str, value: str) -> None:
    result = check(**{name: value})
    assert result.returncode == 1
    assert (name if name != "CXONE_REGION" else "CXONE_CLIENT_ID") in result.stderr
    assert "Traceback" not in result.stderr


def test_complete_settings_pass() -> None:
    result = check(CXONE_REGION="na1", CXONE_CLIENT_ID="id", CXONE_CLIENT_SECRET="secret")
    assert result.returncode == 0, result.stderr


def test_webhook_needs_its_secret() -> None:
    result = check(WFM_WEBHOOK_URL="https://wfm.example.com/")
    assert result.returncode == 1
    assert "WFM_WEBHOOK_SECRET is not set" in result.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"WFM_WEBHOOK_URL": "https://wfm.example.com/"},
        {"WFM_WEBHOOK_URL": "http://10.1.2.3/", "WFM_ALLOW_PRIVATE": "on"},
    ],
)
def test_webhook_settings_pass(environment: dict[str, str]) -> None:
    result = check(WFM_WEBHOOK_SECRET="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", **environment)
    assert result.returncode == 0, result.stderr


def test_secret_is_read_from_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file")
    result = check(CXONE_REGION="na1", CXONE_CLIENT_ID="id", CXONE_CLIENT_SECRET_FILE=str(secret))
    assert result.returncode == 0, result.stderr


def test_unreadable_secret_file_is_named(tmp_path: Path) -> None:
    result = check(SECRET_KEY_FILE=str(tmp_path / "gone"))
    assert result.returncode == 1
    assert "SECRET_KEY_FILE" in result.stderr
    assert "Traceback" not in result.stderr


def test_dollar_names_no_variable() -> None:
    result = check(CXONE_REGION="na1", CXONE_CLIENT_ID="id", CXONE_CLIENT_SECRET="$ecret")
    assert result.returncode == 0, result.stderr


def test_made_secret_is_kept(tmp_path: Path) -> None:
    assert local.secret(tmp_path / "key") == local.secret(tmp_path / "key")


def test_made_secret_is_private(tmp_path: Path) -> None:
    local.secret(tmp_path / "inside" / "key")
    assert stat.S_IMODE((tmp_path / "inside" / "key").stat().st_mode) == 0o600


def test_racing_processes_get_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: local.secret(tmp_path / "key"), range(8)))) == 1
