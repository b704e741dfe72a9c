"""The Celery application. Two queues: `interactive` (operations) before `background` (reads, drains)."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

QUEUES = {"interactive": 8, "background": 3}  # and how many threads work on each


def make_app(name: str, **options: Any) -> Celery:
    application = Celery(name, fixups=["cxadmin.worker:fixup"], **options)
    application.config_from_object("django.conf:settings", namespace="CELERY")
    application.autodiscover_tasks()
    application.steps["consumer"].add("cxadmin.worker:ListenAgain")
    return application


app = make_app("cxadmin")


@setup_logging.connect
def log_as_the_pages_do(loglevel: int, **_: object) -> None:
    """Celery's own handlers would blank no secret in the words of a task that failed."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    logging.getLogger().setLevel(loglevel)


@celeryd_init.connect
def prepare_worker(**_: object) -> None:
    """For `celery worker`; run_embedded starts its workers without this, and has been prepared as a command."""
    from cxadmin import entry_point

    entry_point.prepare_or_exit()


@worker_init.connect
def require_cxone(**_: object) -> None:
    """A worker that could never reach CXone doesn't start."""
    from campaigns.cxone import connect

    try:
        connect.require_settings()
    except ImproperlyConfigured as reason:
        raise SystemExit(str(reason)) from reason
