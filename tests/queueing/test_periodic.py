"""Periodic jobs: what is registered, the rows that follow from it, and when each is due."""

from datetime import datetime, timedelta

import pytest
from celery import current_app
from django.apps import apps
from django.apps.registry import Apps
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.models import PeriodicJob
from campaigns.queueing import periodic
from campaigns.queueing.periodic import DueJobs

JOBS = {
    "count_for_metrics": ("campaigns.tasks.count_for_metrics", 10),
    "check_audit": ("audit.tasks.check_audit", 60),
    "delete_old_calls": ("campaigns.tasks.delete_old_calls", 3600),
    "delete_ended_failures": ("cxadmin.tasks.delete_ended_failures", 3600),
    "delete_expired_links": ("cxadmin.tasks.delete_expired_links", 86400),
    "delete_ended_sessions": ("cxadmin.tasks.delete_ended_sessions", 86400),
    "end_due_holds": ("campaigns.tasks.end_due_holds", 2),
    "fold_audit": ("audit.tasks.fold_audit", 5),
    "guard_campaigns": ("campaigns.tasks.guard_campaigns", 5),
    "notify_of_unattended": ("campaigns.tasks.notify_of_unattended", 15),
    "pause_returned": ("campaigns.tasks.pause_returned", 15),
    "recompute_due_times": ("campaigns.tasks.recompute_due_times", 86400),
    "review_long_pauses": ("campaigns.tasks.review_long_pauses", 60),
    "sample_drains": ("campaigns.tasks.sample_drains", 3),
    "set_windows": ("campaigns.tasks.set_windows", 86400),
    "subscribe_to_events": ("campaigns.tasks.subscribe_to_events", 15),
    "sync_campaigns": ("campaigns.tasks.sync_campaigns", 15),
    "watch_attention": ("campaigns.tasks.watch_attention", 5),
}

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> dict[str, periodic.Job]:
    """A copy of the registry, to be changed."""
    jobs = dict(periodic.jobs())
    monkeypatch.setattr(periodic, "_registered", jobs)
    return jobs


def rows() -> dict[str, int]:
    return dict(PeriodicJob.objects.values_list("name", "every_seconds"))


def next_at(name: str) -> datetime:
    return PeriodicJob.objects.get(pk=name).next_at


def test_all_jobs() -> None:
    assert {name: (job.task, job.seconds) for name, job in periodic.jobs().items()} == JOBS


def test_each_has_its_row() -> None:
    assert rows() == {name: seconds for name, (_, seconds) in JOBS.items()}


def test_each_is_a_task_of_celery() -> None:
    assert {job.task for job in periodic.jobs().values()} <= set(current_app.tasks)


def test_what_a_release_needs_is_due_after_migrate() -> None:
    PeriodicJob.objects.update(next_at=Now() + timedelta(hours=1))
    periodic.complete_rows(apps)
    due = PeriodicJob.objects.filter(next_at__lte=Now()).values_list("name", flat=True)
    assert set(due) == {"recompute_due_times", "set_windows"}


def test_new_job_is_due_at_once(registered: dict[str, periodic.Job]) -> None:
    registered["tidy"] = periodic.Job("campaigns.tasks.tidy", 7)
    periodic.complete_rows(apps)
    assert rows()["tidy"] == 7
    assert ("campaigns.tasks.tidy",) in DueJobs().take()


def test_known_job_keeps_its_time() -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    PeriodicJob.objects.filter(pk="fold_audit").update(next_at=tomorrow)
    periodic.complete_rows(apps)
    assert next_at("fold_audit") == tomorrow


def test_interval_follows_the_code(registered: dict[str, periodic.Job]) -> None:
    registered["fold_audit"] = periodic.Job("audit.tasks.fold_audit", 6)
    periodic.complete_rows(apps)
    assert rows()["fold_audit"] == 6


def test_job_that_disappeared_is_removed(registered: dict[str, periodic.Job]) -> None:
    del registered["fold_audit"]
    periodic.complete_rows(apps)
    assert set(rows()) == set(JOBS) - {"fold_audit"}


def test_rows_wait_for_their_table() -> None:
    periodic.complete_rows(Apps())


def test_two_jobs_of_one_name_are_refused(registered: dict[str, periodic.Job]) -> None:
    with pytest.raises(ValueError, match=r"audit\.tasks\.fold_audit and cxadmin\.tasks\.fold_audit"):
        periodic._add(periodic.Job("cxadmin.tasks.fold_audit", 5))


def test_task_that_is_missing_is_refused() -> None:
    with pytest.raises(ImportError):
        periodic.register("audit.tasks.nothing", seconds=5)


def test_job_without_a_task_is_left_alone() -> None:
    """As a dispatcher finds it that is older than the row."""
    PeriodicJob.objects.create(name="tidy", next_at=Now(), every_seconds=5)
    assert not [message for message in DueJobs().take() if "tidy" in message[0]]


def test_due_job_is_taken_once() -> None:
    PeriodicJob.objects.update(next_at=timezone.now() + timedelta(hours=1))
    PeriodicJob.objects.filter(pk="check_audit").update(next_at=Now())
    assert DueJobs().take() == [("audit.tasks.check_audit",)]
    assert DueJobs().take() == []
    assert next_at("check_audit") > timezone.now() + timedelta(seconds=50)
