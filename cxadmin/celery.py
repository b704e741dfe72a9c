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

# The threads of each queue. A click waits for `interactive`; its operations mostly wait for CXone.
QUEUES = {"interactive": 8, "background": 3}


def make_app(name: str, **options: Any) -> Celery:
    application = Celery(name, fixups=["cxadmin.worker:fixup"], **options)
    application.config_from_object("django.conf:settings", namespace="CELERY")
    application.autodiscover_tasks()
    application.steps["consumer"].add("cxadmin.worker:ListenAgain")
    return application


app = make_app("cxadmin")


@setup_logging.connect
def log_as_the_pages_do(loglevel: int, **_: object) -> None:
    """Celery's own handlers would show the secrets in the error of a failed task."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    logging.getLogger().setLevel(loglevel)


@celeryd_init.connect
def prepare_worker(**_: object) -> None:
    """For `celery worker` only. run_embedded's workers don't send this signal; manage.py has prepared for them."""
    from cxadmin import entry_point

    entry_point.prepare_or_exit()


@worker_init.connect
def require_cxone(**_: object) -> None:
    """A worker without CXone's address would fail at every task, so it doesn't start."""
    from campaigns.cxone import connect

    try:
        connect.require_settings()
    except ImproperlyConfigured as reason:
        raise SystemExit(str(reason)) from reason
