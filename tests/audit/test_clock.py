"""A record's time is the database's, however wrong the clock of the machine that writes it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict

from audit import clock
from audit.integrity import checkpoints, known_break, monitor
from audit.pages.filters import FilterForm
from tests.audit.ledgers import append

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

AHEAD = timedelta(seconds=90)


@pytest.fixture(autouse=True)
def process_clock() -> None:
    """Not here: the database's own."""


@pytest.fixture
def true_time() -> datetime:
    """Of both machines; a SQLite database has no clock but the process's."""
    return datetime.now(UTC) if connection.vendor == "postgresql" else datetime.now(UTC) + AHEAD


def test_record_has_the_databases_time(true_time: datetime) -> None:
    with time_machine.travel(datetime.now(UTC) + AHEAD):
        record = append()
    assert abs(record.timestamp - true_time) < AHEAD / 2


def test_clock_is_the_databases(true_time: datetime) -> None:
    with time_machine.travel(datetime.now(UTC) + AHEAD):
        assert abs(clock.now() - true_time) < AHEAD / 2


def test_watch_and_checkpoints_go_by_it(true_time: datetime) -> None:
    with time_machine.travel(datetime.now(UTC) + AHEAD):
        append()
        monitor.run_step()
    (checkpoint,) = checkpoints.read_checkpoints()
    checked_at = known_break.read_row().checked_at
    assert checked_at
    assert abs(checkpoint.moment - true_time) < AHEAD / 2
    assert abs(checked_at - true_time) < AHEAD / 2


def test_last_hour_ends_by_it() -> None:
    """A web server that is slow shows the newest records all the same."""
    with time_machine.travel(datetime.now(UTC) - AHEAD):
        record = append()
        shown = FilterForm(QueryDict("range=1h")).records()
        assert [found.number for found in shown.rows] == [record.number]
