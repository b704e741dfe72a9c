"""Celery tasks: an id in, one call of the runner. A message only wakes a worker; the row says what there is to do."""

from uuid import UUID

from celery import shared_task

from campaigns.attention import notices, windows
from campaigns.attention import rounds as attention_rounds
from campaigns.deliveries import sender
from campaigns.events import subscriptions
from campaigns.guard import rounds
from campaigns.observation import calls
from campaigns.operations import approvals, holding, rescheduling
from campaigns.operations.counts import count_recorded
from campaigns.operations.runner import execution, gathered, watch
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
def run_gathered() -> None:
    gathered.advance_gathered()


@shared_task
def read_campaign(campaign_id: str) -> None:
    full_read.read_hinted(campaign_id)


@shared_task
def lapse_approvals() -> None:
    approvals.lapse_due()


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


# More often than Prometheus usually asks.
@shared_task
@periodic(seconds=10)
def count_for_metrics() -> None:
    count_recorded()


@shared_task
@periodic(seconds=3600)
def delete_old_calls() -> None:
    calls.delete_old()


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


# A hold lasts until it is ended, so it may last so many seconds longer than was typed, and never shorter.
@shared_task
@periodic(seconds=2)
def end_due_holds() -> None:
    holding.end_expired()


# What a calendar, the policy or the time itself brings about is seen within so many seconds.
@shared_task
@periodic(seconds=5)
def watch_attention() -> None:
    attention_rounds.watch_campaigns()


@shared_task
@periodic(seconds=15)
def notify_of_unattended() -> None:
    notices.send_unattended()


@shared_task
@periodic(seconds=60)
def review_long_pauses() -> None:
    attention_rounds.review_pauses()


@shared_task
@periodic(seconds=24 * 3600, after_migrate=True)
def set_windows() -> None:
    windows.set_all_windows()


# A release may bring other rules of time zones; a machine whose packages alone are updated has them within a day.
@shared_task
@periodic(seconds=24 * 3600, after_migrate=True)
def recompute_due_times() -> None:
    rescheduling.recompute_outdated()
