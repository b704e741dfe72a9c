"""Several processes walk a long ledger; they say what one says."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit import chain
from audit.integrity import chain_walk, fast_walk, part_walker
from audit.integrity.chain_walk import verify_chain
from tests.audit.ledgers import append_some, tampering

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.data_layer]

TAMPERED = [
    "UPDATE audit_record SET by = 'eve' WHERE number = 5",
    "UPDATE audit_record SET by = 'eve' WHERE number = 10",
    "UPDATE audit_record SET by = 'eve' WHERE number IN (27, 11)",
    "UPDATE audit_record SET digest = 'other' WHERE number = 20",
    "DELETE FROM audit_record WHERE number = 10",
    "DELETE FROM audit_record WHERE number BETWEEN 8 AND 23",
    "DELETE FROM audit_record WHERE number > 20",
    "DELETE FROM audit_record",
    "UPDATE audit_record SET number = -1 WHERE number = 30",
    "UPDATE audit_head SET number = 29",
]


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty records are a long ledger."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(chain_walk, "TOGETHER", 2)
    monkeypatch.setattr(chain_walk, "PART", 10)


@pytest.mark.usefixtures("apart")
def test_untouched_ledger_holds() -> None:
    append_some(30)
    reached: list[int] = []
    assert verify_chain(progress=reached.append).ok
    assert reached == [10, 20, 30]


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("statement", TAMPERED)
def test_same_verdict_as_alone(statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    append_some(30)
    with tampering() as cursor:
        cursor.execute(statement)
    found = verify_chain()
    monkeypatch.setattr(chain_walk, "TOGETHER", 100)
    assert found.first_break
    assert found == verify_chain()


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("victims", [1, 2])
def test_what_a_dead_process_leaves_is_checked_all_the_same(victims: int) -> None:
    append_some(30)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET by = 'eve' WHERE number = 25")
    with killing(victims):
        found = verify_chain()
    assert found.first_break
    assert found.first_break.number == 25


@contextmanager
def killing(victims: int) -> Iterator[None]:
    """Kill so many of the processes, each as soon as it exists: while others still start."""
    killer = threading.Thread(target=kill, args=(victims,))
    killer.start()
    yield
    killer.join()


def kill(victims: int) -> None:
    killed: set[int] = set()
    while len(killed) < victims:
        for child in walkers() - killed:
            os.kill(child, signal.SIGKILL)
            killed.add(child)
        time.sleep(0.005)


def walkers() -> set[int]:
    """Processes that this one has started to walk, by their ids."""
    # Of all its threads.
    children = [int(word) for file in Path("/proc/self/task").glob("*/children") for word in file.read_text().split()]
    return {child for child in children if part_walker.__file__.encode() in command_line(child)}


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.usefixtures("apart")
def test_no_process_outlives_a_walk_that_is_given_up() -> None:
    append_some(30)
    parts = fast_walk.walk_apart([0, 10, 20, 30], 2)
    next(iter(parts))
    parts.close()  # type: ignore[attr-defined]  # a generator
    assert walkers() == set()


@pytest.mark.usefixtures("apart")
def test_parts_are_walked_in_order() -> None:
    places = [chain.START, *((record.number, record.digest) for record in append_some(30))]
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET by = 'eve' WHERE number = 15")
    parts = list(fast_walk.walk_apart([0, 10, 20, 30], 2))
    assert parts == [(places[0], places[10]), (places[10], places[14]), (places[20], places[30])]
