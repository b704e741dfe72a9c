"""Enqueues what is due, or runs it itself while the broker doesn't answer. Any number of copies may run."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import close_old_connections, connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from campaigns.deliveries.outbox import due
from campaigns.deliveries.receivers import switched_on
from campaigns.events import hints
from campaigns.models import Approval, Bulk, Delivery, Heartbeat, Operation
from campaigns.operations.gathering import is_gathered
from campaigns.operations.runner.claim import is_left_to_its_bulk
from campaigns.operations.runner.pause_slots import hand_on_free, is_in_turn
from campaigns.queueing import wakeups
from campaigns.queueing.due import DueRows, DueSource, Message, is_unheard
from campaigns.queueing.leases import is_free
from campaigns.queueing.periodic import DueJobs
from campaigns.restoring.noticing import DatabaseWatch
from campaigns.states import TO_CARRY_OUT

log = logging.getLogger(__name__)

# Half of what a person notices as a delay: whatever the wake-up after a commit missed is found here.
TICK_SECONDS = 0.5
BEAT_SECONDS = 5.0


def due_operations() -> QuerySet[Operation]:
    """Operations that are due and that nobody works on, those that were never enqueued first."""
    found = Operation.objects.filter(is_free(), is_unheard(), state__in=TO_CARRY_OUT, next_attempt_at__lte=Now())
    # Those begin when it is their turn: a worker that took them would only look for a slot.
    found = found.filter(~is_left_to_its_bulk(), ~is_gathered(), ~is_in_turn())
    return found.order_by(F("enqueued_at").asc(nulls_first=True), "next_attempt_at")


def due_bulks() -> QuerySet[Bulk]:
    """Bulks that are due and that nobody holds, those first that override the calls check."""
    found = Bulk.objects.filter(is_free(), is_unheard(), pending=False, ended_at=None, next_attempt_at__lte=Now())
    return found.order_by("-override", "requested_at")


def due_gathered() -> QuerySet[Operation]:
    """Gathered pauses that nobody works on."""
    found = Operation.objects.filter(is_free(), is_unheard(), is_gathered(), next_attempt_at__lte=Now())
    return found.order_by("requested_at")


def due_deliveries() -> QuerySet[Delivery]:
    """Deliveries that can be sent now. Those for a receiver without an address wait."""
    return due().filter(is_unheard(), target__in=switched_on()).order_by("next_attempt_at")


def due_approvals() -> QuerySet[Approval]:
    """What waits for a second person, and nobody has decided on in time."""
    return Approval.objects.filter(is_unheard(), decision="", lapses_at__lte=Now()).order_by("lapses_at")


class FreeSlots:
    """Pause slots that are free although somebody waits."""

    queue = "interactive"

    def take(self) -> list[Message]:
        hand_on_free()
        return []


# All that can become due. Each round asks them in this order.
SOURCES: tuple[DueSource, ...] = (
    FreeSlots(),
    DueRows(queue="interactive", task=wakeups.RUN_OPERATION, rows=due_operations, marked="enqueued_at"),
    DueRows(queue="interactive", task=wakeups.RUN_BULK, rows=due_bulks, marked="enqueued_at"),
    # One wake-up for all: whoever takes it sends them together.
    DueRows(queue="interactive", task=wakeups.RUN_GATHERED, rows=due_gathered, marked="enqueued_at", together=True),
    DueRows(queue="background", task=wakeups.LAPSE_APPROVALS, rows=due_approvals, marked="enqueued_at", together=True),
    DueRows(queue="background", task=wakeups.READ_CAMPAIGN, rows=hints.unheard_hints, marked="read_due_at"),
    DueJobs(),
    # One wake-up for all: whoever takes it sends them one after the other.
    DueRows(queue="background", task=wakeups.DELIVER, rows=due_deliveries, marked="enqueued_at", together=True),
)


def dispatch_until(stop: threading.Event) -> None:
    """Go round until `stop` is set. A round that fails is logged, and the next one comes."""
    watch = DatabaseWatch()
    while not stop.is_set():
        try:
            # Before anything of it is enqueued: what was open in a restored copy may have been carried out.
            watch.look_if_due()
            dispatch_due()
        except Exception:
            log.exception("A round of the dispatcher failed; the next one comes in %s s.", TICK_SECONDS)
            close_old_connections()
        stop.wait(TICK_SECONDS)
    Heartbeat.objects.filter(name=own_name()).delete()


def dispatch_due() -> None:
    """Enqueue everything that is due now, as far as the workers keep up."""
    beat()
    crowded = {queue: wakeups.is_crowded(queue) for queue in dict.fromkeys(source.queue for source in SOURCES)}
    for source in SOURCES:
        if crowded[source.queue]:
            continue
        for message in source.take():
            _enqueue_or_run(message)


def own_name() -> str:
    """Of this process, which may have been forked from one that is no dispatcher."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat() -> None:
    Heartbeat.objects.update_or_create(name=own_name(), defaults={"at": Now()})
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
