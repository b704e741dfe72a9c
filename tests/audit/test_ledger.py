"""Appending: the only way in."""

import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from audit import chain, ledger
from audit.integrity.chain_walk import verify_chain
from audit.kinds import RecordKind, Status
from audit.models import Head, Record
from tests.audit.ledgers import append, append_some, tampering

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_numbers_begin_at_one() -> None:
    assert [record.number for record in append_some(3)] == [1, 2, 3]


def test_head_moves_with_the_record() -> None:
    record = append()
    head = Head.objects.get()
    assert (head.number, head.digest) == (record.number, record.digest)


def test_record_reads_back_as_written() -> None:
    operation = uuid.uuid4()
    written = ledger.append(
        RecordKind.OPERATION_ENDED,
        by="anna",
        status=Status.SUCCESS,
        operation=operation,
        latency_ms=120,
        details={"rate": 0.1, "big": 1e22, "text": "ä\x00\ud800", "nested": {"list": [1.0, None]}},
        at=datetime(2026, 1, 31, 9, 0, 0, 5, tzinfo=UTC),
    )
    read = Record.objects.get()
    assert read.shown() == written.shown()
    assert chain.canonical_body(read.shown()) == bytes(read.body)
    assert verify_chain().ok


def test_three_queries_are_enough(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(3):
        ledger.append(RecordKind.OPERATION_ASKED, by="anna")


def test_long_text_is_cut() -> None:
    record = ledger.append(RecordKind.OPERATION_ASKED, by="a" * 1000, error="e" * 5000)
    assert (len(record.by), len(record.error)) == (150, 2000)
    assert record.error.endswith(chain.MARK)


@pytest.mark.parametrize("latency_ms", [2**53, -(2**53)])
def test_number_too_large_is_refused(latency_ms: int) -> None:
    with pytest.raises(ValueError, match="too large a number"):
        ledger.append(RecordKind.OPERATION_ENDED, by="anna", latency_ms=latency_ms)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="not a valid RecordKind"):
        ledger.append("something.else", by="anna")  # type: ignore[arg-type]


def test_rollback_takes_the_record_along() -> None:
    with transaction.atomic():
        append()
        transaction.set_rollback(True)
    assert not Record.objects.exists()
    assert append().number == 1


def test_unknown_fact_is_refused() -> None:
    with pytest.raises(TypeError, match="a record has no previous"):
        ledger.append(RecordKind.OPERATION_ASKED, by="anna", previous="0" * 64)  # type: ignore[call-arg]


def test_missing_head_is_told() -> None:
    with tampering() as cursor:
        cursor.execute("DELETE FROM audit_head")
    with pytest.raises(ledger.MissingHeadError):
        append()


@pytest.mark.django_db(transaction=True)
def test_append_needs_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        ledger.append(RecordKind.OPERATION_ASKED, by="anna")
    assert not Record.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_concurrent_appends_leave_no_gap() -> None:
    def work() -> None:
        append_some(25)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (verify_chain().ok, Head.objects.get().number) == (True, 200)


def _entries(number: int) -> list[ledger.Entry]:
    return [ledger.Entry(kind=RecordKind.OPERATION_ASKED, by="anna", facts={"reason": str(n)}) for n in range(number)]


def test_many_are_one_chain() -> None:
    append()
    records = ledger.append_many(_entries(5))
    append()
    assert [(record.number, record.reason) for record in records] == [(n + 2, str(n)) for n in range(5)]
    assert verify_chain().ok
    assert Head.objects.get().number == 7


def test_many_take_no_more_queries(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(3):
        ledger.append_many(_entries(20))


def test_none_of_many_remains_of_an_unusable_one() -> None:
    broken = ledger.Entry(kind=RecordKind.OPERATION_ASKED, by="anna", facts={"latency_ms": 2**53})
    with pytest.raises(ValueError, match="too large a number"), transaction.atomic():
        ledger.append_many([*_entries(2), broken])
    assert not Record.objects.exists()


def test_nothing_is_no_record(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert ledger.append_many([]) == []
