"""Making an evidence file from the ledger, whole or broken."""

import io
import json
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from audit import chain, exports, ledger, queries
from audit.evidence import checking, container, ranges, stored, writing
from audit.evidence.container import CHECKPOINTS, HOW_TO_VERIFY, RECORDS
from audit.evidence.manifest import PRODUCT
from audit.evidence.ranges import CantMake, NumberRange
from audit.integrity import checkpoint_files, checkpoints, signing
from audit.kinds import RecordKind
from audit.models import Record
from tests.audit.evidence import independent
from tests.audit.ledgers import append, append_some, tampering

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.data_layer]
ROOT = Path(__file__).resolve().parents[3]


def make(numbers: NumberRange | None = None) -> bytes:
    evidence = writing.make_file(numbers, by="anna")
    made = b"".join(evidence.blocks)
    assert len(made) == evidence.size
    return made


def check(made: bytes) -> checking.FileCheck:
    return checking.check_stream(io.BytesIO(made))


def read(made: bytes, name: str) -> bytes:
    return zipfile.ZipFile(io.BytesIO(made)).read(name)


def test_file_holds_the_stored_bytes() -> None:
    append_some(3)
    bodies = [bytes(body) for body in Record.objects.order_by("number").values_list("body", flat=True)]
    made = make()
    assert read(made, RECORDS) == b"".join(body + b"\n" for body in bodies)
    assert check(made).ok
    assert independent.is_sound(made)


def test_file_ends_at_the_head() -> None:
    append_some(3)
    manifest = check(make()).manifest
    assert manifest
    assert (manifest.first, manifest.last, manifest.count, manifest.by) == (1, 3, 3, "anna")


def test_making_is_on_record() -> None:
    append_some(3)
    made = make(NumberRange(1, 2))
    record = Record.objects.latest("number")
    assert (record.kind, record.by) == (RecordKind.EXPORT_MADE, "anna")
    assert record.details == {
        "records": 2,
        "upto": 2,
        "format": "evidence",
        "filters": {},
        "first": 1,
        "last": 2,
        "manifest": chain.body_digest(read(made, container.MANIFEST)),
    }


def test_ranges_join() -> None:
    append_some(5)
    before, after = check(make(NumberRange(1, 3))), check(make(NumberRange(4, 5)))
    assert before.ok
    assert after.ok
    assert before.manifest
    assert after.manifest
    assert before.manifest.head == after.manifest.previous


def test_checkpoint_is_written_first() -> None:
    append_some(3)
    made = make()
    (line,) = read(made, CHECKPOINTS).splitlines()
    assert checkpoints.parse_line(line).number == 3
    assert check(made).ok


def test_checkpoints_of_the_range_are_in_it() -> None:
    for _ in range(4):
        append_some(2)
        checkpoints.write()
    made = make(NumberRange(3, 6))
    assert [checkpoints.parse_line(line).number for line in read(made, CHECKPOINTS).splitlines()] == [2, 4, 6]
    assert check(made).ok
    assert independent.is_sound(made)


def test_unwritable_checkpoint_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    append_some(2)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint_files, "append_line", refuse)
    assert check(make()).ok


def test_unreadable_checkpoints_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    append_some(2)
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "AUDIT_CHECKPOINT_DIR", tmp_path / "file")
    with pytest.raises(CantMake, match="checkpoints can’t be read"):
        make()


def test_key_is_the_products() -> None:
    append_some(1)
    manifest = check(make()).manifest
    assert manifest
    assert manifest.key == signing.public_bytes(signing.load_key()).hex()


def test_text_on_verifying_is_in_it() -> None:
    append_some(1)
    assert b"STEP 1" in read(make(), HOW_TO_VERIFY)


def test_chunks_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "CHUNK", 2)
    append_some(5)
    assert check(make()).records == 5


@pytest.mark.parametrize(
    ("statement", "number", "fault"),
    [
        ("DELETE FROM audit_record WHERE number = 4", 4, "record 4 is missing: in its place is 5"),
        ("DELETE FROM audit_record WHERE number > 8", 9, "record 9 is missing: in its place is 11"),
        ("UPDATE audit_record SET digest = 'x' WHERE number = 10", 10, "match its digest"),
        ("UPDATE audit_record SET digest = 'x' WHERE number = 4", 4, "match its digest"),
        ("UPDATE audit_record SET previous = 'x' WHERE number = 4", 4, "its previous isn’t the digest of record 3"),
        ("UPDATE audit_record SET number = 99 WHERE number = 4", 4, "record 4 is missing: in its place is 5"),
        (
            "UPDATE audit_record SET body = (SELECT other.body FROM audit_record other WHERE other.number = 5) "
            "WHERE number = 4",
            4,
            "match its digest",
        ),
    ],
)
def test_broken_chain_goes_out_as_it_is(statement: str, number: int, fault: str) -> None:
    append_some(10)
    with tampering() as cursor:
        cursor.execute(statement)
    verdict = check(make())
    assert verdict.manifest
    assert verdict.manifest.first_break
    assert verdict.first_break
    assert (verdict.ok, verdict.as_signed, verdict.manifest.first_break.number) == (False, True, number)
    assert fault in verdict.manifest.first_break.fault
    assert verdict.first_break.file == RECORDS


