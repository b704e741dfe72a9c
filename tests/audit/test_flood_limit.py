"""A flood is told at counts 1, 2, 4, 8, …"""

from datetime import UTC, datetime, timedelta

import pytest

from audit.flood_limit import MOST_DISTINCT, tally
from audit.models import Tally

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


def test_each_different_one_is_told() -> None:
    told = [tally("denied:7", distinct=f"GET /{number}/", now=NOON) for number in range(70)]
    assert told == list(range(1, 71))


def test_repeated_ones_are_told_as_a_flood() -> None:
    for _ in range(64):
        tally("denied:7", distinct="GET /harmless/", now=NOON)
    told = [tally("denied:7", distinct=f"GET /{number}/", now=NOON) for number in range(63)]
    assert told == list(range(65, 128))
    assert tally("denied:7", distinct="GET /harmless/", now=NOON) == 128
    assert tally("denied:7", distinct="GET /harmless/", now=NOON) is None


def test_list_of_different_ones_is_bounded() -> None:
    told = [tally("denied:7", distinct=f"GET /{number}/{'x' * 1000}", now=NOON) for number in range(300)]
    assert [count for count in told if count] == [*range(1, MOST_DISTINCT + 1), 128, 256]
    seen = Tally.objects.get().seen
    assert (len(seen), max(map(len, seen))) == (MOST_DISTINCT, 200)


def test_full_list_hides_no_other_sort() -> None:
    for number in range(300):
        tally("denied:7", distinct=f"GET /{number}/", sort="GET <number>", now=NOON)
    assert tally("denied:7", distinct="GET /policy/", sort="GET policy", now=NOON) == 301
