"""Calls that begin and end: a campaign's lines, each busy or free, advanced only when somebody looks.

Each line is a two-state Markov chain, so the state after any time is drawn exactly, in one step. While the campaign
doesn't dial, no free line becomes busy, and the calls in progress end one by one.
"""

import math
from dataclasses import dataclass
from random import Random


@dataclass(slots=True)
class Traffic:
    """`busy_share`: share of lines busy while dialing, 1 for a steady count; `call_seconds`: mean length of a call."""

    lines: int
    busy_share: float
    call_seconds: float
    calls: int
    at: float

    def advance(self, now: float, dialing: bool, rng: Random) -> None:
        elapsed = now - self.at
        if elapsed <= 0:
            return
        self.at = now
        if not dialing:
            self.calls = _binomial(rng, self.calls, math.exp(-elapsed / self.call_seconds))
            return
        stays = self._stays_busy(elapsed)
        # What keeps the share of busy lines as it is: as many become busy as become free.
        if self.busy_share == 1:
            begins = 1.0
        else:
            begins = (1 - stays) * self.busy_share / (1 - self.busy_share)
        free = max(0, self.lines - self.calls)
        self.calls = _binomial(rng, self.calls, stays) + _binomial(rng, free, begins)

    def _stays_busy(self, elapsed: float) -> float:
        if self.busy_share == 1:
            return 1.0
        # A call ends at the rate 1 / call_seconds. In balance, both rates of the chain add up to that divided by the
        # share of free lines.
        settled = math.exp(-elapsed / (self.call_seconds * (1 - self.busy_share)))
        return self.busy_share + (1 - self.busy_share) * settled


def _binomial(rng: Random, trials: int, chance: float) -> int:
    if not trials or chance <= 0:
        return 0
    if chance >= 1:
        return trials
    draw = rng.random
    return sum([draw() < chance for _ in range(trials)])


def steady(calls: int, now: float, call_seconds: float = 8.0) -> Traffic:
    """Exactly `calls` in progress for as long as the campaign dials."""
    return Traffic(lines=calls, busy_share=1.0, call_seconds=call_seconds, calls=calls, at=now)
