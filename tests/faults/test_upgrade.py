"""An installation of an earlier version, with what people did there, becomes one of this version: docs/running.md."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.processes import servers
from tests.processes.product import MANAGE, environment_in

pytestmark = pytest.mark.faults

# The tables as they were before bulks, the guard, findings, people's views, holds and approvals.
EARLIER = """
from uuid import UUID
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
states = [("campaigns", "0016_unused_choices"), ("audit", "0004_search")]
for state in states:
    call_command("migrate", *state, verbosity=0)
now, old = timezone.now(), MigrationExecutor(connection).loader.project_state(states).apps
Campaign, Operation = old.get_model("campaigns", "Campaign"), old.get_model("campaigns", "Operation")
for number in range(3):
    Campaign.objects.create(id=f"c-{number}", name=f"Spring {number}", status="ACTIVE", read_at=now)
for number, state in enumerate(["CONFIRMED", "QUEUED"]):
    Operation.objects.create(
        id=UUID(int=number), kind="pause", campaign_id=f"c-{number}", by="anna", reason="MAINTENANCE", state=state,
        idempotency_key=f"k-{number}", body_hash="", requested_at=now, next_attempt_at=now,
        ended_at=now if state == "CONFIRMED" else None,
    )
from audit import ledger
from audit.kinds import RecordKind
for number in range(20):
    with transaction.atomic():
        ledger.append(RecordKind.OPERATION_ASKED, by="anna", action="pause", campaign_id="c-0")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    cxone = {"CXONE_BASE_URL": "http://127.0.0.1:9", "CXONE_CLIENT_ID": "c", "CXONE_CLIENT_SECRET": "s"}
    with ExitStack() as stack:
        settings = {**environment_in(tmp_path), **cxone}
        if request.param == "postgresql":
            servers.require()
            settings["DATABASE_URL"] = stack.enter_context(servers.database())
        yield settings


def manage(environment: dict[str, str], *arguments: str) -> str:
    ran = subprocess.run([*MANAGE, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def lines(said: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.splitlines()]


def test_earlier_installation_goes_on(environment: dict[str, str]) -> None:
    manage(environment, "shell", "--verbosity", "0", "--command", EARLIER)
    manage(environment, "migrate", "--no-input", "--verbosity", "0")
    checked = json.loads(manage(environment, "verify_audit"))
    assert (checked["ok"], checked["records"]) == (True, 20)
    operations = {each["campaign_id"]: each["state"] for each in lines(manage(environment, "operations"))}
    assert operations == {"c-0": "CONFIRMED", "c-1": "QUEUED"}
    assert len(lines(manage(environment, "list_campaigns"))) == 3
    assert json.loads(manage(environment, "protect_audit")) == {"missing": []}
    manage(environment, "back_up", environment["VAR_DIR"])
