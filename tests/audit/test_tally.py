"""A flood is told at counts 1, 2, 4, 8, …"""

from datetime import UTC, datetime, timedelta

import pytest

from audit.models import Tally
from audit.tally import tally

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_powers_of_two_are_told() -> None:
    told = [tally("failed:anna", now=NOON) for _ in range(20)]
    assert [count for count in told if count] == [1, 2, 4, 8, 16]


def test_keys_are_counted_apart() -> None:
    tally("failed:anna", now=NOON)
    assert tally("failed:bob", now=NOON) == 1


def test_next_hour_begins_anew() -> None:
    for minute in (0, 1, 59):
        tally("failed:anna", now=NOON + timedelta(minutes=minute))
    assert tally("failed:anna", now=NOON + timedelta(minutes=60)) == 1


def test_hours_gone_by_are_deleted() -> None:
    tally("failed:anna", now=NOON)
    tally("failed:bob", now=NOON + timedelta(hours=1))
    assert [row.key for row in Tally.objects.all()] == ["failed:bob"]
