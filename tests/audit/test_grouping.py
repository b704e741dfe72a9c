"""Operations in the list: each once, at its newest record that matches, however it is paged."""

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import folding, grouping, ledger, queries
from audit.grouping import RecordGroup, read_group_page
from audit.kinds import RecordKind, Status
from audit.models import Record
from audit.search.selection import RecordSelection

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

ASKED, TRIED, ENDED = RecordKind.OPERATION_ASKED, RecordKind.OPERATION_TRIED, RecordKind.OPERATION_ENDED
FIRST, SECOND, THIRD = (uuid.UUID(int=number << 64 | number) for number in (1, 2, 3))


def tell(kind: RecordKind, operation: uuid.UUID | None = None, status: Status = Status.INFO) -> int:
    with transaction.atomic():
        return ledger.append(kind, by="anna", status=status, operation=operation, action="pause").number


def interleaved() -> None:
    """Records 1 to 8 of three operations that overlap, and a sign-in."""
    tell(ASKED, FIRST)
    tell(ASKED, SECOND)
    tell(TRIED, FIRST)
    tell(RecordKind.SIGNIN_SUCCEEDED)
    tell(ENDED, FIRST, Status.SUCCESS)
    tell(ASKED, THIRD)
    tell(ENDED, SECOND, Status.FAILURE)
    tell(RecordKind.OPERATION_REFUSED, THIRD, Status.REJECTED)


def told(groups: list[RecordGroup]) -> list[tuple[int, list[int]]]:
    return [(group.record.number, [step.record.number for step in group.steps]) for group in groups]


@pytest.fixture(params=["folded", "unfolded"])
def ledger_of_some(request: pytest.FixtureRequest) -> None:
    interleaved()
    if request.param == "folded":
        folding.fold_all()


def test_operation_is_one_group_and_a_refusal_its_own(ledger_of_some: None) -> None:
    assert told(read_group_page(queries.select()).groups) == [
        (8, [8]),
        (7, [2, 7]),
        (6, [6]),
        (5, [1, 3, 5]),
        (4, [4]),
    ]


def test_group_stands_at_its_newest_match_with_all_its_steps(ledger_of_some: None) -> None:
    found = read_group_page(queries.select(kind=ASKED)).groups
    assert told(found) == [(6, [6]), (2, [2, 7]), (1, [1, 3, 5])]


def test_outcome_finds_the_operation_that_ended_so(ledger_of_some: None) -> None:
    assert told(read_group_page(queries.select(outcome=Status.FAILURE)).groups) == [(7, [2, 7])]


def test_pages_hold_each_group_once_both_ways(ledger_of_some: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "PAGE", 2)
    monkeypatch.setattr(grouping, "READ", 2)
    down, page = [], read_group_page(queries.select())
    while page.older:
        down.append([group.record.number for group in page.groups])
        page = read_group_page(queries.select(), before=page.older)
    down.append([group.record.number for group in page.groups])
    assert down == [[8, 7], [6, 5], [4]]
    page = read_group_page(queries.select(), after=4)
    assert ([group.record.number for group in page.groups], page.newer, page.older) == ([6, 5], 6, 5)
    assert read_group_page(queries.select(), after=6).newer is None


def test_words_find_the_operation(ledger_of_some: None) -> None:
    found = read_group_page(queries.select(text="failure")).groups
    assert [group.record.number for group in found] == [7]


def test_statements_dont_grow_with_operations() -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as made:
            read_group_page(queries.select(by="anna"))
        return len(made)

    interleaved()
    folding.fold_all()
    few = count()
    for _ in range(60):
        operation = uuid.uuid4()
        tell(ASKED, operation)
        tell(ENDED, operation, Status.SUCCESS)
    folding.fold_all()
    assert Record.objects.count() > 2 * grouping.PAGE
    assert count() <= few


def outage(tries: int, *, then: int = 0) -> list[int]:
    """One operation that was tried so often before it ended, and was followed a few times after. Its records."""
    told_of = [tell(ASKED, FIRST), *(tell(TRIED, FIRST) for _ in range(tries)), tell(ENDED, FIRST, Status.FAILURE)]
    return told_of + [tell(RecordKind.DRAIN_ENDED, FIRST) for _ in range(then)]


def places(group: RecordGroup) -> list[int]:
    return [step.place for step in group.steps]


