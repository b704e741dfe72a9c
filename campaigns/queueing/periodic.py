"""Periodic jobs: which tasks run by themselves and how often, and the rows that say when each is due next.

A job is registered beside its function, in the `tasks` module of its app:

    @shared_task
    @periodic(seconds=15)
    def sync_campaigns() -> None: ...

`migrate` creates the row of a new job and deletes that of one that no longer exists.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from django.apps.registry import Apps
from django.db.models.functions import Now
from django.utils.module_loading import autodiscover_modules, import_string

from campaigns.models import PeriodicJob

Function = TypeVar("Function", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Job:
    """`task`: its full path, which is also its name in Celery. `after_migrate`: due at once after each `migrate`."""

    task: str
    seconds: int
    after_migrate: bool = False


_registered: dict[str, Job] = {}


def periodic(*, seconds: int, after_migrate: bool = False) -> Callable[[Function], Function]:
    """Run the decorated task every so many seconds, and with `after_migrate` as soon as a new release is in place."""

    def register_function(function: Function) -> Function:
        _add(Job(f"{function.__module__}.{function.__name__}", seconds, after_migrate))
        return function

    return register_function


def register(task: str, *, seconds: int) -> None:
    """Run a task of an app that doesn't import this one, by its full path. ImportError: there is none."""
    import_string(task)
    _add(Job(task, seconds))


def _add(job: Job) -> None:
    # A row is called as its function alone: rows survive when a task moves to another module.
    name = job.task.rpartition(".")[2]
    other = _registered.setdefault(name, job)
    if other.task != job.task:
        raise ValueError(f"Two periodic jobs are called {name}: {other.task} and {job.task}.")


@cache
def _import_tasks() -> None:
    # Once a process: apps without a module of tasks are looked for on the disk, and a dispatcher asks twice a second.
    autodiscover_modules("tasks")


def jobs() -> dict[str, Job]:
    """All jobs by their row's name."""
    _import_tasks()
    return _registered


def complete_rows(apps: Apps, **_: object) -> None:
    """After `migrate`: a row for each job and for nothing else. When a job is due next stays as it is, unless it is
    one that each release needs at once."""
    try:
        rows: Any = apps.get_model("campaigns", "PeriodicJob").objects
    except LookupError:
        # Only some migrations have run.
        return
    known = dict(rows.values_list("name", "every_seconds"))
    model = rows.model
    for name, job in jobs().items():
        # A read that takes longer than its job allows has slowed it down, until now.
        if known.get(name, job.seconds) != job.seconds:
            rows.filter(name=name).update(every_seconds=job.seconds)
    new = [
        model(name=name, every_seconds=job.seconds, next_at=Now()) for name, job in jobs().items() if name not in known
    ]
    # Two that start at once may both find one missing.
    rows.bulk_create(new, ignore_conflicts=True)
    rows.filter(name__in=[name for name, job in jobs().items() if job.after_migrate]).update(next_at=Now())
    rows.exclude(name__in=jobs()).delete()


@contextmanager
def alone(name: str, longest: timedelta) -> Iterator[None]:
    """Have nobody begin the job again while the block runs, nor for its usual time after that.

    For what comes often and may take long: each run that waits for CXone takes a worker's thread, and all of them
    together would take every thread there is. After `longest` it is due again, should this process have died.
    """
    rows = PeriodicJob.objects.filter(name=name)
    rows.update(next_at=Now() + longest)
    try:
        yield
    finally:
        rows.update(next_at=Now() + timedelta(seconds=jobs()[name].seconds))


class DueJobs:
    """The jobs that are due, for the dispatcher."""

    queue = "background"

    def take(self) -> list[tuple[str, ...]]:
        """The task of each, which no other dispatcher takes until it is due again."""
        due = PeriodicJob.objects.filter(next_at__lte=Now(), name__in=jobs())
        return [(jobs()[job.name].task,) for job in due if _move_on(job)]


def _move_on(job: PeriodicJob) -> bool:
    # Of two dispatchers that found it due, the second one's update matches no row.
    due = PeriodicJob.objects.filter(pk=job.pk, next_at__lte=Now())
    return bool(due.update(next_at=Now() + timedelta(seconds=job.every_seconds)))
