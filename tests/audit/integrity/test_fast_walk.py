"""The quick check takes what we wrote, all of it and nothing else."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from audit import chain, ledger, stored_rows
from audit.integrity import fast_walk, part_walker
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


# What JSON escapes, what its framing is made of, and letters of one to four bytes.
PIECES = st.text('"\\\x01\n{}:,aé€😀', max_size=4)
NUMBERS = st.none() | st.integers(0, 2**53 - 1)
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(-(2**40), 2**40),
    "timestamp": TIMES,
    "operation": st.none() | st.uuids(),
    "details": st.dictionaries(PIECES, PIECES | NUMBERS, max_size=2),
    **dict.fromkeys(("latency_ms", "api_response_status", "concurrent_pause_limit"), NUMBERS),
}
OURS = [name for name in chain.FIELDS if name not in {"number", "timestamp", "kind", "status", "previous", "digest"}]


@hypothesis_settings(max_examples=200)
@given(kind=st.sampled_from(RecordKind), column=st.sampled_from(chain.FIELDS), data=st.data())
def test_any_changed_column_is_found(kind: RecordKind, column: str, data: st.DataObject) -> None:
    """In a record of any kind: the database's own comparison is as exact as that of `chain`."""
    facts = {name: data.draw(COLUMNS.get(name, PIECES), name) for name in OURS}
    with transaction.atomic():
        record = ledger.append(kind, **facts)
        before = chain.Head(record.number - 1, record.previous)
        other = data.draw(COLUMNS.get(column, PIECES), "changed to")
        assume(other != getattr(record, column))
        setattr(record, column, other)
        number = before.number + 1
        stored = stored_rows.pack_row(record)[stored_rows.COLUMNS.index(column)]
        with tampering() as cursor:
            cursor.execute(f"UPDATE audit_record SET {column} = %s WHERE number = %s", [stored, number])  # noqa: S608
        assert fast_walk.walk_fast(before, number) == before
        assert verify_range(before, number)[1] == before
        transaction.set_rollback(True)


def test_text_that_is_no_utf8_ends_the_walk() -> None:
    """Whoever may write records can write one whose columns, bytes and digest fit, but which nobody can show."""
    rows = [(number, "", sha256(body).hexdigest(), body, 1) for number, body in enumerate([b'"a"', b'"\xc3\xa9"'], 1)]
    bad = (3, "", sha256(b'"\xe9"').hexdigest(), b'"\xe9"', 1)
    chained = [row if row[0] == 1 else (row[0], before[2], *row[2:]) for before, row in pairwise([bad, *rows, bad])]
    assert part_walker.accept_rows(chained, (0, ""), is_text_checked=False) == (2, rows[1][2])
    assert part_walker.accept_rows(chained, (0, ""), is_text_checked=True) == (3, bad[2])
    assert part_walker.accept_rows([(1, *bad[1:])], (0, ""), is_text_checked=False) == (0, "")


def test_whole_second_is_accepted() -> None:
    at = datetime(2026, 1, 31, 9, tzinfo=UTC)
    for number in range(1, 3):
        with transaction.atomic():
            ledger.append(RecordKind.OPERATION_ENDED, by="anna", at=at + timedelta(microseconds=number - 1))
    assert fast_walk.walk_fast(chain.START, 2).number == 2


def test_other_spelling_of_details_holds() -> None:
    append()
    with tampering() as cursor:
        cursor.execute("""UPDATE audit_record SET details = '{ "calls":  3 }'""")
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
    ("error", """'","kind":"'"""),
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


@pytest.mark.parametrize(("text", "as_json"), [('"', r"\""), ("\\", r"\\"), ("\n", r"\n"), ("\x1f", r"\u001f")])
@pytest.mark.parametrize("column", ["by", "error"])
def test_text_that_reads_like_its_escape_is_a_break(column: str, text: str, as_json: str) -> None:
    """In bytes, it would be the same as in JSON."""
    facts: dict[str, Any] = {"by": "anna", column: text}
    with transaction.atomic():
        ledger.append(RecordKind.OPERATION_ENDED, **facts)
    with tampering() as cursor:
        cursor.execute(f"UPDATE audit_record SET {column} = %s", [as_json])  # noqa: S608
    assert fast_walk.walk_fast(chain.START, 1).number == 0
    assert verify_chain().first_break == (1, f"its column {column} differs from its stored bytes")


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
    assert (found, reached.number) == ((3, "its previous isn’t the digest of record 2"), 2)