def test_rewritten_body_is_seen_in_its_bytes() -> None:
    """Columns and digests of the changed record and of the next one fit; what is stored of the next one doesn't."""
    append_some(4)
    body = bytes(Record.objects.get(number=2).body).replace(b'"by":"anna"', b'"by":"anne"')
    with tampering() as cursor:
        cursor.execute(
            "UPDATE audit_record SET by = 'anne', body = %s, digest = %s WHERE number = 2",
            [body, chain.body_digest(body)],
        )
        cursor.execute("UPDATE audit_record SET previous = %s WHERE number = 3", [chain.body_digest(body)])
    manifest = check(make()).manifest
    assert manifest
    assert manifest.first_break == (3, "its previous isn’t the digest of record 2")


def test_cut_tail_is_told() -> None:
    append_some(10)
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_record WHERE number > 8")
    verdict = check(make(NumberRange(1, 10)))
    assert verdict.manifest
    assert verdict.manifest.first_break == (9, "the last records are missing")
    assert verdict.first_break == (RECORDS, 9, "the last records are missing: the manifest says 10")


def test_unkeepable_body_goes_out_too() -> None:
    append_some(3)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET body = %s WHERE number = 2", [b"no\nJSON"])
    made = make(NumberRange(1, 3))
    verdict = check(made)
    assert (verdict.ok, verdict.as_signed, verdict.records) == (False, True, 4)
    assert b"\nno\nJSON\n" in read(made, RECORDS)


def test_change_between_readings_breaks_it_off() -> None:
    append_some(3)
    evidence = writing.make_file(None, by="anna")
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET body = %s WHERE number = 3", [b"x" * 400])
    with pytest.raises(writing.ChangedMeanwhile):
        list(evidence.blocks)


def test_checkpoint_between_readings_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are behind catch up in steps: one may be of a record in the range."""
    monkeypatch.setattr(exports, "WALKED", 2)
    append_some(6)
    evidence = writing.make_file(None, by="anna")
    written = checkpoints.write(2)
    assert written
    assert written.number == 4
    made = b"".join(evidence.blocks)
    assert check(made).ok
    assert [checkpoints.parse_line(line).number for line in read(made, CHECKPOINTS).splitlines()] == [2]


def test_growth_between_readings_is_left_out() -> None:
    append_some(3)
    evidence = writing.make_file(None, by="anna")
    append_some(3)
    checkpoints.write()
    assert check(b"".join(evidence.blocks)).ok


@pytest.mark.parametrize("numbers", [NumberRange(0, 2), NumberRange(3, 2), NumberRange(1, 4), NumberRange(-1, 1)])
def test_unknown_range_is_refused(numbers: NumberRange) -> None:
    append_some(3)
    with pytest.raises(CantMake, match="The records are numbered 1 to 3"):
        make(numbers)
    assert Record.objects.count() == 3


def test_empty_ledger_has_no_file() -> None:
    with pytest.raises(CantMake, match="There are no records yet"):
        make()


def test_too_large_range_names_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    append_some(9)
    monkeypatch.setattr(container, "LARGEST", stored.SMALL_FILES + 3000)
    with pytest.raises(CantMake, match="Records 1 to 9 don’t fit into one file") as refusal:
        make()
    fits = int(str(refusal.value).split("Records 1 to ")[2].split(" ")[0])
    made = make(NumberRange(1, fits))
    assert check(made).ok
    assert f"begins at {fits + 1}." in str(refusal.value)
    assert 2000 < len(read(made, RECORDS)) < 3000


def test_times_choose_a_range_without_holes() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for days in (0, 1, 3, 2, 5):
        with transaction.atomic():
            ledger.append(RecordKind.SIGNIN_ENDED, by="anna", at=day + timedelta(days=days))
    assert ranges.choose_range(since=day + timedelta(days=1), until=day + timedelta(days=3)) == (2, 4)
    assert ranges.choose_range(since=day + timedelta(days=4)) == (5, 5)
    assert ranges.choose_range(until=day + timedelta(days=1)) == (1, 1)


def test_time_without_records_is_refused() -> None:
    append()
    with pytest.raises(CantMake, match="No record is from that time"):
        ranges.choose_range(until=datetime(2000, 1, 1, tzinfo=UTC))


def test_memory_doesnt_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the records: the same memory."""
    monkeypatch.setattr(queries, "CHUNK", 20)

    def peak() -> int:
        tracemalloc.start()
        for _ in writing.make_file(None, by="anna").blocks:
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    append_some(50)
    checkpoints.write()
    peak()
    little = peak()
    append_some(500)
    checkpoints.write()
    assert peak() < little + 50_000


def test_product_is_named_as_it_is() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    name, version = (json.loads(project.split(f"\n{field} = ")[1].split("\n")[0]) for field in ("name", "version"))
    assert f"{name} {version}" == PRODUCT
