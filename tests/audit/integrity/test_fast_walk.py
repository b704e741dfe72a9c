"""The quick check takes what we wrote, all of it and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from audit import chain, ledger
from audit.integrity import fast_walk
from audit.integrity.chain_walk import verify_chain, verify_range
from audit.kinds import RecordKind
from audit.models import Record
from tests.audit.ledgers import append, append_some, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

SQLITE = connection.vendor == "sqlite"
TEXT = st.text(st.characters())
DETAILS = st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.lists(TEXT))
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(by=TEXT, error=TEXT, details=DETAILS, latency_ms=st.none() | st.integers(0, 2**53 - 1), at=TIMES)
def test_whatever_was_appended_is_accepted(**facts: Any) -> None:
    with transaction.atomic():
        record = ledger.append(RecordKind.OPERATION_ENDED, **facts)
        assert fast_walk.walk_fast(chain.START, record.number) == (record.number, record.digest)
        transaction.set_rollback(True)


def test_whole_second_is_accepted() -> None:
    at = datetime(2026, 1, 31, 9, tzinfo=UTC)
    for number in range(1, 3):
        with transaction.atomic():
            ledger.append(RecordKind.OPERATION_ENDED, by="anna", at=at + timedelta(microseconds=number - 1))
    assert fast_walk.walk_fast(chain.START, 2).number == 2


def test_other_spelling_of_details_holds() -> None:
    record = append()
    with tampering() as cursor:
        cursor.execute("""UPDATE audit_record SET details = '{ "calls":  3 }'""")
    assert fast_walk.walk_fast(chain.START, 1) == (1, record.digest)
    assert verify_chain().ok


def test_model_writes_what_holds() -> None:
    record = append()
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_record")
    Record.objects.bulk_create([record])
    assert verify_chain().ok


CONFUSIONS = [
    ("latency_ms", "0"),
    ("concurrent_pause_limit", "1"),
    ("operation", "'00000000000000000000000000000000'"),
    ("by", "'anna '"),
    ("details", """'{"calls": "3"}'"""),
    ("details", """'{"calls": 3.5}'"""),
    ("details", """'{"calls": true}'"""),
    ("details", """'{"calls": 3, "more": null}'"""),
    ("details", """'"calls"'"""),
    ("details", "'null'"),
    ("details", "'{}'"),
    ("timestamp", "'2020-01-01 00:00:00'"),
    ("previous", "''"),
    ("digest", "''"),
]
if SQLITE:
    CONFUSIONS += [
        ("by", "CAST('anna' AS BLOB)"),
        ("by", "'anna' || char(0)"),
        ("by", "CAST(x'ff' AS TEXT)"),
        ("by", "CAST(x'eda080' AS TEXT)"),
        ("by", "7"),
        ("latency_ms", "'1'"),
        ("latency_ms", "''"),
        ("latency_ms", "CAST('1' AS BLOB)"),
        ("latency_ms", "1.5"),
        ("latency_ms", "9e999"),
        ("operation", "''"),
        ("timestamp", "replace(timestamp, ' ', 'T')"),
        ("timestamp", "timestamp || '+00:00'"),
        ("timestamp", "CAST(timestamp AS BLOB)"),
        ("timestamp", "timestamp || char(0)"),
        ("details", """'{"calls":3,"calls":3}'"""),
        ("details", """'{"calls":4,"calls":3}'"""),
        ("details", """'{"calls":3},"error":""'"""),
        ("details", """'{"calls":3'"""),
        ("details", """'{"calls":NaN}'"""),
        ("details", """'{"calls":1e999}'"""),
        ("details", r"""'{"calls":"\ud800"}'"""),
        ("details", """CAST('{"calls":3}' AS BLOB)"""),
        ("details", "replace(hex(zeroblob(5000)), '0', '[') || replace(hex(zeroblob(5000)), '0', ']')"),
        ("kind", "kind || char(0)"),
        ("body", "CAST(body AS TEXT)"),
        ("digest", "CAST(digest AS BLOB)"),
        ("digest", "upper(digest)"),
    ]
else:
    CONFUSIONS += [
        ("timestamp", "'infinity'"),
        ("timestamp", "'0044-03-15 00:00:00 BC'"),
        ("details", "('{\"calls\": 1' || repeat('0', 5000) || '}')::jsonb"),
        ("latency_ms", "9223372036854775807"),
    ]


@pytest.mark.parametrize(("column", "value"), CONFUSIONS)
def test_confused_value_is_a_break(column: str, value: str) -> None:
    append_some(6)
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {column} = {value} WHERE number = 4")  # noqa: S608
    assert fast_walk.walk_fast(chain.START, 6).number < 4
    first_break = verify_chain().first_break
    assert first_break
    assert first_break.number == 4


def forge(details: str, body: bytes) -> None:
    """Give the last record other details and another body, with digest and head that fit."""
    digest = chain.body_digest(body)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET details = %s, body = %s, digest = %s", [details, body, digest])
        cursor.execute("UPDATE audit_head SET digest = %s", [digest])


NOT_OURS = {
    "infinite": '{"calls":1E400}',
    "huge": f'{{"calls":{"9" * 400}}}',
    "huger": f'{{"calls":{"9" * 5000}}}',
    "deep": f'{{"calls":{"[" * 900}{"]" * 900}}}',
    "list": "[]",
    "null": "null",
}


@pytest.mark.parametrize("details", NOT_OURS.values(), ids=list(NOT_OURS))
def test_fitting_record_of_another_form_is_a_break(details: str) -> None:
    """Whoever may write records can write one whose bytes and digest fit, but which no evidence file could hold."""
    body = bytes(append().body)
    forge(details, body.replace(b'{"calls":3}', details.encode()))
    assert verify_chain().first_break is not None


@pytest.mark.parametrize("body", [b"5", b"null", b"[]", b"[" * 100_000])
def test_fitting_bytes_of_another_form_are_a_break(body: bytes) -> None:
    append()
    forge('{"calls":3}', body)
    assert verify_chain().first_break == (1, "its column number differs from its stored bytes")


def test_number_beyond_json_is_a_break() -> None:
    body = bytes(append().body).replace(b'"latency_ms":null', b'"latency_ms":%d' % 2**60)
    with tampering() as cursor:
        cursor.execute("UPDATE audit_record SET latency_ms = %s", [2**60])
    forge('{"calls":3}', body)
    assert verify_chain().first_break == (1, "its column latency_ms differs from its stored bytes")


def test_range_goes_on_from_a_place() -> None:
    records = append_some(5)
    second, last = ((record.number, record.digest) for record in (records[1], records[4]))
    assert verify_range(chain.Head(*second), 5) == (None, last)


def test_range_starts_at_its_digest() -> None:
    append_some(5)
    found, reached = verify_range(chain.Head(2, "0" * 64), 5)
    assert (found, reached.number) == ((3, "its previous isn't the digest of record 2"), 2)
