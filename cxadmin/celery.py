"""The Celery application. Two queues: `interactive` (operations) before `background` (reads, drains)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

app = Celery("cxadmin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
