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

PATIENCE = 60
MANAGE = Path(__file__).parents[2] / "manage.py"
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("CXONE_")} | {
    "SECRET_KEY": "a key of 32 characters for a test",
    "CXONE_CLIENT_ID": "",
    "CXONE_CLIENT_SECRET": "",
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
