"""By what a restored copy is noticed, and what is none."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from audit.integrity import checkpoints, signing
from campaigns.models import KnownDatabase, NoticedRestore, Operation
from campaigns.restoring import noticing
from campaigns.restoring.identity import COPY, ORIGINAL
from campaigns.restoring.noticing import DatabaseWatch
from campaigns.states import State
from tests.audit.integrity.test_restores import restore
from tests.audit.ledgers import append, append_some
from tests.factories import make_campaign, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

HERE = {"cluster": "7", "timeline": "00000001", "database": "16384", "table": "16400"}


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What PostgreSQL says of itself; a test changes it."""
    said = dict(HERE)
    monkeypatch.setattr(noticing, "read_identity", lambda: dict(said))
    DatabaseWatch().look()
    make_operation(state=State.QUEUED)
    return said


def causes() -> list[str]:
    return list(NoticedRestore.objects.values_list("cause", flat=True))


def test_same_database_is_no_restore(identity: dict[str, str]) -> None:
    DatabaseWatch().look()
    assert causes() == []
    assert Operation.objects.get().state == State.QUEUED


@pytest.mark.parametrize(
    ("part", "cause"),
    [
        ("cluster", noticing.OTHER_SERVER),
        ("database", noticing.OTHER_TABLES),
        ("table", noticing.OTHER_TABLES),
    ],
)
def test_other_identity_is_a_restore(part: str, cause: str, identity: dict[str, str]) -> None:
    identity[part] = "8"
    DatabaseWatch().look()
    assert causes() == [cause]
    assert Operation.objects.get().state == State.UNCONFIRMED


def test_it_is_noticed_once(identity: dict[str, str]) -> None:
    identity["table"] = "8"
    for _ in range(3):
        DatabaseWatch().look()
    assert len(causes()) == 1


def test_replica_that_takes_over_goes_on(identity: dict[str, str]) -> None:
    identity["timeline"] = "00000002"
    DatabaseWatch().look()
    assert causes() == []
    assert Operation.objects.get().state == State.QUEUED
    assert KnownDatabase.objects.get().identity["timeline"] == "00000002"


def test_replica_after_a_long_silence_is_taken_for_a_restore(identity: dict[str, str]) -> None:
    """Recovery to a point in time looks the same."""
    KnownDatabase.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    identity["timeline"] = "00000002"
    DatabaseWatch().look()
    assert causes() == [noticing.OTHER_TIMELINE]


def test_replica_without_the_last_records_is_noticed(identity: dict[str, str]) -> None:
    append_some(3)
    watch = DatabaseWatch()
    watch.look()
    restore(2)
    identity["timeline"] = "00000002"
    watch.look()
    assert causes() == [noticing.LOST_RECORDS]


def test_lost_records_are_noticed_although_others_took_their_numbers(identity: dict[str, str]) -> None:
    append_some(3)
    watch = DatabaseWatch()
    watch.look()
    restore(2)
    append_some(3)
    watch.look()
    assert causes() == [noticing.LOST_RECORDS]


def test_two_that_miss_the_same_records_end_what_was_open_once(identity: dict[str, str]) -> None:
    append_some(3)
    watches = DatabaseWatch(), DatabaseWatch()
    for watch in watches:
        watch.look()
    restore(2)
    watches[0].look()
    asked_since = make_operation(make_campaign("c-2"), state=State.QUEUED)
    watches[1].look()
    assert causes() == [noticing.LOST_RECORDS]
    asked_since.refresh_from_db()
    assert asked_since.state == State.QUEUED


def test_records_that_are_lost_once_more_are_noticed_once_more(identity: dict[str, str]) -> None:
    append_some(3)
    watch = DatabaseWatch()
    watch.look()
    for kept in (2, 1):
        restore(kept)
        watch.look()
    assert causes() == [noticing.LOST_RECORDS] * 2


@pytest.mark.parametrize("lost", ["seen", "signed"])
def test_two_that_look_at_the_same_moment_notice_it_once(
    lost: str, identity: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have found the loss before either has the row."""
    append_some(3)
    assert checkpoints.write()
    first, second = DatabaseWatch(), DatabaseWatch()
    if lost == "seen":
        first.look()
        second.look()
    restore(2)
    find = DatabaseWatch._find_cause

    def find_both(watch: DatabaseWatch, *known: Any, **how: Any) -> str:
        found = find(watch, *known, **how)
        if watch is first:
            second.look()
        return found

    monkeypatch.setattr(DatabaseWatch, "_find_cause", find_both)
    first.look()
    assert len(causes()) == 1


def test_checkpoint_knows_better_at_a_start(identity: dict[str, str]) -> None:
    append_some(3)
    assert checkpoints.write()
    restore(2)
    DatabaseWatch().look()
    assert causes() == [noticing.SIGNED_RECORDS]


def test_used_copy_is_noticed_by_its_checkpoint(identity: dict[str, str]) -> None:
    append_some(3)
    assert checkpoints.write()
    restore(2)
    append()
    DatabaseWatch().look()
    assert causes() == [noticing.SIGNED_RECORDS]


def test_foreign_checkpoint_ends_nothing(identity: dict[str, str]) -> None:
    append_some(3)
    assert checkpoints.write()
    restore(2)
    Path(settings.AUDIT_SIGNING_KEY_FILE).write_text(signing.make_key())
    DatabaseWatch().look()
    assert causes() == []


def test_role_that_may_not_see_the_cluster_still_has_tables(identity: dict[str, str]) -> None:
    del identity["cluster"], identity["timeline"]
    DatabaseWatch().look()
    assert causes() == []


def test_copy_of_sqlite_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noticing, "read_identity", lambda: ORIGINAL)
    KnownDatabase.objects.create(pk=1, identity=COPY)
    DatabaseWatch().look()
    assert causes() == [noticing.RESTORED_COPY]
    assert KnownDatabase.objects.get().identity == ORIGINAL


def test_first_look_ever_is_none() -> None:
    DatabaseWatch().look()
    assert causes() == []
