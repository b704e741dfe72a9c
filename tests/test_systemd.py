"""systemd/: systemd itself accepts the units, they are closed tightly, and they run what compose.yaml runs."""

import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.processes.group import ROOT, Group, wait_until
from tests.processes.product import environment_in, free_port
from tests.processes.servers import leave_out

UNITS = ROOT / "systemd"
# Of systemd's own, which the units name.
SYSTEMS = ("*.target", "*.slice")
PROGRAMS = (*(f"opt/campaign-control/.venv/bin/{name}" for name in ("gunicorn", "celery", "python")), "bin/kill")
# Each unit that is started, by the service of compose.yaml that does the same.
SERVICES = {
    "web": "campaign-control-web.service",
    "worker-interactive": "campaign-control-worker@interactive.service",
    "worker-background": "campaign-control-worker@background.service",
    "dispatcher": "campaign-control-dispatcher@1.service",
    "migrate": "campaign-control-migrate.service",
}
OTHERS = ("campaign-control.target", "campaign-control-web.socket", "campaign-control-backup.timer")
BACKUP = "campaign-control-backup.service"
# What systemd calls OK ends at 5.0; it counts up to 10.
EXPOSURE = 1.5


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine on which the product is installed, as far as systemd looks."""
    if not shutil.which("systemd-analyze"):
        leave_out("There is no systemd-analyze.")
    machine = tmp_path_factory.mktemp("machine")
    shutil.copytree(UNITS, machine / "etc/systemd/system")
    (machine / "usr/lib/systemd/system").mkdir(parents=True)
    for pattern in SYSTEMS:
        for path in Path("/usr/lib/systemd/system").glob(pattern):
            shutil.copy(path, machine / "usr/lib/systemd/system")
    for name in PROGRAMS:
        program = machine / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return machine


def analyze(root: Path, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", verb, f"--root={root}", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def verify(root: Path) -> subprocess.CompletedProcess[str]:
    names = [*SERVICES.values(), *OTHERS, BACKUP]
    return analyze(root, "verify", "--man=no", "--generators=no", "--recursive-errors=yes", *names)


def lines_of(unit: str) -> list[tuple[str, str]]:
    """The settings of a unit with its drop-ins, as systemd reads them."""
    template = f"{unit.partition('@')[0]}@.service" if "@" in unit else unit
    files = [UNITS / template, *sorted((UNITS / f"{unit}.d").glob("*.conf"))]
    files += sorted((UNITS / "campaign-control-.service.d").glob("*.conf"))
    lines = [line for path in files for line in path.read_text().splitlines()]
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    return [(name, value) for name, _, value in pairs]


def values_of(unit: str, name: str) -> list[str]:
    return [value for key, value in lines_of(unit) if key == name]


def environment_of(unit: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for line in values_of(unit, "Environment") for pair in line.split())


def command_of(unit: str) -> list[str]:
    """Without the folder of its program, as a shell would have it."""
    instance = unit.partition("@")[2].removesuffix(".service")
    words = shlex.split(values_of(unit, "ExecStart")[0].replace("%i", instance).replace("%%", "%"))
    threads = environment_of(unit).get("THREADS", "")
    return [words[0].rpartition("/")[2], *(word.replace("${THREADS}", threads) for word in words[1:])]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return composed


def test_systemd_accepts_the_units(root: Path) -> None:
    said = verify(root)
    assert (said.returncode, said.stderr) == (0, "")


def test_a_mistake_would_be_seen(root: Path) -> None:
    unit = root / "etc/systemd/system/campaign-control-web.service"
    right = unit.read_text()
    unit.write_text(right.replace("Restart=always", "Restart=allways"))
    try:
        assert "allways" in verify(root).stderr
    finally:
        unit.write_text(right)


@pytest.mark.parametrize("unit", [*SERVICES.values(), BACKUP])
def test_services_are_closed_tightly(unit: str, root: Path) -> None:
    threshold = f"--threshold={round(EXPOSURE * 10)}"
    said = analyze(root, "security", "--offline=true", threshold, unit)
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_same_command_as_in_a_container(service: str, compose: dict[str, Any]) -> None:
    # That of the image.
    command = compose[service].get("command", ["gunicorn", "cxadmin.wsgi"])
    assert command_of(SERVICES[service]) == command


@pytest.mark.parametrize("service", SERVICES)
def test_same_memory_as_in_a_container(service: str, compose: dict[str, Any]) -> None:
    assert values_of(SERVICES[service], "MemoryMax") == [compose[service]["mem_limit"].upper()]


@pytest.mark.parametrize("service", SERVICES)
def test_same_settings_as_in_a_container(service: str, compose: dict[str, Any]) -> None:
    unit = SERVICES[service]
    credentials = dict(line.split(":") for line in values_of(unit, "LoadCredential"))
    given = environment_of(unit)
    for name, value in compose[service]["environment"].items():
        secret = value.removeprefix("/run/secrets/")
        if secret == value:
            assert given[name] == value
            continue
        source = credentials[given[name].removeprefix("%d/")]
        assert source == f"/etc/campaign-control/secrets/{secret}"


def test_same_time_to_end_as_in_a_container(compose: dict[str, Any]) -> None:
    assert f"{values_of(SERVICES['web'], 'TimeoutStopSec')[0]}s" == compose["web"]["stop_grace_period"]


def test_two_dispatchers_as_in_containers(compose: dict[str, Any]) -> None:
    wanted = " ".join(value for name, value in lines_of("campaign-control.target") if name == "Wants")
    assert wanted.count("campaign-control-dispatcher@") == compose["dispatcher"]["deploy"]["replicas"]


def test_no_secret_is_in_a_unit() -> None:
    """They are read from files that only root may read."""
    assert not any(
        name in environment_of(unit) for unit in SERVICES.values() for name in ("DATABASE_URL", "SECRET_KEY")
    )


@pytest.fixture
def notices(tmp_path: Path) -> Iterator[socket.socket]:
    """Where a service tells systemd that it has started."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as server:
        server.bind(str(tmp_path / "notify"))
        server.settimeout(60)
        yield server


def test_web_server_takes_its_socket_and_says_when_it_is_ready(tmp_path: Path, notices: socket.socket) -> None:
    if not shutil.which("systemd-socket-activate"):
        leave_out("There is no systemd-socket-activate.")
    port = free_port()
    gunicorn = [str(ROOT / ".venv/bin/gunicorn"), "cxadmin.wsgi", "--workers", "1"]
    passed_on = {
        **environment_in(tmp_path),
        "CXONE_BASE_URL": "http://127.0.0.1:9",
        "CXONE_CLIENT_ID": "c",
        "CXONE_CLIENT_SECRET": "s",
        "NOTIFY_SOCKET": notices.getsockname(),
    }
    names = [f"--setenv={name}" for name in passed_on]
    command = ["systemd-socket-activate", f"--listen=127.0.0.1:{port}", *names, *gunicorn]
    group = Group(command, os.environ | passed_on, tmp_path / "web.log")
    try:
        wait_until(lambda: "Listening" in group.log, lambda: group.log)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60, trust_env=False).text == "ok\n"
        assert b"READY=1" in notices.recv(4096)
    finally:
        group.kill()
