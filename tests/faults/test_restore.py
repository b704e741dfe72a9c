"""A backup is made while the product works, the database is lost, and the backup put back: docs/running.md, tried."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.person import Person
from tests.processes.product import PASSWORD, Product
from tests.processes.servers import OwnPostgreSQL

pytestmark = pytest.mark.faults

# More than two rounds of everything that the product does by itself.
A_WHILE = 6.0
CHANGE = "UPDATE audit_record SET by = 'eve' WHERE number = 3"


@dataclass
class Installation:
    """`postgres`: None on SQLite. `before`, `open_then`, `after`: campaigns, by when their pause was carried out."""

    product: Product
    cxone: SimulatedCXone
    postgres: OwnPostgreSQL | None
    before: str
    open_then: str
    after: str
    backup: str = ""

    @property
    def database(self) -> Path:
        return Path(self.product.environment["VAR_DIR"]) / "campaign-control.sqlite3"

    def lose_database(self) -> None:
        self.product.kill()
        if self.postgres:
            self._on_server("DROP DATABASE product WITH (FORCE)")
            return
        for path in self.database.parent.glob(f"{self.database.name}*"):
            path.unlink()

    def put_back(self) -> None:
        if not self.postgres:
            shutil.copy(self.backup, self.database)
            return
        self._on_server("CREATE DATABASE product")
        command = [
            "pg_restore",
            "--exit-on-error",
            f"--dbname={self.product.environment['DATABASE_URL']}",
            self.backup,
        ]
        subprocess.run(command, check=True)

    def tamper(self) -> None:
        """As its owner can, who knows what stands in the way."""
        code = f"""
from django.db import connection
from audit import triggers
triggers.remove(connection)
connection.cursor().execute("{CHANGE}")
triggers.install(connection)
"""
        self.product.run_code(code)

    def command(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        ran = self.product.manage(*arguments)
        assert ran.returncode == status, ran.stderr
        said: dict[str, Any] = json.loads(ran.stdout) if ran.stdout else {"error": ran.stderr}
        return said

    def sign_in(self) -> Person:
        return Person(self.product.address, "supervisor", PASSWORD)

    def state_of(self, campaign_id: str) -> str:
        """That of its newest operation."""
        return str(next(each for each in self.product.operations() if each["campaign_id"] == campaign_id)["state"])

    def _on_server(self, statement: str) -> None:
        assert self.postgres
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute(statement)


def install(directory: Path, stack: ExitStack, *, postgresql: bool) -> Installation:
    cxone = stack.enter_context(closing(SimulatedCXone(directory, "--campaigns", "5")))
    cxone.start()
    settings = {**cxone.settings, "DEMO_PASSWORD": PASSWORD}
    postgres = None
    if postgresql:
        postgres = stack.enter_context(closing(OwnPostgreSQL()))
        postgres.start()
        settings["DATABASE_URL"] = urlsplit(postgres.url)._replace(path="/product").geturl()
    product = Product(directory, settings)
    stack.callback(product.kill)
    return Installation(product, cxone, postgres, *(cxone.add() for _ in range(3)))


def use_and_back_up(place: Installation, backups: Path) -> None:
    """One pause before the backup; one that is open in it, and is then carried out and taken back; one after it."""
    if place.postgres:
        place._on_server("CREATE DATABASE product")
    place.product.start()
    with closing(place.sign_in()) as anna:
        anna.pause(place.before)
        place.product.wait_for_confirmed()
        place.cxone.stop()
        anna.pause(place.open_then)
        place.backup = place.command("back_up", str(backups))["file"]
        place.cxone.resume()
        place.product.wait_for_confirmed(2)
        anna.resume(place.open_then)
        anna.pause(place.after)
        place.product.wait_for_confirmed(4)
    # So that checkpoints know of more than the backup has, as they do after some minutes.
    place.product.run_code("from audit.integrity import checkpoints; checkpoints.write()")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def used(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    directory = tmp_path_factory.mktemp(f"restore-{request.param}")
    with ExitStack() as stack:
        place = install(directory, stack, postgresql=request.param == "postgresql")
        use_and_back_up(place, directory / "backups")
        yield place


@pytest.fixture
def restored(used: Installation) -> Iterator[Installation]:
    """The backup is back, and nothing runs yet."""
    checkpoints = Path(used.product.environment["VAR_DIR"]) / "checkpoints"
    kept = checkpoints.with_name("kept")
    shutil.copytree(checkpoints, kept)
    used.lose_database()
    used.put_back()
    yield used
    used.product.kill()
    shutil.rmtree(checkpoints)
    kept.rename(checkpoints)


def test_nothing_old_is_sent_and_new_pauses_are(restored: Installation) -> None:
    changes = restored.cxone.applied(restored.open_then)
    restored.product.start()
    wait_until(lambda: restored.state_of(restored.open_then) == "UNCONFIRMED", lambda: restored.product.group.log)
    time.sleep(A_WHILE)
    assert restored.cxone.applied(restored.open_then) == changes
    assert restored.cxone.status_of(restored.open_then) == "ACTIVE"
    with closing(restored.sign_in()) as anna:
        anna.pause(restored.open_then)
        wait_until(lambda: restored.state_of(restored.open_then) == "CONFIRMED", lambda: restored.product.group.log)


def test_restore_is_acknowledged_and_stays_visible(restored: Installation) -> None:
    found = restored.command("acknowledge_restore")
    assert found["unproven_to"] is None
    assert found["lost_from"] == found["kept"] + 1
    assert not restored.command("verify_audit", status=1)["ok"]
    restored.command("acknowledge_restore", "--yes", "--note", "A drill")
    checked = restored.command("verify_audit")
    assert checked["ok"]
    assert [each["lost_to"] for each in checked["restores"]] == [found["lost_to"]]


def test_tampered_backup_is_not_acknowledged(restored: Installation) -> None:
    restored.tamper()
    refused = restored.command("acknowledge_restore", "--yes", "--note", "A drill", status=1)
    assert "No restore explains that" in refused["error"]
    assert not restored.command("verify_audit", status=1)["ok"]
