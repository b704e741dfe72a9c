"""Enqueues what is due, or runs it itself while the broker doesn't answer. Any number of copies may run."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from campaigns.deliveries.outbox import due
from campaigns.events import hints
from campaigns.models import Bulk, Delivery, Heartbeat, Operation
from campaigns.operations.runner.claim import is_left_to_its_bulk
from campaigns.queueing import wakeups
from campaigns.queueing.due import DueRows, DueSource, Message, is_unheard
from campaigns.queueing.leases import is_free
from campaigns.queueing.periodic import DueJobs
from campaigns.states import OPEN

log = logging.getLogger(__name__)

# Half of what a person notices as a delay: whatever the wake-up after a commit missed is found here.
TICK_SECONDS = 0.5
BEAT_SECONDS = 5.0
NAME = f"{socket.gethostname()}:{os.getpid()}"


def due_operations() -> QuerySet[Operation]:
    """Operations that are due and that nobody works on, those that were never enqueued first."""
    found = Operation.objects.filter(
        is_free(), is_unheard(), ~is_left_to_its_bulk(), state__in=OPEN, next_attempt_at__lte=Now()
    )
    return found.order_by(F("enqueued_at").asc(nulls_first=True), "next_attempt_at")


def due_bulks() -> QuerySet[Bulk]:
    """Bulks that are due and that nobody holds, those first that override the calls check."""
    found = Bulk.objects.filter(is_free(), is_unheard(), ended_at=None, next_attempt_at__lte=Now())
    return found.order_by("-override", "requested_at")


def due_deliveries() -> QuerySet[Delivery]:
    """Deliveries that can be sent now. Without an address of the WFM system, those that are left wait."""
    if not settings.WFM_WEBHOOK_URL:
        return Delivery.objects.none()
    return due().filter(is_unheard()).order_by("next_attempt_at")


# All that can become due. Each round asks them in this order.
SOURCES: tuple[DueSource, ...] = (
    DueRows(queue="interactive", task=wakeups.RUN_OPERATION, rows=due_operations, marked="enqueued_at"),
    DueRows(queue="interactive", task=wakeups.RUN_BULK, rows=due_bulks, marked="enqueued_at"),
    DueRows(queue="background", task=wakeups.READ_CAMPAIGN, rows=hints.unheard_hints, marked="read_due_at"),
    DueJobs(),
    # One wake-up for all: whoever takes it sends them one after the other.
    DueRows(queue="background", task=wakeups.DELIVER, rows=due_deliveries, marked="enqueued_at", together=True),
)


def dispatch_until(stop: threading.Event) -> None:
    """Go round until `stop` is set. A round that fails is logged, and the next one comes."""
    while not stop.is_set():
        try:
            dispatch_due()
        except Exception:
            log.exception("A round of the dispatcher failed; the next one comes in %s s.", TICK_SECONDS)
            close_old_connections()
        stop.wait(TICK_SECONDS)
    Heartbeat.objects.filter(name=NAME).delete()


def dispatch_due() -> None:
    """Enqueue everything that is due now, as far as the workers keep up."""
    beat()
    crowded = {queue: wakeups.is_crowded(queue) for queue in dict.fromkeys(source.queue for source in SOURCES)}
    for source in SOURCES:
        if crowded[source.queue]:
            continue
        for message in source.take():
            _enqueue_or_run(message)


def beat() -> None:
    Heartbeat.objects.update_or_create(name=NAME, defaults={"at": Now()})
    Heartbeat.objects.filter(at__lt=Now() - timedelta(hours=1)).delete()


def _enqueue_or_run(message: Message) -> None:
    task, *arguments = message
    if wakeups.enqueue(task, *arguments):
        return
    with _beating():
        try:
            import_string(task)(*arguments)
        except Exception:
            log.exception("%s%r failed; the rest goes on, and it becomes due again.", task, tuple(arguments))


@contextmanager
def _beating() -> Iterator[None]:
    """Keep the heartbeat going while the block runs: CXone may take minutes over it."""
    beat()
    done = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(done,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat_until(done: threading.Event) -> None:
    try:
        while not done.wait(BEAT_SECONDS):
            beat()
    except Exception:
        log.exception("No more heartbeats until the next round.")
    finally:
        connection.close()
