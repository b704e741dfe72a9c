"""Clicks and faults at random: what nobody has thought of."""

import os
import random
from itertools import islice
from pathlib import Path

import pytest

from tests.faults.random_run import actions, run_at_random

# Any other is as good, and another run.
SEED = 20261128


def test_seed_decides_the_sequence() -> None:
    first, again, other = (list(islice(actions(seed, postgresql=True), 500)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.faults
def test_ten_seconds_at_random(tmp_path: Path) -> None:
    run_at_random(tmp_path, SEED, 10, postgresql=True, say=print)


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_minutes_at_random(tmp_path: Path, database: str) -> None:
    seed = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10**6))
    minutes = float(os.environ.get("FAULTS_MINUTES") or 5)
    run_at_random(tmp_path, seed, minutes * 60, postgresql=database == "postgresql", say=print)
