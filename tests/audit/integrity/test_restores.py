"""A restored copy of the ledger: told from a tampered one, acknowledged on record, and a visible gap ever after."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit import chain, ledger
from audit.evidence import checking, writing
from audit.evidence.ranges import NumberRange
from audit.integrity import checkpoint_files, checkpoints, known_break, monitor, restores
from audit.integrity.restores import TamperedError
from audit.kinds import RecordKind
from audit.models import Head, Record, Watch
from tests.audit.ledgers import append_some, tampering
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

BEGAN = datetime(2026, 11, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with time_machine.travel(BEGAN, tick=False) as traveller:
        monkeypatch.setattr("audit.ledger.clock.read_time", lambda _: datetime.now(UTC))
        monkeypatch.setattr("audit.clock.now", lambda: datetime.now(UTC))
        yield traveller


@pytest.fixture(autouse=True)
def signed_ledger(clock: Any) -> None:
    """Twelve records and four checkpoints, one every three records and every hour. The fifth hour has begun."""
    for _ in range(4):
        append_some(3)
        assert checkpoints.write()
        clock.shift(HOUR)


def restore(number: int) -> None:
    """Have the ledger as it was when record `number` was the last."""
    digest = Record.objects.values_list("digest", flat=True).get(number=number)
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_record WHERE number > %s", [number])
        cursor.execute("UPDATE audit_head SET number = %s, digest = %s", [number, digest])
    Watch.objects.update(checkpoint_number=0, checked_number=0, checked_digest=chain.GENESIS)


def rewrite(first: int, *, at: datetime | None = None) -> None:
    """Change a record, and chain it and all that follow anew, head included: `at` another time, or as they were."""
    records = list(Record.objects.filter(number__gte=first).order_by("number"))
    before = Record.objects.values_list("digest", flat=True).get(number=first - 1)
    with tampering() as cursor:
        for record in records:
            record.by, record.previous, record.timestamp = "eve", before, at or record.timestamp
            record.body = chain.canonical_body(record.shown())
            before = chain.body_digest(record.body)
            record.digest = before
            record.save(force_update=True)
        cursor.execute("UPDATE audit_head SET digest = %s", [before])


def acknowledge() -> Record:
    return restores.acknowledge_restored(restores.examine_ledger(), by="root", note="The disk had failed.")


def verify(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, Any], str]:
    call_command("verify_audit")
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_copy_at_a_checkpoint_is_told() -> None:
    restore(6)
    found = restores.examine_ledger()
    assert (found.kept, found.unproven_to, found.lost_from, found.lost_to) == (6, None, 7, 12)


def test_copy_between_checkpoints_has_records_that_nothing_proves() -> None:
    restore(8)
    found = restores.examine_ledger()
    assert (found.kept, found.unproven_to, found.lost_from, found.lost_to) == (6, 8, 9, 12)


def test_copy_that_was_used_is_told(clock: Any) -> None:
    restore(6)
    append_some(8)
    found = restores.examine_ledger()
    assert (found.kept, found.unproven_to, found.lost_to) == (6, None, 12)


def test_newest_copy_has_lost_nothing() -> None:
    found = restores.examine_ledger()
    assert (found.kept, found.lost_from, found.lost_to) == (12, None, None)


@pytest.mark.parametrize("number", [2, 3, 5, 7, 12])
def test_rewritten_history_is_no_restore(number: int) -> None:
    rewrite(number)
    with pytest.raises(TamperedError, match="no restore explains it"):
        restores.examine_ledger()


@pytest.mark.parametrize("number", [2, 4, 6])
def test_tampered_copy_is_no_restore(number: int) -> None:
    restore(8)
    rewrite(number)
    with pytest.raises(TamperedError):
        restores.examine_ledger()


def test_changed_record_in_a_copy_is_no_restore() -> None:
    restore(6)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET by = 'eve' WHERE number = 5")
    with pytest.raises(TamperedError, match="its column by differs"):
        restores.examine_ledger()


def test_altered_checkpoint_is_no_restore() -> None:
    restore(6)
    path = checkpoint_files.paths()[0]
    path.write_bytes(path.read_bytes().replace(b"T12:00", b"T13:00"))
    with pytest.raises(TamperedError, match="a checkpoint was altered"):
        restores.examine_ledger()


def test_history_rewritten_at_new_times_is_a_loss_that_is_seen() -> None:
    """Whoever gives old records new times has at most removed the old ones, which the gap says."""
    rewrite(5, at=BEGAN + 5 * HOUR)
    found = restores.examine_ledger()
    assert (found.kept, found.lost_from, found.lost_to) == (3, 5, 12)


def test_acknowledgement_says_who_why_and_what() -> None:
    restore(8)
    record = acknowledge()
    assert record.number == 9
    assert record.sentence == (
        "root acknowledged that an older copy of the database was restored; records 9 to 12 at least are lost: "
        "The disk had failed."
    )


def test_acknowledged_restore_is_no_break(capsys: pytest.CaptureFixture[str]) -> None:
    restore(6)
    monitor.run_step()
    assert known_break.read_row().known_break
    acknowledge()
    result, err = verify(capsys)
    assert result["ok"]
    assert known_break.read_row().known_break is None
    assert "records after 6 are lost or unproven, up to 12 at least" in err


def test_gap_stays_visible(capsys: pytest.CaptureFixture[str]) -> None:
    restore(6)
    number = acknowledge().number
    append_some(20)
    assert checkpoints.write()
    result, _ = verify(capsys)
    (found,) = result["restores"]
    assert (found["record"], found["kept"], found["lost_to"]) == (number, 6, 12)


def test_checks_and_checkpoints_go_on(clock: Any) -> None:
    restore(6)
    acknowledge()
    clock.shift(HOUR)
    append_some(3)
    for _ in range(3):
        monitor.run_step()
    assert known_break.read_row().known_break is None
    assert checkpoints.read_checkpoints()[-1].number == 10


def test_earlier_records_are_still_held_to_what_was_signed(capsys: pytest.CaptureFixture[str]) -> None:
    restore(6)
    acknowledge()
    rewrite(2)
    with pytest.raises(SystemExit):
        call_command("verify_audit")
    assert json.loads(capsys.readouterr().out)["first_break"]["number"] == 3


def test_acknowledgement_itself_cannot_be_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    restore(6)
    acknowledge()
    restore(6)
    with pytest.raises(SystemExit):
        call_command("verify_audit")
    assert json.loads(capsys.readouterr().out)["first_break"]["number"] == 7


def test_second_restore_to_before_the_first(clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    restore(6)
    acknowledge()
    clock.shift(HOUR)
    append_some(2)
    checkpoints.write()
    clock.shift(HOUR)
    restore(3)
    found = restores.examine_ledger()
    assert (found.kept, found.lost_from, found.lost_to) == (3, 4, 9)
    acknowledge()
    result, _ = verify(capsys)
    assert result["ok"]
    assert [each["kept"] for each in result["restores"]] == [6, 3]


def test_forged_acknowledgement_is_a_break(capsys: pytest.CaptureFixture[str]) -> None:
    """A record alone acknowledges nothing: it takes the key, and the folder."""
    restore(6)

    with transaction.atomic():
        ledger.append(RecordKind.RESTORE_ACKNOWLEDGED, by="eve", details={"kept": 6})
    with pytest.raises(SystemExit):
        call_command("verify_audit")
    assert not json.loads(capsys.readouterr().out)["ok"]


def test_page_shows_the_gap(client: Client) -> None:
    restore(6)
    number = acknowledge().number
    client.force_login(make_user("reviewer"))
    page = client.get(reverse("audit:verify")).content.decode()
    assert "An older copy of the database was restored" in page
    assert reverse("audit:record", args=[number]) in page


@pytest.mark.parametrize(("first", "last"), [(1, 6), (2, 5), (1, 12), (7, 10)])
def test_evidence_of_any_range_holds(first: int, last: int, tmp_path: Any) -> None:
    restore(6)
    acknowledge()
    append_some(6)
    path = tmp_path / "evidence"
    path.write_bytes(b"".join(writing.make_file(NumberRange(first, last), by="rita").blocks))
    assert checking.check_file(path, "").ok


def test_head_is_what_was_acknowledged() -> None:
    restore(6)
    number = acknowledge().number
    assert (Head.objects.get().number, checkpoints.read_checkpoints()[-1].number) == (number, number)
