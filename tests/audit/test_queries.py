"""What a selection finds is what a plain look at every record finds, however much of the ledger is indexed."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit import folding, queries
from audit.kinds import RecordKind, Status
from audit.models import FoldingProgress, Record
from audit.search import bitmaps, index, reader, time_spans
from audit.search.selection import RecordSelection
from tests.audit.ledgers import append, append_some, ended

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
OPERATIONS = [UUID(int=number << 64 | number) for number in (1, 2)]
TEXTS = st.sampled_from(
    [
        "WFM_OVERRIDE",
        "wfm_scale_down",
        "Straße 7",
        "STRASSE",
        "ﬁne",
        "fi",
        "max",
        "c-1",
        "c-12",
        "a@b.example",
        "—",
        "",
    ]
)
DETAILS = st.fixed_dictionaries(
    {},
    optional={"note": TEXTS, "before": st.fixed_dictionaries({"status": TEXTS}), "list": st.lists(TEXTS, max_size=2)},
)
FACTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([RecordKind.OPERATION_ASKED, RecordKind.OPERATION_ENDED, RecordKind.SIGNIN_ENDED]),
        "status": st.sampled_from([Status.INFO, Status.SUCCESS]),
        "by": st.sampled_from(["anna", "Bob", ""]),
        "action": st.sampled_from(["pause", ""]),
        "campaign_id": st.sampled_from(["c-1", "c-12", ""]),
        "campaign_name": TEXTS,
        "operation": st.sampled_from([None, *OPERATIONS]),
        "reason": TEXTS,
        "details": DETAILS,
        "timestamp": st.integers(-400, 400).map(lambda minutes: BEGAN + timedelta(minutes=minutes)),
    }
)
TIMES = st.integers(-450, 450).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
ASKED = st.fixed_dictionaries(
    {},
    optional={
        "since": TIMES,
        "until": TIMES,
        "campaign": st.sampled_from(["c-1", "c-12"]),
        "kind": st.sampled_from([RecordKind.OPERATION_ASKED, RecordKind.OPERATION_ENDED]),
        "outcome": st.sampled_from(Status),
        "by": st.sampled_from(["anna", "Bob"]),
        "action": st.just("pause"),
        "operation": st.sampled_from(OPERATIONS),
        "text": st.sampled_from(
            ["wfm", "WFM_O", "strasse", "Straße 7", "fi", "ma", "max", "c-1", "b", "note bob", "—"]
        )
        | st.sampled_from([str(OPERATIONS[0]), "operation.ended", "PAUSE anna", "stat"]),
    },
)


LEDGERS = st.lists(FACTS, max_size=24)
ON_EACH = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few records go through many blocks, parts and pages."""
    monkeypatch.setattr(bitmaps, "SIZE", 8)
    monkeypatch.setattr(bitmaps, "BYTES", 1)
    monkeypatch.setattr(reader, "READ_FOR_WORDS", 3)
    monkeypatch.setattr(queries, "CHUNK", 4)
    monkeypatch.setattr(queries, "PAGE", 3)
    monkeypatch.setattr(index, "AT_ONCE", 5)


@contextmanager
def written(ledger: list[dict[str, Any]], folded: int) -> Iterator[list[Record]]:
    """These records, the first of them folded in several steps; all gone afterwards."""
    with transaction.atomic():
        records = [Record(number=number, body=b"", **facts) for number, facts in enumerate(ledger, start=1)]
        Record.objects.bulk_create(records)
        for begin in range(0, folded, 5):
            fold(records[begin : min(begin + 5, folded)])
        yield records
        transaction.set_rollback(True)


def fold(records: list[Record]) -> None:
    index.add_to_index(records)
    time_spans.add_to_spans(records)
    FoldingProgress.objects.update(number=records[-1].number)


def fold_all() -> None:
    fold(list(Record.objects.order_by("number")))


def plainly(records: list[Record], asked: dict[str, Any]) -> list[int]:
    return [record.number for record in records if meets(record, **asked)]


