"""Sessions: how long one lasts, and that what has ended is deleted."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from campaigns import dispatcher, tasks
from campaigns.models import PeriodicJob

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_ended_sessions_are_deleted() -> None:
    now = timezone.now()
    Session.objects.create(session_key="ended", session_data="", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="going", session_data="", expire_date=now + timedelta(hours=1))
    tasks.delete_ended_sessions()
    assert [session.session_key for session in Session.objects.all()] == ["going"]


@pytest.mark.parametrize(("job", "hours"), [("delete_ended_sessions", 24), ("delete_ended_failures", 1)])
def test_what_has_ended_is_deleted_by_a_periodic_job(job: str, hours: int) -> None:
    assert PeriodicJob.objects.get(name=job).every_seconds == hours * 3600
    assert job in dispatcher.JOBS
