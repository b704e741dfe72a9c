"""No secret of the settings comes out anywhere, whatever happens.

Each secret is a canary: a value that is found again wherever it gets to. The product runs on PostgreSQL and Redis,
does its work, and meets everything that tempts programs to tell what they know: a CXone that repeats what it was sent,
wrong tokens, a dead database, a dead Redis. Then everything that it has produced is searched.
"""

import base64
import re
import secrets
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import psycopg
import pytest
import redis
from django.conf import settings
from psycopg import sql

from tests.processes.cxone import SimulatedCXone
from tests.processes.deployment import PARTS, Deployment
from tests.processes.echo import Echo
from tests.processes.group import wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD
from tests.processes.servers import OwnPostgreSQL, OwnRedis
from tests.test_routes import ROUTES

# The settings that hold a secret, and those that hold one within an address. A new one is here by being read as one.
NAMES = sorted(settings.ENVIRONMENT.secret_names)
ADDRESSES = {"DATABASE_URL", "REDIS_URL"}
# Only of the published dialect: without its other settings the product doesn't start.
OF_PUBLISHED = "CXONE_ACCESS_KEY_SECRET"
WORK = [name for name in PARTS if name != "web"]


def make_canary(name: str) -> str:
    if name.endswith("_WEBHOOK_SECRET"):
        return "whsec_" + base64.b64encode(secrets.token_bytes(33)).decode()
    return f"canary{secrets.token_hex(24)}"


def spellings(canary: str) -> set[str]:
    core = canary.removeprefix("whsec_")
    in_basic = base64.b64encode(f"simulator:{core}".encode()).decode()
    return {core, quote(core, safe=""), base64.b64encode(core.encode()).decode().rstrip("="), in_basic}


