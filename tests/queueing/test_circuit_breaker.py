"""The circuit breaker: when it opens and closes, for all processes, and what it costs while nothing fails."""

import ast
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.cxone.errors import BudgetSpent, Conflict, Unreachable
from campaigns.models import Operation, OperationKind, PeriodicJob, SyncState
from campaigns.queueing import circuit_breaker
from campaigns.queueing.circuit_breaker import Circuit, SharedBreaker, circuit_of
from campaigns.queueing.rows import database_now
from campaigns.states import State, WaitingFor
from tests.factories import make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

REFUSED = Unreachable("read campaign spring", cause="connection refused")
# Two objects are two processes: nothing is kept in memory.
HERE, THERE = SharedBreaker(), SharedBreaker()


def fail(times: int) -> None:
    for _ in range(times):
        HERE.note_failure(REFUSED)


def circuit() -> Circuit:
    return circuit_of(SyncState.current(), database_now())


def due_in() -> list[int]:
    """In how many seconds each operation is tried next, in the order in which they were asked for."""
    times = Operation.objects.order_by("requested_at").values_list("next_attempt_at", flat=True)
    return [round((at - database_now()).total_seconds()) for at in times]


def make_failing(**values: Any) -> Operation:
    now = timezone.now()
    waits: dict[str, Any] = {
        "state": State.WAITING,
        "waiting_for": WaitingFor.RETRY,
        "failing_since": now - timedelta(minutes=5),
    }
    return make_operation(**waits | {"next_attempt_at": now + timedelta(seconds=25)} | values)


# --- Opening ---


@pytest.mark.parametrize(("times", "expected"), [(4, Circuit.CLOSED), (5, Circuit.OPEN)])
def test_fifth_failure_in_a_row_opens(times: int, expected: Circuit) -> None:
    fail(times)
    assert circuit() == expected


def test_answer_in_between_starts_the_count_anew() -> None:
    fail(4)
    THERE.note_answer()
    fail(4)
    assert circuit() == Circuit.CLOSED


def test_failures_of_all_processes_count() -> None:
    fail(4)
    THERE.note_failure(REFUSED)
    assert circuit() == Circuit.OPEN


def test_first_failure_of_the_row_is_kept() -> None:
    fail(1)
    first = SyncState.current().unanswered_since
    fail(6)
    assert (SyncState.current().unanswered_since, SyncState.current().unanswered) == (first, 7)


def test_opening_says_why() -> None:
    before = SyncState.current().version
    fail(5)
    assert SyncState.current().error.startswith("The newest request failed (connection refused).")
    assert SyncState.current().version == before + 1


@pytest.mark.django_db(transaction=True)
def test_one_of_many_opens_it(caplog: pytest.LogCaptureFixture) -> None:
    def note(_: int) -> None:
        SharedBreaker().note_failure(REFUSED)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(16)))
    assert SyncState.current().unanswered == 16
    assert caplog.text.count("times in a row") == 1


# --- Probing ---


def test_open_circuit_is_probed_after_its_rest() -> None:
    fail(5)
    assert not circuit_breaker.take_probe()
    SyncState.objects.update(probe_at=Now())
    assert circuit() == Circuit.HALF_OPEN


def test_one_takes_the_probe() -> None:
    fail(5)
    SyncState.objects.update(probe_at=Now())
    assert [circuit_breaker.take_probe(), circuit_breaker.take_probe()] == [True, False]


def test_closed_circuit_has_no_probe() -> None:
    assert not circuit_breaker.take_probe()


def test_job_comes_for_the_first_probe() -> None:
    PeriodicJob.objects.filter(name="sync_campaigns").update(next_at=Now() + timedelta(minutes=9))
    fail(5)
    job = PeriodicJob.objects.get(name="sync_campaigns")
    assert job.next_at == SyncState.current().probe_at


# --- Closing ---


def test_answer_closes_it() -> None:
    fail(9)
    THERE.note_answer()
    state = SyncState.current()
    assert (state.unanswered, state.unanswered_since, state.probe_at) == (0, None, None)


def test_all_is_read_at_once() -> None:
    fail(5)
    HERE.note_answer()
    assert PeriodicJob.objects.filter(name="sync_campaigns", next_at__lte=Now()).exists()


def test_waiting_operations_are_tried_in_turn() -> None:
    for minutes in range(7, 0, -1):
        make_failing(requested_at=timezone.now() - timedelta(minutes=minutes))
    fail(5)
    HERE.note_answer()
    assert due_in() == [0, 0, 0, 1, 1, 1, 2]


def test_pauses_are_tried_first() -> None:
    for minutes in (4, 3, 2):
        make_failing(kind=OperationKind.RESUME, requested_at=timezone.now() - timedelta(minutes=minutes))
    make_failing(requested_at=timezone.now() - timedelta(minutes=1))
    fail(5)
    HERE.note_answer()
    assert due_in() == [0, 0, 1, 0]


def test_earlier_try_stays_as_it_is() -> None:
    for _ in range(3):
        make_failing(requested_at=timezone.now() - timedelta(minutes=2))
    make_failing(next_attempt_at=timezone.now() - timedelta(seconds=9))
    fail(5)
    HERE.note_answer()
    assert due_in()[-1] == -9


@pytest.mark.parametrize(
    "other",
    [
        {"state": State.RUNNING, "lease_until": timezone.now() + timedelta(days=1)},
        {"waiting_for": WaitingFor.PAUSE_SLOT, "failing_since": None},
        {"state": State.ACCEPTED, "waiting_for": ""},
    ],
)
def test_others_are_not_woken(other: dict[str, object]) -> None:
    make_failing(**other)
    fail(5)
    HERE.note_answer()
    assert due_in() == [25]


def test_short_row_wakes_nobody() -> None:
    make_failing()
    fail(4)
    HERE.note_answer()
    assert due_in() == [25]


# --- What it costs ---


def test_answer_after_an_answer_writes_nothing() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        HERE.note_answer()
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


def test_answer_counts_although_the_database_fails(caplog: pytest.LogCaptureFixture) -> None:
    def down(*_: object) -> None:
        raise OperationalError("down")

    with connection.execute_wrapper(down):
        HERE.note_answer()
        HERE.note_failure(REFUSED)
    assert caplog.text.count("could not note how CXone answered") == 2


# --- Who tells it ---


@pytest.mark.parametrize(
    ("outcomes", "counted"),
    [
        ([REFUSED, REFUSED], 6),
        ([REFUSED, Conflict("pause campaign spring")], 0),
        (["an answer", REFUSED], 0),
        ([ZeroDivisionError(), BudgetSpent()], 4),
    ],
)
def test_calls_side_by_side_count(outcomes: list[object], counted: int) -> None:
    fail(4)
    circuit_breaker.tell_breaker(outcomes)
    assert SyncState.current().unanswered == counted


# Their requests are sent by threads without a connection to the database, and told afterwards.
TOGETHER = "campaigns/operations/runner/together.py"
BESIDE = "campaigns/operations/runner/beside.py"


def test_every_gateway_of_the_product_tells_it() -> None:
    opened = {}
    for path in Path(settings.BASE_DIR, "campaigns").rglob("*.py"):
        name = path.relative_to(settings.BASE_DIR).as_posix()
        opened[name] = [ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if is_opening(node)]
    assert opened.pop(TOGETHER)
    assert opened.pop(BESIDE)
    assert all("Breaker()" in call or "breaker)" in call for calls in opened.values() for call in calls)


def is_opening(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open_own_gateway"
