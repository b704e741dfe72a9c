"""A run of clicks and faults in an order that only its seed decides.

The same seed is the same sequence of actions; how far the product has come at each of them is up to the machine.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.faults import invariants
from tests.faults.site import Site, run_site
from tests.processes.deployment import PARTS
from tests.processes.person import NotAccepted

CAMPAIGNS = 30
# What CXone allows by default. The simulated one would take any number, so that the product has to keep to it.
RATE = 200
# Clicks come about as fast as two people make them; an action that hurts lasts for some of them.
SECONDS_BETWEEN = (0.05, 0.5)
PEOPLES_SHARE = 0.8
LASTS = (1, 12)
LONGEST_CLICK = 20.0
CALL = "/api/v2/*campaigns/*"
ANSWERS: tuple[dict[str, Any], ...] = (
    {"cut": True, "done": True},
    {"cut": True, "done": False},
    {"status": 503},
    {"status": 500, "done": True},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 429},
    {"body": '{"id": "c', "done": True},
    {"delay": 2.0},
)


@dataclass(frozen=True)
class Action:
    """lasts: number of actions after which what was hurt is well again; 0: nothing is."""

    name: str
    seconds_before: float
    arguments: dict[str, Any] = field(default_factory=dict)
    lasts: int = 0

    def __str__(self) -> str:
        arguments = " ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"{self.name} {arguments}" + (f" for {self.lasts} actions" if self.lasts else "")


def actions(seed: int, *, postgresql: bool) -> Iterator[Action]:
    """Without end."""
    chance = random.Random(seed)
    hurts = [name for name in HURTS if postgresql or name != "end_postgres"]
    while True:
        before = round(chance.uniform(*SECONDS_BETWEEN), 2)
        # Mostly people's: with all of it broken all the time there would be nothing to lose.
        if chance.random() < PEOPLES_SHARE:
            name = chance.choices(list(CLICKS), list(CLICKS.values()))[0]
            arguments = {"person": chance.randrange(2), "campaign": chance.randrange(CAMPAIGNS)}
            yield Action(name, before, arguments)
        else:
            name = chance.choices(hurts, [HURTS[each] for each in hurts])[0]
            yield Action(name, before, _target(name, chance), chance.randint(*LASTS))


# How often each comes, compared with the others.
CLICKS = {
    "pause": 6,
    "pause_many": 1,
    "emergency": 2,
    "resume": 10,
    "cancel": 1,
    "pause_later": 1,
    "change_outside": 1,
    "event": 2,
}
HURTS = {
    "kill": 8, "stop": 5, "answer": 16, "revoke_tokens": 2, "kill_everything": 1, "kill_redis": 2, "stop_redis": 2,
    "end_postgres": 2, "kill_cxone": 2, "stop_cxone": 2,
}  # fmt: skip


def _target(name: str, chance: random.Random) -> dict[str, Any]:
    if name in {"kill", "stop"}:
        return {"part": chance.choice(PARTS)}
    if name == "answer":
        method = chance.choice(["PUT", "GET", "*"])
        return {"method": method, "times": chance.randint(1, 4), "how": chance.randrange(len(ANSWERS))}
    return {}


class RandomRun:
    """Carries out actions on a site. What it hurts is well again some actions later, and all of it at the end."""

    def __init__(self, site: Site, say: Callable[[str], object]) -> None:
        self._site = site
        self._say = say
        self._campaigns = site.take(CAMPAIGNS)
        self._repairs: dict[int, list[Callable[[], object]]] = {}
        # A person waits for each page before the next; the others go on meanwhile.
        self._threads = [ThreadPoolExecutor(1) for _ in site.people]

    def run(self, seed: int, seconds: float) -> None:
        began = time.monotonic()
        for number, action in enumerate(actions(seed, postgresql=self._site.postgres is not None)):
            if time.monotonic() - began > seconds:
                break
            time.sleep(action.seconds_before)
            self._say(f"{number:5} {time.monotonic() - began:6.1f} s  {action}")
            for repair in self._repairs.pop(number, []):
                repair()
            if repair := getattr(self, f"_{action.name}")(**action.arguments):
                self._repairs.setdefault(number + action.lasts, []).append(repair)
        self._end()

    def _end(self) -> None:
        """All is well again, and whoever held a lease is gone."""
        for threads in self._threads:
            threads.shutdown(cancel_futures=True)
        if self._site.postgres:
            self._site.postgres.start()
        self._site.redis.start()
        self._site.cxone.resume()
        self._site.cxone.start()
        self._site.product.kill(*PARTS)
        self._site.product.shell.call("expire_leases")
        self._site.recover()

    def _click(self, person: int, click: Callable[[], object]) -> None:
        def try_it() -> None:
            # The pages may be down, the answer may be lost, and somebody else may be in the way.
            with suppress(NotAccepted, httpx.HTTPError):
                click()

        self._threads[person].submit(try_it)

    def _pause(self, person: int, campaign: int) -> None:
        self._click(person, lambda: self._site.people[person].pause(self._campaigns[campaign]))

    def _pause_many(self, person: int, campaign: int) -> None:
        some = (self._campaigns * 2)[campaign : campaign + CAMPAIGNS // 3]
        self._click(person, lambda: self._site.people[person].pause_many(some))

    def _emergency(self, person: int, campaign: int) -> None:
        somebody, campaign_id = self._site.people[person], self._campaigns[campaign]
        self._click(person, lambda: somebody.pause(campaign_id, somebody.open_emergency_pause(campaign_id)))

    def _resume(self, person: int, campaign: int) -> None:
        self._click(person, lambda: self._site.people[person].resume(self._campaigns[campaign]))

    def _cancel(self, person: int, campaign: int) -> None:
        accepted = self._site.product.accepted
        if accepted:
            self._click(person, lambda: self._site.people[person].cancel(accepted[-1 - campaign % len(accepted)]))

    def _pause_later(self, person: int, campaign: int) -> None:
        arguments = {"verb": "pause", "campaign_id": self._campaigns[campaign], "seconds": 5 + person}
        # The database may be down, or somebody in the way.
        with suppress(AssertionError):
            self._site.product.accepted.append(self._site.product.shell.call("change_later", **arguments))

    def _change_outside(self, person: int, campaign: int) -> None:
        with suppress(httpx.HTTPError):
            self._site.cxone.change(self._campaigns[campaign], status=("ACTIVE", "PAUSED")[person])

    def _event(self, person: int, campaign: int) -> None:
        self._click(person, lambda: self._site.post_event(self._campaigns[campaign]))

    def _kill(self, part: str) -> Callable[[], object]:
        self._site.product.kill(part)
        return lambda: self._site.product.start_soon(part)

    def _stop(self, part: str) -> Callable[[], object]:
        self._site.product.stop(part)
        return lambda: self._site.product.resume(part)

    def _kill_everything(self) -> Callable[[], object]:
        self._site.product.kill()
        return lambda: self._site.product.start_soon(*PARTS)

    def _answer(self, method: str, times: int, how: int) -> None:
        with suppress(httpx.HTTPError):
            self._site.cxone.fail(method, CALL, times=times, **ANSWERS[how])

    def _revoke_tokens(self) -> None:
        with suppress(httpx.HTTPError):
            self._site.cxone.revoke_tokens()

    def _kill_redis(self) -> Callable[[], object]:
        self._site.redis.kill()
        return self._site.redis.start

    def _stop_redis(self) -> Callable[[], object]:
        self._site.redis.stop()
        return self._site.redis.resume

    def _end_postgres(self) -> Callable[[], object]:
        assert self._site.postgres
        self._site.postgres.end()
        return self._site.postgres.start

    def _kill_cxone(self) -> Callable[[], object]:
        self._site.cxone.kill()
        return self._site.cxone.start

    def _stop_cxone(self) -> Callable[[], object]:
        self._site.cxone.stop()
        return self._site.cxone.resume


def run_at_random(
    directory: Path, seed: int, seconds: float, *, postgresql: bool, say: Callable[[str], object]
) -> None:
    """AssertionError: a promise was broken; the sentence has the seed that repeats the run."""
    again = f"FAULTS_SEED={seed} FAULTS_MINUTES={seconds / 60:.2g}"
    say(again)
    with run_site(directory, postgresql=postgresql, rate=RATE, campaigns=CAMPAIGNS, patience=LONGEST_CLICK) as site:
        RandomRun(site, say).run(seed, seconds)
        try:
            invariants.check(site.product, site.cxone)
        except AssertionError as broken:
            raise AssertionError(f"{again}\n{broken}") from None
        say(f"Every promise was kept. {_summary(site)}")


def _summary(site: Site) -> str:
    ends = Counter(operation["state"] for operation in site.product.shell.call("read_operations"))
    counted = ", ".join(f"{number} {state}" for state, number in ends.most_common())
    accepted, requests = len(site.product.accepted), len(site.cxone.whole_record())
    return f"The pages accepted {accepted} operations ({counted}), and CXone had {requests} requests."