class Monitor(threading.Thread):
    """Everything that anybody sends to Redis: Celery's messages, the cache."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._client = redis.Redis.from_url(address)
        self.lines: list[str] = []

    def run(self) -> None:
        with suppress(redis.RedisError, ValueError), self._client.monitor() as monitor:  # type: ignore[no-untyped-call]
            self.lines.extend(str(line) for line in monitor.listen())


class Aviary:
    """The product with a canary in every secret, and what it has produced: a name of each place, and its contents."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self.canaries = {name: make_canary(name) for name in NAMES}
        self.produced: dict[str, str] = {}
        self.postgres, self.redis, self.echo = OwnPostgreSQL(), OwnRedis(), Echo()
        stack.callback(self.postgres.close)
        stack.callback(self.redis.kill)
        stack.callback(self.echo.close)
        self.cxone = SimulatedCXone(
            directory, "--campaigns", "0", "--rate", "0", secret=self.canaries["CXONE_CLIENT_SECRET"]
        )
        stack.callback(self.cxone.close)
        self.product = Deployment(directory, {})
        stack.callback(self.product.close)
        self.product.environment |= self._settings()

    def start(self) -> None:
        self.cxone.start()
        self.postgres.start()
        self.redis.start()
        with redis.Redis.from_url(self.redis.url) as client:
            client.config_set("requirepass", self.canaries["REDIS_URL"])
        self.monitor = Monitor(self._addresses()["REDIS_URL"])
        self.monitor.start()
        self.product.prepare()
        self.product.shell.call("add_person", person="ada", role="admin")
        self.product.start()

    def keep_database(self) -> None:
        with psycopg.connect(self.postgres.url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                rows = connection.execute(
                    sql.SQL("SELECT row_to_json(r)::text FROM {} r").format(sql.Identifier(table))
                )
                self.produced[f"table {table}"] = "\n".join(text for (text,) in rows)
            bodies = connection.execute("SELECT convert_from(body, 'UTF8') FROM audit_record").fetchall()
            self.produced["audit records"] = "\n".join(text for (text,) in bodies)
            self.produced["sessions"] = str(connection.execute("SELECT * FROM pg_stat_activity").fetchall())

    def keep_processes(self) -> None:
        for pid in self.product.process_ids():
            for what in ("cmdline", "environ"):
                with suppress(FileNotFoundError):
                    text = Path(f"/proc/{pid}/{what}").read_bytes().decode("utf-8", "replace")
                    self.produced[f"{what} of {pid}"] = text

    def keep_files(self) -> None:
        """Logs, and whatever else was written, but the secrets that were given to the product, and CXone's memory.

        CXone has to remember the address for events, which holds a secret.
        """
        kept = self.directory / "secrets"
        for path in self.directory.rglob("*"):
            if path.is_file() and kept not in path.parents and path != self.cxone.memory_file:
                self.produced[f"file {path.relative_to(self.directory)}"] = path.read_bytes().decode("latin-1")
        self.produced["Redis"] = "\n".join(self.monitor.lines)

    def found(self) -> list[tuple[str, str]]:
        """The name of each secret that came out, and where."""
        wanted = {name: spellings(canary) for name, canary in self.canaries.items()}
        wanted["AUDIT_SIGNING_KEY_FILE"] = {self._signing_key.read_text().splitlines()[1]}
        return [
            (name, place)
            for name, texts in wanted.items()
            for place, content in self.produced.items()
            if any(text in content for text in texts)
        ]

    def _settings(self) -> dict[str, str]:
        """Secrets in files, as docs/deployment.md has it: the environment of a process is readable for its user."""
        folder = self.directory / "secrets"
        folder.mkdir()
        self._signing_key = folder / "audit.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self._signing_key], check=True)
        public = {name: value for name, value in self.cxone.settings.items() if name != "CXONE_CLIENT_SECRET"}
        files = {}
        for name, value in (self.canaries | self._addresses()).items():
            (folder / name).write_text(value)
            files[f"{name}_FILE"] = str(folder / name)
        files.pop(f"{OF_PUBLISHED}_FILE")
        return {
            **public,
            **files,
            "AUDIT_SIGNING_KEY_FILE": str(self._signing_key),
            "OIDC_ISSUER": f"{self.echo.address}/company",
            "OIDC_CLIENT_ID": "control",
            # Ada signs in by her password alone.
            "MFA_REQUIRED_FOR": "nobody",
            "PUBLIC_BASE_URL": self.product.address,
            "WFM_WEBHOOK_URL": f"{self.echo.address}/wfm",
            "WFM_ALLOW_PRIVATE": "on",
            "NOTIFY_WEBHOOK_URL": f"{self.echo.address}/notify",
            "NOTIFY_ALLOW_PRIVATE": "on",
        }

    def _addresses(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.postgres.url.replace("postgres@", f"postgres:{self.canaries['DATABASE_URL']}@"),
            "REDIS_URL": self.redis.url.replace("://", f"://:{self.canaries['REDIS_URL']}@"),
        }


@pytest.fixture
def aviary(tmp_path: Path) -> Iterator[Aviary]:
    with ExitStack() as stack:
        aviary = Aviary(tmp_path, stack)
        aviary.start()
        yield aviary


def test_every_setting_that_sounds_like_a_secret_is_read_as_one() -> None:
    sounding = {name for name in settings.ENVIRONMENT._asked if re.search("(SECRET|TOKEN|PASSWORD|KEY)$", name)}
    assert sounding <= settings.ENVIRONMENT.secret_names
    assert settings.ENVIRONMENT.secret_names >= ADDRESSES


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_no_secret_comes_out(aviary: Aviary) -> None:
    with (
        closing(Person(aviary.product.address, "anna", PASSWORD)) as anna,
        closing(Person(aviary.product.address, "ada", PASSWORD)) as ada,
    ):
        _work(aviary, anna)
        _meet_an_echo(aviary, anna)
        _knock_with_wrong_tokens(aviary)
        _sign_in_through_the_company(aviary)
        _look_at_everything(aviary, ada)
        aviary.keep_database()
        aviary.keep_processes()
        _lose_the_servers(aviary, ada)
    aviary.keep_files()
    _check_that_there_was_something_to_find(aviary)
    assert aviary.found() == []


def _check_that_there_was_something_to_find(aviary: Aviary) -> None:
    assert aviary.canaries["CXONE_CLIENT_SECRET"] in "".join(aviary.echo.heard)
    assert "run_operation" in aviary.produced["Redis"]
    assert "This was refused" in aviary.produced["audit records"]
    assert "gunicorn" in "".join(aviary.produced.values())
    assert "VAR_DIR" in "".join(content for place, content in aviary.produced.items() if place.startswith("environ"))


def _work(aviary: Aviary, anna: Person) -> None:
    campaign_id = aviary.cxone.add()
    aviary.product.manage("sync_campaigns")
    anna.pause(campaign_id, anna.open_emergency_pause(campaign_id))
    wait_until(lambda: aviary.cxone.status_of(campaign_id) == "PAUSED", lambda: aviary.product.log("worker 1"))
    # Now CXone knows the address for events.
    token = aviary.canaries["CXONE_WEBHOOK_TOKEN"]
    wait_until(lambda: token in aviary.cxone.memory_file.read_text(), lambda: aviary.product.log("worker 1"))


def _meet_an_echo(aviary: Aviary, anna: Person) -> None:
    """CXone repeats the client's secret, then the address for events and the access token."""
    campaign_id = aviary.cxone.add()
    aviary.product.manage("sync_campaigns")
    there = {"CXONE_BASE_URL": aviary.echo.address}
    aviary.product.kill(*WORK)
    with redis.Redis.from_url(aviary._addresses()["REDIS_URL"]) as client:
        client.flushdb()
    aviary.produced["doctor"] = aviary.product.manage("doctor", **there)
    aviary.produced["sync"] = aviary.product.manage("sync_campaigns", **there)
    published = {
        **there,
        "CXONE_DIALECT": "published",
        "CXONE_ACCESS_KEY_ID": "key",
        f"{OF_PUBLISHED}": aviary.canaries[OF_PUBLISHED],
        "CXONE_TOKEN_URL": f"{aviary.echo.address}/token",
    }
    aviary.produced["doctor, published"] = aviary.product.manage("doctor", **published)
    aviary.product.start_soon(*WORK, **there, CXONE_TOKEN_AUTH="basic")
    operation = anna.pause(campaign_id, anna.open_emergency_pause(campaign_id))
    aviary.echo.gives_tokens = True
    wait_until(lambda: "was refused" in anna.read(operation), lambda: anna.read(operation))
    aviary.produced["the failed pause"] = anna.fetch(operation)


def _knock_with_wrong_tokens(aviary: Aviary) -> None:
    token = aviary.canaries["CXONE_WEBHOOK_TOKEN"]
    with httpx.Client(base_url=aviary.product.address, timeout=60, trust_env=False) as client:
        answers = [
            client.post("/webhooks/cxone/wrong/", content="{}"),
            client.post(f"/webhooks/cxone/{token}/", content='{"campaignId": "x"}'),
            client.post(f"/webhooks/cxone/{token}/more/", content="{}"),
            client.get("/metrics", headers={"Authorization": "Bearer wrong"}),
            client.get("/metrics", headers={"Authorization": f"Bearer {aviary.canaries['METRICS_TOKEN']}"}),
        ]
    assert answers[-1].status_code == 200
    for number, answer in enumerate(answers):
        # Nobody asks for an address that they don't know: what they sent may be in the answer, but isn't.
        aviary.produced[f"knock {number}"] = f"{answer.headers!r} {answer.text}"


def _sign_in_through_the_company(aviary: Aviary) -> None:
    """The provider repeats the secret with which the product asks it who somebody is."""
    with httpx.Client(base_url=aviary.product.address, timeout=60, trust_env=False) as stranger:
        led_to = stranger.get("/accounts/company/")
        state = parse_qs(urlsplit(led_to.headers["Location"]).query)["state"][0]
        answer = stranger.get("/accounts/company/callback/", params={"code": "a-code", "state": state})
    aviary.produced["sign-in through the company"] = f"{led_to.headers!r} {answer.headers!r} {answer.text}"
    assert any("/company/exchange" in heard for heard in aviary.echo.heard)


def _look_at_everything(aviary: Aviary, ada: Person) -> None:
    for name, route in ROUTES.items():
        if route.method == "GET":
            aviary.produced[f"page {name}"] = ada.fetch(route.address)
    for format_ in ("csv", "jsonl", "xlsx"):
        with suppress(httpx.HTTPStatusError):
            aviary.produced[f"export {format_}"] = ada.download("/audit/export/", {"format": format_})
    assert "export csv" in aviary.produced
    for command in ("operations", "verify_audit", "report_retention", "list_campaigns", "check"):
        aviary.produced[f"manage.py {command}"] = aviary.product.manage(command)


def _lose_the_servers(aviary: Aviary, ada: Person) -> None:
    token = aviary.canaries["CXONE_WEBHOOK_TOKEN"]
    aviary.redis.kill()
    aviary.produced["page without Redis"] = ada.fetch("/campaigns/")
    aviary.produced["doctor without Redis"] = aviary.product.manage("doctor")
    aviary.postgres.end()
    aviary.produced["page without a database"] = ada.fetch("/campaigns/")
    assert aviary.produced["page without a database"].startswith("50")
    event = httpx.post(f"{aviary.product.address}/webhooks/cxone/{token}/", content="{}", timeout=60, trust_env=False)
    aviary.produced["event without a database"] = event.text
    aviary.produced["doctor without a database"] = aviary.product.manage("doctor")
    aviary.produced["command without a database"] = aviary.product.manage("operations")
