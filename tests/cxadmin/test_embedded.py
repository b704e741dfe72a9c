"""Celery's worker within a thread, on the transport in memory: nothing is held up."""

import threading
from collections.abc import Callable, Iterator

import pytest
from celery import current_app, shared_task
from celery.worker import state as worker_state
from django.conf import settings
from pytest_django import Settings

from cxadmin import embedded
from cxadmin.celery import QUEUES

pytestmark = pytest.mark.skipif(bool(settings.REDIS_URL), reason="the broker is a Redis")

BOUND = 30.0  # seconds; a hundred took 46 while acknowledgements were held back
SMALL_TASKS = 100

done: list[int] = []
all_done = threading.Event()
gate = threading.Event()


@shared_task
def do_little(number: int, of: int) -> None:
    done.append(number)
    if len(done) == of:
        all_done.set()


@shared_task
def wait_at_gate() -> None:
    gate.wait(BOUND)


StartWorkers = Callable[..., None]


@pytest.fixture
def start_workers(settings: Settings) -> Iterator[StartWorkers]:
    settings.CXONE_BASE_URL = settings.CXONE_TOKEN_URL = "http://127.0.0.1:9"
    settings.CXONE_CLIENT_ID = settings.CXONE_CLIENT_SECRET = "simulator"
    threads: list[threading.Thread] = []

    def start(*queues: str) -> None:
        for queue in queues:
            worker = embedded._worker(queue, QUEUES[queue])
            threads.append(threading.Thread(target=worker.start, daemon=True))
            threads[-1].start()

    yield start
    gate.set()
    worker_state.should_stop = 0  # type: ignore[assignment]
    for thread in threads:
        thread.join(BOUND)
    worker_state.should_stop = None
    for event in (gate, all_done):
        event.clear()
    done.clear()


def send(queue: str, task: str, *arguments: int) -> None:
    current_app.send_task(f"{__name__}.{task}", arguments, queue=queue)


def test_hundred_small_tasks_are_done(start_workers: StartWorkers) -> None:
    start_workers("background")
    for number in range(SMALL_TASKS):
        send("background", "do_little", number, SMALL_TASKS)
    assert all_done.wait(BOUND)
    assert sorted(done) == list(range(SMALL_TASKS))


@pytest.mark.parametrize("name", ["fold_audit", "check_audit", "delete_ended_sessions", "delete_ended_failures"])
def test_message_of_an_older_version_stops_no_worker(start_workers: StartWorkers, name: str) -> None:
    """The task has another name since, so the message is dropped; its row becomes due again."""
    start_workers("background")
    current_app.send_task(f"campaigns.tasks.{name}", queue="background")
    send("background", "do_little", 1, 1)
    assert all_done.wait(BOUND)


def test_reads_do_not_hold_up_a_click(start_workers: StartWorkers) -> None:
    start_workers("background", "interactive")
    for _ in range(2 * QUEUES["background"]):
        send("background", "wait_at_gate")
    send("interactive", "do_little", 0, 1)
    assert all_done.wait(BOUND / 2)
