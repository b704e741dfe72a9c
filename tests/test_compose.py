"""compose.yaml and the secrets that docs/deployment.md makes for it: they fit each other, and all is bounded."""

import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.processes.group import wait_until
from tests.processes.product import free_port
from tests.processes.servers import leave_out

ROOT = Path(settings.BASE_DIR)
COMPOSE: Any = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
TALKS_TO_CXONE = {"worker-interactive", "worker-background", "dispatcher"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the very block of the documentation."""
    folder = tmp_path_factory.mktemp("installation")
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    [block] = [block for block in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S) if "mkdir -m 700" in block]
    subprocess.run(["sh", "-ec", block], cwd=folder, input="the client’s secret\n", text=True, check=True)
    return folder / "secrets"


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert all("size=" in mount for mount in service.get("tmpfs", []))
    assert "no-new-privileges:true" in service["security_opt"]


def test_only_who_talks_to_cxone_has_a_way_out() -> None:
    assert {name for name, service in SERVICES.items() if "outside" in service["networks"]} == TALKS_TO_CXONE
    assert COMPOSE["networks"]["inside"]["internal"]
    assert COMPOSE["networks"]["door"]["driver_opts"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"


def test_documentation_makes_every_secret(secrets: Path) -> None:
    assert {path.name for path in secrets.iterdir()} == set(COMPOSE["secrets"])


@pytest.mark.parametrize("name", ["web", "migrate"])
def test_settings_take_those_secrets(
    secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    given = {
        variable: str(value).replace("/run/secrets", str(secrets))
        for variable, value in SERVICES[name]["environment"].items()
    }
    here = {
        "VAR_DIR": str(tmp_path),
        "AUDIT_CHECKPOINT_DIR": str(tmp_path),
        "CXONE_REGION": "na1",
        "CXONE_CLIENT_ID": "x",
    }
    monkeypatch.setattr(os, "environ", given | here)
    read = runpy.run_path(str(ROOT / "cxadmin" / "settings.py"))
    assert read["DATABASES"]["default"]["USER"] == {"web": "control_app", "migrate": "control_owner"}[name]
    assert read["CXONE_CLIENT_SECRET"] == "the client’s secret"
    assert read["REDIS_URL"].endswith("@redis:6379/0")


def further_secrets() -> tuple[dict[str, str], Any]:
    """As the documentation has them: the lines of `.env`, and compose.override.yaml."""
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("### Further secrets")
    section, _, _ = rest.partition("\n### ")
    [lines, override] = re.findall(r"^```\w+\n(.*?)^```", section, re.M | re.S)
    return dict(line.split("=", 1) for line in lines.split()), yaml.safe_load(override)


def test_documentation_gives_further_secrets_to_all_who_read_them() -> None:
    _, override = further_secrets()
    [name] = override["secrets"]
    given_to = {service for service, content in override["services"].items() if name in content["secrets"]}
    assert given_to == {service for service, content in SERVICES.items() if "env_file" in content}


def test_settings_take_further_secrets(secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines, override = further_secrets()
    (tmp_path / "cxone_access_key_secret").write_text("the key's secret====\n", encoding="utf-8")
    given = {**SERVICES["web"]["environment"], **override["services"]["web"]["environment"]}
    there = {variable: str(value).replace("/run/secrets", str(secrets)) for variable, value in given.items()}
    further = {variable: value.replace("/run/secrets", str(tmp_path)) for variable, value in lines.items()}
    here = {"VAR_DIR": str(tmp_path), "AUDIT_CHECKPOINT_DIR": str(tmp_path), "CXONE_ACCESS_KEY_ID": "key"}
    monkeypatch.setattr(os, "environ", there | further | here)
    read = runpy.run_path(str(ROOT / "cxadmin" / "settings.py"))
    assert (read["CXONE_DIALECT"], read["CXONE_ACCESS_KEY_SECRET"]) == ("published", "the key's secret====")
    assert read["CXONE_CLIENT_SECRET"] == ""
    assert read["ENVIRONMENT"].problems == []


@pytest.fixture
def own_redis(secrets: Path, tmp_path: Path) -> Iterator[tuple[int, str]]:
    """Redis as compose.yaml starts it: its port, and its password."""
    if shutil.which("redis-server") is None:
        leave_out("There is no redis-server to start.")
    port = free_port()
    shell, options, script = SERVICES["redis"]["command"]
    here = script.replace("/run/secrets", str(secrets)).replace("/data", str(tmp_path)).rstrip()
    command = [shell, options, f"{here} --port {port} --bind 127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        password = (secrets / "redis_url").read_text().split("@")[0].removeprefix("redis://:")
        wait_until(lambda: _answers(port), lambda: "Redis doesn’t answer")
        yield port, password
        process.terminate()


def connect(port: int, password: str | None = None) -> redis.Redis:
    return redis.Redis("127.0.0.1", port, password=password, retry=Retry(NoBackoff(), 0))


def _answers(port: int) -> bool:
    try:
        with connect(port) as client:
            client.ping()
    except redis.AuthenticationError:
        return True
    except redis.ConnectionError:
        return False
    return True


def test_redis_wants_its_password(own_redis: tuple[int, str]) -> None:
    port, password = own_redis
    with connect(port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    with connect(port, password) as client:
        assert client.ping()
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}
