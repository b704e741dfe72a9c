"""Celery tasks: an id in, one call of the runner. A message only wakes a worker; the row says what there is to do."""

from uuid import UUID

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from audit import folding
from audit.integrity import monitor
from campaigns.deliveries import sender
from campaigns.operations.runner import execution
from campaigns.sync import drains, full_read
from cxadmin.accounts import failed_sign_ins


@shared_task
def run_operation(operation_id: str) -> None:
    execution.run(UUID(operation_id))


@shared_task
def read_campaign(campaign_id: str) -> None:
    full_read.read_hinted(campaign_id)


@shared_task
def sync_campaigns() -> None:
    full_read.read_if_old()


@shared_task
def deliver() -> None:
    sender.send_due()


@shared_task
def sample_drains() -> None:
    drains.sample()


@shared_task
def fold_audit() -> None:
    folding.fold_all()


@shared_task
def check_audit() -> None:
    monitor.go_on()


@shared_task
def delete_ended_sessions() -> None:
    SessionStore.clear_expired()


@shared_task
def delete_ended_failures() -> None:
    failed_sign_ins.delete_ended()
