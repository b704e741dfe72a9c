"""Enqueues what is due, or runs it itself while the broker doesn't answer. Any number of copies may run."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from campaigns import tasks
from campaigns.deliveries.outbox import due
from campaigns.models import Campaign, Heartbeat, Operation, PeriodicJob
from campaigns.queueing import wakeups
from campaigns.queueing.leases import is_free
from campaigns.queueing.rows import Row, takeable
from campaigns.states import IN_PROGRESS

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
BEAT_SECONDS = 5.0
ENQUEUE_AGAIN = timedelta(seconds=5)
AT_ONCE = 100
NAME = f"{socket.gethostname()}:{os.getpid()}"


def run(stop: threading.Event) -> None:
    """Go round until `stop` is set. A round that fails is logged, and the next one comes."""
    while not stop.is_set():
        try:
            go_round()
        except Exception:
            log.exception("A round of the dispatcher failed; the next one comes in %s s.", TICK_SECONDS)
            close_old_connections()
        stop.wait(TICK_SECONDS)
    Heartbeat.objects.filter(name=NAME).delete()


def go_round() -> None:
    """Enqueue each operation, campaign and job that is due now, as far as the workers keep up."""
    beat()
    if not wakeups.is_crowded("interactive"):
        for operation_id in _due_operations():
            _enqueue_or_run("run_operation", tasks.run_operation, str(operation_id))
    if not wakeups.is_crowded("background"):
        _enqueue_background()


def _enqueue_background() -> None:
    for campaign_id in _due_reads():
        _enqueue_or_run("read_campaign", tasks.read_campaign, campaign_id)
    for name in _due_jobs():
        _enqueue_or_run(name, JOBS[name])
    if _due_deliveries():
        _enqueue_or_run("deliver", tasks.deliver)  # one wake-up for all: they go out one after the other


def beat() -> None:
    Heartbeat.objects.update_or_create(name=NAME, defaults={"at": Now()})
    Heartbeat.objects.filter(at__lt=Now() - timedelta(hours=1)).delete()


JOBS: dict[str, Callable[..., None]] = {
    "sync_campaigns": tasks.sync_campaigns,
    "sample_drains": tasks.sample_drains,
    "fold_audit": tasks.fold_audit,
    "check_audit": tasks.check_audit,
    "delete_ended_sessions": tasks.delete_ended_sessions,
    "delete_ended_failures": tasks.delete_ended_failures,
}


def _enqueue_or_run(name: str, task: Callable[..., None], *args: str) -> None:
    if wakeups.enqueue(name, *args):
        return
    with _beating():
        try:
            task(*args)
        except Exception:
            log.exception("%s%r failed; what else is due goes on, and it is due again by itself.", name, args)


@contextmanager
def _beating() -> Iterator[None]:
    """Give signs of life while the block runs: CXone may take minutes over it."""
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
        log.exception("No more signs of life until the next round.")
    finally:
        connection.close()


def _due_operations() -> list[str]:
    """Operations that are due and that nobody holds; each is enqueued again only when that wake-up seems lost."""
    found = Operation.objects.filter(is_free(), _silent(), state__in=IN_PROGRESS, next_attempt_at__lte=Now())
    return _take(found.order_by(F("enqueued_at").asc(nulls_first=True), "next_attempt_at"), enqueued_at=Now())


def _due_reads() -> list[str]:
    """Campaigns that an event hinted at and that a lost wake-up left unread."""
    found = Campaign.objects.filter(read_due_at__lte=Now() - ENQUEUE_AGAIN)
    return _take(found.order_by("read_due_at"), read_due_at=Now())


def _due_deliveries() -> list[str]:
    """What the WFM system can be told now; without its address, what is left to tell waits."""
    return (
        _take(due().filter(_silent()).order_by("next_attempt_at"), enqueued_at=Now())
        if settings.WFM_WEBHOOK_URL
        else []
    )


def _silent() -> Q:
    """Never enqueued, or so long ago that the wake-up seems lost."""
    return Q(enqueued_at=None) | Q(enqueued_at__lte=Now() - ENQUEUE_AGAIN)


def _due_jobs() -> list[str]:
    jobs = PeriodicJob.objects.filter(next_at__lte=Now(), name__in=JOBS)
    return [job.name for job in jobs if _take(jobs.filter(pk=job.pk), next_at=Now() + _every(job))]


def _every(job: PeriodicJob) -> timedelta:
    return timedelta(seconds=job.every_seconds)


def _take(found: QuerySet[Row], **changes: Any) -> list[str]:
    """The keys of what is due, changed in one go so that no other dispatcher takes them too."""
    with transaction.atomic():
        keys = list(takeable(found)[:AT_ONCE].values_list("pk", flat=True))
        if keys:
            found.model._default_manager.filter(pk__in=keys).update(**changes)
    return [str(key) for key in keys]
