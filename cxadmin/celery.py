"""The Celery application. Two queues: `interactive` (operations) before `background` (reads, drains)."""

import logging
import os
from typing import Any

import django
from celery import Celery
from celery.signals import celeryd_init, import_modules, setup_logging, task_postrun, task_prerun, worker_init
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.log import configure_logging
from structlog.contextvars import bind_contextvars, clear_contextvars

log = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")

# The threads of each queue. A click waits for `interactive`; its operations mostly wait for CXone.
QUEUES = {"interactive": 8, "background": 3}


class WorkersAlone:
    """Celery's setup of Django. Celery's own imports all of a worker into every process, pages too."""

    def __init__(self, application: Celery) -> None:
        self._application = application
        self._of_worker: object = None
        import_modules.connect(self._set_up)
        worker_init.connect(self._install)

    def autodiscover_tasks(self) -> list[str]:
        return [config.name for config in apps.get_app_configs()]

    def _set_up(self, **_: object) -> None:
        # Tasks import models.
        django.setup()

    def _install(self, sender: Any, **_: object) -> None:  # noqa: ANN401 (a WorkController)
        from cxadmin.worker import KeepConnections

        if sender.app is self._application:
            of_worker = KeepConnections(self._application)
            of_worker.worker = sender
            self._of_worker = of_worker.install()


def make_app(name: str, **options: Any) -> Celery:
    application = Celery(name, fixups=[WorkersAlone], **options)  # type: ignore[list-item]
    application.config_from_object("django.conf:settings", namespace="CELERY")
    application.autodiscover_tasks()
    application.steps["consumer"].add("cxadmin.worker:ListenAgain")
    return application


app = make_app("cxadmin")
# In every thread: Celery's current app is that of one.
app.set_default()


@setup_logging.connect
def log_as_the_pages_do(loglevel: int, **_: object) -> None:
    """Celery's own handlers would show the secrets in the error of a failed task."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    logging.getLogger().setLevel(loglevel)


@task_prerun.connect
def bind_task(task: Any, **_: object) -> None:  # noqa: ANN401 (a Task of Celery)
    """Each line that is written meanwhile says for what. Both signals are sent in the thread that runs the task."""
    clear_contextvars()
    lane = (task.request.delivery_info or {}).get("routing_key") or ""
    bind_contextvars(task=task.name, **({"lane": lane} if lane else {}))


@task_postrun.connect
def forget_task(**_: object) -> None:
    clear_contextvars()


@celeryd_init.connect
def prepare_worker(**_: object) -> None:
    """For `celery worker` only. run_embedded's workers don't send this signal; manage.py has prepared for them."""
    from cxadmin import entry_point

    entry_point.prepare_or_exit()


@worker_init.connect
def require_cxone(**_: object) -> None:
    """A worker without CXone's address, or with another tenant's than the database's, would fail at every task, so it
    doesn't start."""
    from campaigns import tenancy

    try:
        tenancy.require_at_start()
    except ImproperlyConfigured as reason:
        raise SystemExit(str(reason)) from reason


@worker_init.connect
def notice_restore(**_: object) -> None:
    """Redis may hold messages about what was open before a restore, and no dispatcher may have looked yet."""
    from django.db import Error, connection

    from campaigns.restoring.noticing import DatabaseWatch

    try:
        DatabaseWatch().look()
    except Error:
        # Without a database nothing is run either. The dispatchers look once it answers.
        log.warning("The database doesn’t answer yet.")
    finally:
        connection.close()