def meets(
    record: Record,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str = "",
    **columns: object,
) -> bool:
    names = {"campaign": "campaign_id", "outcome": "status"}
    timely = (not since or record.timestamp >= since) and (not until or record.timestamp < until)
    equal = all(getattr(record, names.get(name, name)) == value for name, value in columns.items())
    return timely and equal and has_words(record, text)


def has_words(record: Record, text: str) -> bool:
    there = {word for told in texts_of(record) for word in words_of(told)}
    return all(
        any(word == sought or (len(sought) > 2 and word.startswith(sought)) for word in there)
        for sought in words_of(text)
    )


def texts_of(record: Record) -> Iterator[str]:
    yield from (record.kind, record.action, record.status, record.by, record.campaign_id, record.campaign_name)
    yield from (record.reason, str(record.operation or ""))
    for key, value in record.details.items():
        yield key
        yield from (
            value if isinstance(value, list) else [*value, *value.values()] if isinstance(value, dict) else [value]
        )


def words_of(text: str) -> list[str]:
    for operation in OPERATIONS:
        text = text.replace(str(operation), operation.hex)
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter if letter.isalnum() else " " for letter in folded).split()


def pages_down(selection: RecordSelection) -> list[int]:
    page = queries.read_record_page(selection)
    numbers = numbers_on(page)
    while page.older:
        page = queries.read_record_page(selection, before=page.older)
        numbers += numbers_on(page)
    return numbers


def pages_up(selection: RecordSelection) -> list[int]:
    page = queries.read_record_page(selection, after=0)
    numbers = numbers_on(page)
    while page.newer:
        page = queries.read_record_page(selection, after=page.newer)
        numbers = numbers_on(page) + numbers
    return numbers


def numbers_on(page: queries.RecordPage) -> list[int]:
    return [record.number for record in page.records]


@ON_EACH
@given(ledger=LEDGERS, asked=ASKED, data=st.data())
@pytest.mark.usefixtures("small")
def test_pages_show_all_that_match(ledger: list[dict[str, Any]], asked: dict[str, Any], data: st.DataObject) -> None:
    with written(ledger, len(ledger) - data.draw(st.integers(0, len(ledger)))) as records:
        expected = plainly(records, asked)[::-1]
        selection = queries.select(**asked)
        assert (pages_down(selection), pages_up(selection)) == (expected, expected)


@ON_EACH
@given(ledger=LEDGERS, asked=ASKED, data=st.data())
@pytest.mark.usefixtures("small")
def test_streams_hold_all_that_match(ledger: list[dict[str, Any]], asked: dict[str, Any], data: st.DataObject) -> None:
    upto = data.draw(st.integers(0, len(ledger) + 1))
    with written(ledger, len(ledger) - data.draw(st.integers(0, len(ledger)))) as records:
        expected = [number for number in plainly(records, asked) if number <= upto]
        selection = queries.select(**asked)
        assert [record.number for chunk in queries.chunks(selection, upto=upto) for record in chunk] == expected
        assert queries.count_records(selection, upto=upto) == len(expected)


@ON_EACH
@example(
    times=[BEGAN + timedelta(minutes=minutes) for minutes in (50, -30, 70)],
    bounds=(BEGAN, None),
    of_anna=False,
    unfolded=0,
)
@given(
    times=st.lists(TIMES, min_size=5, max_size=16),
    bounds=st.tuples(st.none() | TIMES, st.none() | TIMES),
    of_anna=st.booleans(),
    unfolded=st.integers(0, 5),
)
@pytest.mark.usefixtures("small")
def test_times_are_exact_whatever_clocks_did(
    times: list[datetime], bounds: tuple[datetime | None, datetime | None], of_anna: bool, unfolded: int
) -> None:
    asked: dict[str, Any] = {"since": bounds[0], "until": bounds[1]} | ({"by": "anna"} if of_anna else {})
    ledger = [{"timestamp": at, "by": by} for at, by in zip(times, cycle(["anna", "bob", "anna"]), strict=False)]
    with written(ledger, len(ledger) - unfolded) as records:
        expected = plainly(records, asked)
        assert pages_down(queries.select(**asked)) == expected[::-1]
        assert queries.count_records(queries.select(**asked), upto=len(ledger)) == len(expected)


