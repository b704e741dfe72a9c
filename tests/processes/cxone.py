"""The simulated CXone as a process of its own, moved and asked through its control address."""

import json
import signal
from pathlib import Path
from typing import Any

import httpx

from tests.processes.group import Group, wait_until
from tests.processes.product import MANAGE, environment_in, free_port

SECRET = "simulator-secret"


class SimulatedCXone:
    """Killed and started again, it is at the same address and remembers its campaigns, but not its own record.

    The file of its record goes on.
    """

    dialect = "v2"
    # What the control address calls campaigns.
    things = "campaigns"

    def __init__(self, directory: Path, *options: str, host: str = "127.0.0.1", secret: str = SECRET) -> None:
        self.port = free_port()
        self.address = f"http://{host}:{self.port}"
        self.settings = {
            "CXONE_BASE_URL": self.address,
            "CXONE_CLIENT_ID": "simulator",
            "CXONE_CLIENT_SECRET": secret,
        }
        self._directory = directory
        self._record_file = directory / "cxone-record.jsonl"
        # What CXone itself has to remember: campaigns, and the addresses to which it sends events.
        self.memory_file = directory / "cxone.json"
        files = ["--state", str(self.memory_file), "--record", str(self._record_file)]
        self._options = ["--dialect", self.dialect, "--host", host, "--port", str(self.port), *files, *options]
        self._control = httpx.Client(base_url=f"{self.address}/_simulator/", timeout=10, trust_env=False)
        self._group: Group | None = None
        self._requests: list[dict[str, Any]] = []
        self._read_bytes = 0

    def start(self) -> None:
        if self._group and self._group.runs:
            return
        log = self._directory / "cxone.log"
        log.unlink(missing_ok=True)
        group = self._group = Group([*MANAGE, "run_simulator", *self._options], self._environment(), log)
        wait_until(lambda: "simulator" in group.log, lambda: f"the simulator isn't ready:\n{group.log}")
        assert json.loads(group.log.splitlines()[0])["simulator"] == self.address

    def _environment(self) -> dict[str, str]:
        return environment_in(self._directory) | self.settings

    def kill(self) -> None:
        if self._group:
            self._group.kill()

    def stop(self) -> None:
        """It hangs: its port is open, and nothing answers."""
        if self._group:
            self._group.send(signal.SIGSTOP)

    def resume(self) -> None:
        if self._group:
            self._group.send(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        self._control.close()

    def add(self, calls: int = 3, status: str = "ACTIVE", **values: Any) -> str:
        """Another campaign, with so many calls in progress for as long as it dials; its id."""
        return self._add(calls=calls, status=status, **values)

    def _add(self, **given: Any) -> str:
        answer = self._control.post(self.things, json=given).raise_for_status()
        return str(answer.json()["id"])

    def change(self, campaign_id: str, **values: Any) -> None:
        """Somebody else changes it, there."""
        self._control.post(f"{self.things}/{campaign_id}", json=values).raise_for_status()

    def campaign(self, campaign_id: str) -> dict[str, Any]:
        campaign: dict[str, Any] = self._control.get(f"{self.things}/{campaign_id}").raise_for_status().json()
        return campaign

    def status_of(self, campaign_id: str) -> str:
        return str(self.campaign(campaign_id)["status"])

    def fail(self, method: str, path: str, **fault: Any) -> None:
        self._control.post("faults", json={"method": method, "path": path, **fault}).raise_for_status()

    def faults(self) -> list[dict[str, Any]]:
        """Those that haven't hit as often as they are to."""
        faults: list[dict[str, Any]] = self._control.get("faults").raise_for_status().json()["faults"]
        return faults

    def calm(self) -> None:
        """No more faults."""
        self._control.delete("faults").raise_for_status()

    def revoke_tokens(self) -> None:
        self._control.delete("tokens").raise_for_status()

    def applied(self, campaign_id: str, method: str = "PUT") -> int:
        """How many requests have changed the campaign (PUT: its status), by the simulator's own record."""
        return len(self.record(applied=1, campaign=campaign_id, method=method))

    def record(self, **query: str | int) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._control.get("record", params=query).raise_for_status().json()["requests"]
        return entries

    def whole_record(self) -> list[dict[str, Any]]:
        """Every request since the first start, in order."""
        if self._record_file.exists():
            with self._record_file.open("rb") as file:
                file.seek(self._read_bytes)
                # Only whole lines: one without its end is being written.
                lines, end, _ = file.read().rpartition(b"\n")
            self._read_bytes += len(lines) + len(end)
            self._requests += [json.loads(line) for line in lines.splitlines()]
        return self._requests


class PublishedCXone(SimulatedCXone):
    """One that speaks the API as NICE publishes it: a campaign is a skill there, which runs or doesn't."""

    dialect = "published"
    things = "skills"

    def __init__(self, directory: Path, *options: str) -> None:
        super().__init__(directory, *options)
        self.settings |= {
            "CXONE_DIALECT": self.dialect,
            "CXONE_TOKEN_URL": f"{self.address}/auth/token",
            "CXONE_ACCESS_KEY_ID": "simulator====",
            "CXONE_ACCESS_KEY_SECRET": "simulator-secret====",
        }

    def switch(self, **values: Any) -> None:
        """How the tenant behaves where the documents are silent."""
        self._control.post("switches", json=values).raise_for_status()

    def add(self, calls: int = 3, status: str = "ACTIVE", **values: Any) -> str:
        """Another skill, as the control address takes it; its id."""
        return self._add(calls=calls, running=status == "ACTIVE", **values)

    def status_of(self, campaign_id: str) -> str:
        return "ACTIVE" if self.campaign(campaign_id)["running"] else "PAUSED"

    def applied(self, campaign_id: str, method: str = "POST") -> int:
        """How many requests have changed the skill (POST: started or stopped it)."""
        return super().applied(campaign_id, method)
