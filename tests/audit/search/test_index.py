"""Words, and the index of them."""

import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from audit import folding, queries, triggers
from audit.kinds import RecordKind
from audit.models import FoldingProgress, Record
from audit.search import words
from tests.audit.ledgers import append_some

UUID = "0b7a3c1e-8f52-4d6b-9a01-2c3d4e5f6a7b"


def told(**facts: Any) -> Record:
    return Record(**{"kind": RecordKind.OPERATION_TRIED, "number": 1, **facts})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("WFM_OVERRIDE", ["wfm", "override"]),
        ("c-1", ["c", "1"]),
        ("ada.lovelace@example.org", ["ada", "lovelace", "example", "org"]),
        (UUID, [UUID.replace("-", "")]),
        (UUID.upper(), [UUID.replace("-", "")]),
        ("Straße", ["strasse"]),
        ("①ｆｉ\ufb01", ["1fifi"]),
        ("été", ["été"]),
        ("e\u0301te\u0301", ["été"]),
        ("a" * 40, ["a" * 32]),
        ("… — ***", []),
    ],
)
def test_text_falls_into_words(text: str, found: list[str]) -> None:
    assert list(words.split(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "operation.tried",
        "tried",
        "pause",
        "anna",
        "c-1",
        "spring",
        "Spring Loan",
        "WFM_OVER",
        "f00d" * 16,
        UUID,
        UUID[:8],
        "PASSED",
        "sub-9",
        "gateway timeout",
        "max_active_calls",
        "inner note",
        "listed",
    ],
)
def test_every_text_of_a_record_is_found(text: str) -> None:
    record = told(
        action="pause",
        by="anna",
        campaign_id="c-1",
        campaign_name="Spring Loans",
        operation=uuid.UUID(UUID),
        reason="WFM_OVERRIDE",
        payload_hash="f00d" * 16,
        compliance_check="PASSED",
        webhook_subscription_id="sub-9",
        error="504: Gateway Timeout",
        details={"before": {"max_active_calls": 50}, "note": ["an inner note", {"of": "listed"}]},
    )
    assert words.has_words(record, words.sought(text))


@pytest.mark.parametrize("text", ["anna bob", "an", "nna", "1000", "sprung"])
def test_other_text_is_not_found(text: str) -> None:
    assert not words.has_words(told(by="anna", campaign_name="Spring", latency_ms=1000), words.sought(text))


def test_details_of_any_kind_have_words() -> None:
    assert words.words_in(told(details="a text")) >= {"a", "text"}
    assert words.words_in(told(details=7)) == {"operation", "tried"}


def test_search_has_its_bounds() -> None:
    assert len(words.sought(" ".join(f"word{number}" for number in range(100)))) == words.MOST


@pytest.mark.django_db(transaction=True)
@pytest.mark.data_layer
def test_ledger_of_before_is_found_after_migrating() -> None:
    """Its records stay, append-only as they were, and what was folded without the index is folded anew."""
    # Of all apps: what depends on the audit's later migrations goes back with them.
    latest = executor().loader.graph.leaf_nodes()
    append_some(2)
    executor().migrate([("audit", "0003_derived")])
    FoldingProgress.objects.update(number=2)
    executor().migrate(latest)
    assert folding.fold_all() == 2
    assert queries.count_records(queries.select(text="spring"), upto=2) == 2
    with pytest.raises(DatabaseError, match=triggers.RECORD):
        Record.objects.update(by="mallory")


def executor() -> MigrationExecutor:
    return MigrationExecutor(connection)
