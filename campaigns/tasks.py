"""Celery tasks: an id in, one call of the runner. A message only wakes a worker; the row says what there is to do."""

from uuid import UUID

from celery import shared_task

from campaigns.deliveries import sender
from campaigns.events import subscriptions
from campaigns.guard import rounds
from campaigns.operations import rescheduling
from campaigns.operations.runner import execution, watch
from campaigns.operations.runner.bulks import work
from campaigns.queueing.periodic import periodic
from campaigns.sync import drains, full_read


@shared_task
def run_operation(operation_id: str) -> None:
    execution.advance_operation(UUID(operation_id))


@shared_task
def run_bulk(bulk_id: str) -> None:
    work.advance_bulk(UUID(bulk_id))


@shared_task
def read_campaign(campaign_id: str) -> None:
    full_read.read_hinted(campaign_id)


@shared_task
def deliver() -> None:
    sender.send_due()


# Only for the first time: each read sets the pace of the next (full_read.interval).
@shared_task
@periodic(seconds=15)
def sync_campaigns() -> None:
    full_read.read_if_old()


# As often as campaigns are read by default: this is for the rare case that whoever saw it died before it could ask.
@shared_task
@periodic(seconds=15)
def pause_returned() -> None:
    watch.see_to_returned()


# As often as drains are sampled while calls end fastest (drains.CLOSE_WATCH).
@shared_task
@periodic(seconds=3)
def sample_drains() -> None:
    drains.sample()


# Less often after failures (subscriptions.subscribe_paused).
@shared_task
@periodic(seconds=subscriptions.EVERY_SECONDS)
def subscribe_to_events() -> None:
    subscriptions.subscribe_paused()


# A holiday that is added, moved or deleted while it lasts is acted on within so many seconds.
@shared_task
@periodic(seconds=5)
def guard_campaigns() -> None:
    rounds.make_round()


# A release may bring other rules of time zones; a machine whose packages alone are updated has them within a day.
@shared_task
@periodic(seconds=24 * 3600, after_migrate=True)
def recompute_due_times() -> None:
    rescheduling.recompute_outdated()
