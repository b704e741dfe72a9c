"""The Celery application. Two queues: `interactive` (operations) before `background` (reads, drains)."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

QUEUES = {"interactive": 8, "background": 3}  # and how many threads work on each


def make_app(name: str, **options: Any) -> Celery:
    application = Celery(name, fixups=["cxadmin.worker:fixup"], **options)
    application.config_from_object("django.conf:settings", namespace="CELERY")
    application.autodiscover_tasks()
    application.steps["consumer"].add("cxadmin.worker:ListenAgain")
    return application


app = make_app("cxadmin")


@worker_init.connect
def check_settings(**_: object) -> None:
    """A worker that could never reach CXone doesn't start."""
    from campaigns.cxone import connect

    try:
        connect.check_settings()
    except ImproperlyConfigured as reason:
        raise SystemExit(str(reason)) from reason