@pytest.mark.parametrize("before_or_after", [{"before": 2}, {"before": -5}, {"before": 10**30}])
def test_any_number_gives_a_page(before_or_after: dict[str, int]) -> None:
    append_some(3)
    page = queries.read_record_page(queries.select(kind=RecordKind.OPERATION_ASKED), **before_or_after)
    assert numbers_on(page) == [number for number in (3, 2, 1) if number < before_or_after["before"]]


@pytest.mark.parametrize("after", [-(10**30), 10**30])
def test_page_after_any_number(after: int) -> None:
    append_some(3)
    assert numbers_on(queries.read_record_page(queries.select(), after=after)) == ([] if after > 0 else [3, 2, 1])


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.usefixtures("small")
def test_neighbours_are_those_that_match(folded: bool) -> None:
    for by in ["anna", "bob", "bob", "anna", "bob", "bob", "anna"]:
        append(by)
    if folded:
        fold_all()
    selection = queries.select(by="anna")
    first, last = queries.read_record_page(selection, before=7), queries.read_record_page(selection, after=1)
    assert [first.newer, first.older] == [4, None]
    assert [last.newer, last.older] == [None, 4]
    assert queries.read_record_page(selection, before=8).newer is None


def test_nothing_finds_nothing() -> None:
    append()
    fold_all()
    append()
    assert queries.read_record_page(queries.NOTHING) == queries.RecordPage([], None, None)
    assert queries.count_records(queries.NOTHING, upto=2) == 0


def test_search_far_back_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SEARCHED", 2)
    append_some(3)
    page = queries.read_record_page(queries.select(text="anna"))
    assert (numbers_on(page), page.complete) == ([3, 2], False)
    fold_all()
    page = queries.read_record_page(queries.select(text="anna"))
    assert (numbers_on(page), page.complete) == ([3, 2, 1], True)


def test_index_made_anew_meanwhile_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    append_some(3)
    fold_all()

    def emptied(terms: object, blocks: object) -> dict[int, int]:
        index.clear_index()
        FoldingProgress.objects.update(number=0, generation=7)
        return {}

    monkeypatch.setattr(index, "find_positions", emptied)
    assert numbers_on(queries.read_record_page(queries.select(by="anna"))) == [3, 2, 1]


def test_people_are_suggested() -> None:
    append("bob")
    fold_all()
    append("anna")
    append("")
    assert queries.people() == ["anna", "bob"]


@pytest.mark.parametrize("folded", [0, 1, 2, 3])
def test_campaigns_bear_their_newest_name(folded: int) -> None:
    names = [("c-2", "Spring"), ("c-1", "summer"), ("c-2", "Autumn")]
    facts = [{"campaign_id": campaign, "campaign_name": name, "timestamp": BEGAN} for campaign, name in names]
    with written(facts, folded):
        assert queries.campaigns() == [("c-2", "Autumn"), ("c-1", "summer")]


def test_false_watermark_costs_nothing() -> None:
    """Whoever may write records may write it, and it takes a minute until that is seen."""
    append_some(3)
    folding.fold_all()
    FoldingProgress.objects.update(number=2**63 - 1)
    assert queries.read_record_page(queries.select(text="nowhere")).records == []
    assert len(queries.read_record_page(queries.select(text="spring")).records) == 3


def test_page_of_an_operation_has_its_newest_records() -> None:
    written = [ended(operation=OPERATIONS[0]).number for _ in range(52)]
    assert [record.number for record in queries.records_of_operation(OPERATIONS[0])] == written[2:]
