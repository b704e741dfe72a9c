"""A product that runs, and the campaigns of its CXone: what was asked, and what CXone was told."""

from typing import Any, Protocol

from campaigns.states import State
from tests.processes.cxone import SimulatedCXone
from tests.processes.group import wait_until
from tests.processes.shell import Shell


class Installation(Protocol):
    """rate: requests that it may send in a minute. accepted: operations that its pages have accepted. told: promises
    that were found broken."""

    rate: int
    accepted: list[str]
    told: list[str]
    shell: Shell


class Floor:
    """campaigns: ids of those that no test has taken yet."""

    def __init__(self, cxone: SimulatedCXone, product: Installation, campaigns: int) -> None:
        self.cxone = cxone
        self.campaigns = [cxone.add() for _ in range(campaigns)]
        self._shell = product.shell

    def take(self, number: int = 1) -> list[str]:
        """So many campaigns that dial, and that nothing was requested yet."""
        taken, self.campaigns = self.campaigns[:number], self.campaigns[number:]
        assert len(taken) == number, "the site has no more campaigns"
        return taken

    def operations(self, campaign_ids: list[str]) -> list[dict[str, Any]]:
        """Those of these campaigns, oldest first."""
        operations: list[dict[str, Any]] = self._shell.call("read_operations", campaign_ids=campaign_ids)
        return operations

    def wait_for(self, campaign_ids: list[str], state: State) -> list[dict[str, Any]]:
        """The campaigns' operations, once all are in that state, and there is one for each campaign at least."""
        found: list[dict[str, Any]] = []

        def all_are() -> bool:
            found[:] = self.operations(campaign_ids)
            states = {operation["state"] for operation in found}
            return states == {state} and {each["campaign_id"] for each in found} == set(campaign_ids)

        wait_until(all_are, lambda: f"not all are {state}: {_shown(found)}", 120)
        return found

    def applied(self, campaign_ids: list[str]) -> list[int]:
        """How many changes of each campaign's status CXone has applied."""
        record = self.cxone.whole_record()
        writes = [each["campaign_id"] for each in record if each["method"] == "PUT" and each["applied"]]
        return [writes.count(campaign_id) for campaign_id in campaign_ids]

    def sent(self, campaign_id: str) -> list[dict[str, Any]]:
        """The requests that were to change its status, applied or not."""
        record = self.cxone.whole_record()
        return [each for each in record if each["method"] == "PUT" and each["campaign_id"] == campaign_id]

    def is_read(self, campaign_id: str) -> bool:
        """Somebody has asked CXone for this campaign alone."""
        record = self.cxone.whole_record()
        return any(each["method"] == "GET" and each["campaign_id"] == campaign_id for each in record)

    def wait_until_read(self, campaign_id: str) -> None:
        wait_until(lambda: self.is_read(campaign_id), lambda: f"campaign {campaign_id} was never read")

    def came_between(self, start: float, end: float) -> list[dict[str, Any]]:
        """All requests of that time, in seconds since the epoch."""
        return [request for request in self.cxone.whole_record() if start < request["at"] < end]

    def wait_until_sent(self, campaign_id: str, times: int = 1) -> None:
        wait_until(lambda: len(self.sent(campaign_id)) >= times, lambda: f"sent: {self.sent(campaign_id)}")


def _shown(operations: list[dict[str, Any]]) -> list[str]:
    return [f"{each['kind']} {each['state']} {each['waiting_for']} {each['error']}" for each in operations]
