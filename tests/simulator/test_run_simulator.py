"""`run_simulator` as a process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import httpx
import pytest

from tests.simulator.calling import CLIENT
from tests.simulator.published.calling import sign_in_with_key

pytestmark = pytest.mark.slow

PATIENCE = 60
MANAGE = Path(__file__).parents[2] / "manage.py"
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("CXONE_")} | {
    "SECRET_KEY": "a key of 32 characters for a test",
    "CXONE_CLIENT_ID": "",
    "CXONE_CLIENT_SECRET": "",
}
KEY = {"accessKeyId": "another====", "accessKeySecret": "another-secret===="}
PUBLISHED = {
    "CXONE_DIALECT": "published",
    "CXONE_ACCESS_KEY_ID": KEY["accessKeyId"],
    "CXONE_ACCESS_KEY_SECRET": KEY["accessKeySecret"],
    "CXONE_CLIENT_ID": "another",
    "CXONE_CLIENT_SECRET": "another-secret",
}


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(MANAGE), "run_simulator", *map(str, arguments)]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Popen[str]]:
    arguments = command("--port", 0, "--campaigns", 7, "--state", tmp_path / "state.json")
    with Popen(arguments, stdout=PIPE, stderr=PIPE, text=True, env=ENVIRONMENT) as process:
        yield process
        process.kill()


def read_line(process: Popen[str]) -> Any:
    assert process.stdout
    return json.loads(process.stdout.readline())


def test_process_serves_until_told(process: Popen[str]) -> None:
    line = read_line(process)
    form = {"grant_type": "client_credentials", **CLIENT}
    assert line["campaigns"] == 7
    assert httpx.post(f"{line['simulator']}/oauth/token", data=form).status_code == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_process_ends_with_its_parent(tmp_path: Path) -> None:
    arguments = command("--port", 0, "--campaigns", 1, "--exit-with-parent", 1_000_000_000)
    ended = subprocess.run(arguments, capture_output=True, text=True, env=ENVIRONMENT, timeout=PATIENCE, check=False)
    assert ended.returncode == 0
    assert "has stopped" in ended.stderr


def test_taken_port_is_told(process: Popen[str]) -> None:
    port = read_line(process)["simulator"].rpartition(":")[2]
    ended = subprocess.run(
        command("--port", port), capture_output=True, text=True, env=ENVIRONMENT, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 1
    assert "Choose another --port" in ended.stderr


def test_dialect_and_key_of_the_settings_are_served(tmp_path: Path) -> None:
    options = ("--campaigns", 50, "--switch", "texts=true")
    arguments = command("--port", 0, "--state", tmp_path / "state.json", *options)
    with Popen(arguments, stdout=PIPE, stderr=PIPE, text=True, env=ENVIRONMENT | PUBLISHED) as process:
        line = read_line(process)
        with httpx.Client(base_url=line["simulator"]) as client:
            refused = sign_in_with_key(client)
            token = sign_in_with_key(client, **KEY).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
            answer = client.get("/incontactapi/services/v34.0/skills?top=1", headers=headers)
        process.kill()
    assert refused.json()["error"] == "invalid_grant"
    assert (line["campaigns"], answer.json()["skills"][0]["isActive"]) == (50, "True")


@pytest.mark.parametrize(
    ("option", "words"),
    [(("--switch", "turns=often"), "turns must be one of 'at once'"), (("--zone", "Mars"), "no time zone 'Mars'")],
)
def test_what_the_published_dialect_has_not_is_told(option: tuple[str, str], words: str) -> None:
    ended = subprocess.run(
        command("--dialect", "published", *option),
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 2
    assert words in ended.stderr
