"""The Celery application. Two queues: `interactive` (operations) before `background` (reads, drains)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

QUEUES = {"interactive": 8, "background": 3}  # and how many threads work on each


def configure(application: Celery) -> Celery:
    application.config_from_object("django.conf:settings", namespace="CELERY")
    application.autodiscover_tasks()
    return application


app = configure(Celery("cxadmin"))
