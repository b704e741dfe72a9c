"""Celery tasks: the audit's background work. The project schedules them."""

from celery import shared_task

from audit import folding
from audit.integrity import monitor


@shared_task
def fold_audit() -> None:
    folding.fold_all()


@shared_task
def check_audit() -> None:
    monitor.run_step()
