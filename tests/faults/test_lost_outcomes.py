"""A worker is killed before a change is answered, somebody else takes the change back, and another worker comes."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import SCHEDULE
from tests.operations.runner.schedules import MONDAY
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import ROOT, wait_until
from tests.processes.product import MANAGE, environment_in

pytestmark = pytest.mark.faults

METHODS = {"pause": "PUT", "resume": "PUT", "schedule": "PATCH"}
# The lease of a dead worker lasts 40 s, which nobody waits for here.
TAKE_OVER = """
from datetime import timedelta
from django.db.models.functions import Now
from campaigns.models import Operation
from campaigns.operations.runner.execution import advance_operation

assert set(Operation.objects.values_list("state", flat=True)) == {"RUNNING"}
Operation.objects.update(lease_until=Now() - timedelta(seconds=1))
for operation in Operation.objects.all():
    assert advance_operation(operation.pk)
"""


class Shell:
    """Commands of the product, each a process of its own; all that are left are killed at the end."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> None:
        self._processes.append(subprocess.Popen([*MANAGE, *arguments], env=self._environment, cwd=ROOT))

    def kill_all(self) -> None:
        for process in self._processes:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def run(self, *arguments: str) -> str:
        return subprocess.run(
            [*MANAGE, *arguments], env=self._environment, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout


@pytest.fixture
def shell(stack: dict[str, str], cxone: SimulatedCXone, tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(environment_in(tmp_path) | cxone.settings | stack)
    shell.run("migrate", "--verbosity", "0")
    yield shell
    shell.kill_all()


@pytest.fixture
def campaigns(cxone: SimulatedCXone) -> dict[str, str]:
    """One to pause, one to resume, one whose hours are to change."""
    added = {"pause": cxone.add(), "resume": cxone.add(status="PAUSED"), "schedule": cxone.add()}
    cxone.change(added["schedule"], schedule=SCHEDULE)
    return added


def test_change_that_was_taken_back_is_never_made_again(
    shell: Shell, cxone: SimulatedCXone, campaigns: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "schedule.json"
    file.write_text(json.dumps(MONDAY))
    shell.run("sync_campaigns")

    def what_cxone_has() -> dict[str, dict[str, object]]:
        """Without its calls, which come and go."""
        found = {campaign_id: cxone.campaign(campaign_id) for campaign_id in campaigns.values()}
        return {key: {name: each[name] for name in ("status", "schedule")} for key, each in found.items()}

    before = what_cxone_has()
    for kind, campaign_id in campaigns.items():
        cxone.fail(METHODS[kind], f"/api/v2/*campaigns/{campaign_id}", delay=30)
    shell.start("pause_campaign", campaigns["pause"], "--reason", "MAINTENANCE")
    shell.start("resume_campaign", campaigns["resume"], "--reason", "MAINTENANCE")
    shell.start("update_schedule", campaigns["schedule"], "--file", str(file), "--acknowledge-warnings")

    def applied() -> dict[str, int]:
        return {kind: cxone.applied(campaign_id, METHODS[kind]) for kind, campaign_id in campaigns.items()}

    once = dict.fromkeys(campaigns, 1)
    wait_until(lambda: applied() == once, lambda: f"not all was sent: {applied()}")
    shell.kill_all()
    for campaign_id, was in before.items():
        cxone.change(campaign_id, **was)

    shell.run("shell", "--command", TAKE_OVER)
    ends = [json.loads(line) for line in shell.run("operations").splitlines()]
    assert {end["action"]: end["state"] for end in ends} == {
        "pause": "UNCONFIRMED",
        "resume": "UNCONFIRMED",
        "schedule": "CONFLICT",
    }
    assert applied() == once
    assert what_cxone_has() == before