@pytest.fixture(params=["whole", "apart"])
def read_whole_or_apart(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All steps fit into what is read at once, or don't, and the database picks those that are shown."""
    monkeypatch.setattr(grouping, "END", 2)
    if request.param == "apart":
        monkeypatch.setattr(grouping, "READ_STEPS", 3)


@pytest.mark.usefixtures("read_whole_or_apart")
def test_operation_of_many_steps_has_its_ends() -> None:
    numbers = outage(3)
    (group,) = read_group_page(queries.select()).groups
    assert places(group) == [1, 2, 4, 5]
    assert [step.record.number for step in group.steps] == [numbers[place - 1] for place in places(group)]


@pytest.mark.usefixtures("read_whole_or_apart")
def test_operation_of_few_steps_is_whole_beside_it() -> None:
    outage(3)
    tell(ASKED, SECOND)
    tell(TRIED, SECOND)
    tell(TRIED, SECOND)
    tell(ENDED, SECOND, Status.SUCCESS)
    assert places(read_group_page(queries.select()).groups[0]) == [1, 2, 3, 4]


@pytest.mark.usefixtures("read_whole_or_apart")
def test_how_it_ended_is_among_the_steps() -> None:
    outage(3, then=4)
    (group,) = read_group_page(queries.select()).groups
    assert places(group) == [1, 2, 5, 8, 9]
    assert group.steps[2].record.kind == ENDED


@pytest.mark.usefixtures("read_whole_or_apart")
@pytest.mark.parametrize("selected", [{"kind": TRIED}, {"kind": TRIED, "text": "operation tried anna"}])
def test_group_stands_at_a_match_between_its_ends(selected: dict[str, str]) -> None:
    numbers = outage(4, then=3)
    folding.fold_all()
    (group,) = read_group_page(queries.select(**selected)).groups  # type: ignore[arg-type]
    assert group.record.number == numbers[4]
    assert read_group_page(queries.select(**selected), before=numbers[4]).groups == []  # type: ignore[arg-type]


def test_page_reads_no_more_of_an_operation_of_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "END", 2)
    monkeypatch.setattr(grouping, "PAGE", 3)
    monkeypatch.setattr(grouping, "READ", 6)
    monkeypatch.setattr(grouping, "READ_STEPS", 9)

    def cost() -> tuple[int, int]:
        """Statements and rows."""
        rows = 0
        from_db = Record.from_db

        def counted(*values: Any) -> Record:
            nonlocal rows
            rows += 1
            return from_db(*values)

        with CaptureQueriesContext(connection) as made, monkeypatch.context() as patched:
            patched.setattr(Record, "from_db", counted)
            assert len(read_group_page(queries.select()).groups) == 3
        return len(made), rows

    for _ in range(4):
        tell(RecordKind.SIGNIN_SUCCEEDED)
    outage(20)
    statements, rows = cost()
    outage(150)
    # Numbers alone are read further on, each time of four times as many records.
    assert cost() <= (statements + 4, rows)


@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_hold_what_single_records_say(monkeypatch: pytest.MonkeyPatch, data: st.DataObject) -> None:
    """Small limits, so that few records meet all of them."""
    kinds = st.sampled_from([ASKED, TRIED, ENDED, RecordKind.DRAIN_ENDED, RecordKind.OPERATION_REFUSED])
    written = data.draw(st.lists(st.tuples(st.sampled_from([None, FIRST, SECOND, THIRD]), kinds), max_size=14))
    sought = data.draw(kinds)
    selected = data.draw(st.sampled_from([queries.select(), queries.select(kind=sought), queries.select(text=sought)]))
    for name, value in {"PAGE": 2, "READ": 3, "READ_STEPS": 4, "END": 1}.items():
        monkeypatch.setattr(grouping, name, value)
    with transaction.atomic():
        for operation, kind in written:
            ledger.append(kind, by="anna", operation=operation)
        matching = [record for record in Record.objects.order_by("-number") if selected.matches(record)]
        stands = list({_group_of(record): record.number for record in matching[::-1]}.values())
        assert _read_down(selected) == _read_up(selected) == sorted(stands, reverse=True)
        transaction.set_rollback(True)


def _group_of(record: Record) -> uuid.UUID | int:
    return record.operation if record.operation and grouping.is_step(record) else record.number


def _read_down(selection: RecordSelection) -> list[int]:
    page = read_group_page(selection)
    numbers = [group.record.number for group in page.groups]
    while page.older:
        page = read_group_page(selection, before=page.older)
        numbers += [group.record.number for group in page.groups]
    return numbers


def _read_up(selection: RecordSelection) -> list[int]:
    page = read_group_page(selection, after=0)
    numbers = [group.record.number for group in page.groups]
    while page.newer:
        page = read_group_page(selection, after=page.newer)
        numbers = [*(group.record.number for group in page.groups), *numbers]
    return numbers
