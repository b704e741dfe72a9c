"""Others change the campaign between reading and writing, answers are lost, workers die: nothing is lost with them."""

from typing import Any

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given
from hypothesis import settings as drawing
from hypothesis import strategies as st

from audit.models import Record
from campaigns.models import AttemptOutcome, Campaign, Operation
from campaigns.operations.runner import reconcile
from campaigns.schedule import DAYS, merge, same
from campaigns.simulator import Simulator
from campaigns.states import State, WaitingFor
from campaigns.sync import full_read
from tests.factories import SCHEDULE
from tests.operations.runner.schedules import (
    BOTH,
    EDIT,
    MONDAY,
    OTHER_MONDAY,
    STATE,
    TUESDAY,
    ask_schedule,
    campaign,
    interfere,
    outside,
    schedule_at,
    with_hours,
)
from tests.worker import run, run_often

__all__ = ["campaign"]

pytestmark = pytest.mark.data_layer


def test_change_before_the_write_is_merged(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    interfere(monkeypatch, cxone, [TUESDAY])
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    assert same(schedule_at(cxone), BOTH)
    assert list(operation.attempts.values_list("api_status", flat=True)) == [412, 200]


def test_clash_before_the_write_is_a_conflict(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    interfere(monkeypatch, cxone, [OTHER_MONDAY])
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFLICT
    assert same(schedule_at(cxone), OTHER_MONDAY)
    assert operation.attempts.get().outcome == AttemptOutcome.REFUSED


def test_third_overtaking_ends_it(campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = [with_hours(TUE=hours) for hours in ("08:00-09:00", "09:00-10:00", "10:00-11:00", "11:00-12:00")]
    interfere(monkeypatch, cxone, theirs)
    operation = run(ask_schedule(campaign, MONDAY))
    assert (operation.state, operation.attempts.count()) == (State.FAILED, 3)
    assert "3 times" in operation.error
    assert same(schedule_at(cxone), theirs[2])


def forget(cxone: Simulator) -> None:
    """CXone has changed nothing, and refuses all the same."""
    cxone.fail("PATCH", EDIT, times=None, status=412)


def test_refusal_of_an_unchanged_version_blames_nobody(campaign: Campaign, cxone: Simulator) -> None:
    forget(cxone)
    operation = run(ask_schedule(campaign, MONDAY))
    assert (operation.state, operation.attempts.count()) == (State.FAILED, 3)
    assert "although nobody had changed it in between" in operation.error
    assert "omebody else" not in operation.error
    assert "ETag" in operation.error


def test_attempts_refused_unchanged_blame_nobody_on_record(campaign: Campaign, cxone: Simulator) -> None:
    forget(cxone)
    run(ask_schedule(campaign, MONDAY))
    tried = [record.error for record in Record.objects.filter(kind="operation.tried") if record.error]
    assert len(tried) == 3
    assert all(error.startswith("CXone refused to change the schedule") for error in tried)


@pytest.fixture
def etags(request: pytest.FixtureRequest, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind of ETag that CXone gives."""
    monkeypatch.setattr(cxone._api, "_etags", request.param)


weakened = pytest.mark.parametrize("etags", ["weakened"], indirect=True)


@weakened
@pytest.mark.usefixtures("etags")
def test_tag_made_weak_on_its_way_is_sent_strong(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    assert same(schedule_at(cxone), MONDAY)
    assert list(operation.attempts.values_list("api_status", flat=True)) == [412, 200]


@weakened
@pytest.mark.usefixtures("etags")
def test_tag_made_weak_overwrites_nobody(
    campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = [SCHEDULE, with_hours(TUE="08:00-09:00"), with_hours(TUE="09:00-10:00")]
    interfere(monkeypatch, cxone, theirs)
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.FAILED
    assert same(schedule_at(cxone), theirs[2])
    assert cxone.record.applied(method="PATCH") == []


@pytest.mark.parametrize("etags", ["weak"], indirect=True)
@pytest.mark.usefixtures("etags")
def test_weak_tag_of_cxone_itself_goes_back_as_it_came(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    assert list(operation.attempts.values_list("api_status", flat=True)) == [200]


def test_overtakings_count_over_goes(campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    interfere(monkeypatch, cxone, [with_hours(TUE="08:00-09:00"), with_hours(TUE="09:00-10:00"), TUESDAY])
    cxone.fail("GET", EDIT, skip=2, status=503)
    operation = run(ask_schedule(campaign, MONDAY))
    assert (operation.state, operation.waiting_for) == (State.WAITING, WaitingFor.RETRY)
    assert run(operation).state == State.FAILED
    assert operation.attempts.count() == 3


@pytest.mark.parametrize(
    "fault", [{"cut": True, "done": True}, {"status": 502, "done": True}, {"body": "<html>", "done": True}]
)
def test_lost_answer_is_read_back(campaign: Campaign, cxone: Simulator, fault: dict[str, Any]) -> None:
    cxone.fail("PATCH", EDIT, **fault)
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    assert len(cxone.record.requests("PATCH")) == 1


def test_lost_request_is_sent_again(campaign: Campaign, cxone: Simulator) -> None:
    cxone.fail("PATCH", EDIT, cut=True)
    operation = run_often(ask_schedule(campaign, MONDAY))
    assert operation.state == State.CONFIRMED
    assert len(cxone.record.applied("spring", "PATCH")) == 1


@pytest.fixture
def changed_on_top(campaign: Campaign, cxone: Simulator) -> Operation:
    """A change whose answer was lost, and on top of which somebody else changed something before it was read."""
    cxone.fail("PATCH", EDIT, cut=True, done=True)
    cxone.fail("GET", STATE, status=503)
    operation = run(ask_schedule(campaign, MONDAY))
    assert operation.state == State.WAITING
    cxone.change("spring", schedule=BOTH)
    return run(operation)


def test_change_on_top_confirms(changed_on_top: Operation, cxone: Simulator) -> None:
    assert changed_on_top.state == State.CONFIRMED
    assert len(cxone.record.requests("PATCH")) == 1


def test_change_on_top_is_on_record(changed_on_top: Operation) -> None:
    full_read.read_all_campaigns()
    assert [same(record.details["before"]["schedule"], MONDAY) for record in outside()] == [True]


def test_dead_workers_change_is_read_first(campaign: Campaign, cxone: Simulator) -> None:
    operation = run(ask_schedule(campaign, MONDAY))
    Operation.objects.update(state=State.RUNNING, ended_at=None, confirmed_at=None, accepted_at=None)
    operation.attempts.update(outcome="", answered_at=None, api_status=None)
    assert run(operation).state == State.CONFIRMED
    assert len(cxone.record.requests("PATCH")) == 1


def test_overtaken_worker_sends_nothing(campaign: Campaign, cxone: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(*_: object) -> None:
        Operation.objects.update(fence=F("fence") + 1)

    monkeypatch.setattr(reconcile, "reconcile_campaign", overtaken)
    operation = run(ask_schedule(campaign, MONDAY))
    assert (operation.state, operation.applied) == (State.RUNNING, None)
    assert cxone.record.requests("PATCH") == []


HOURS = st.sampled_from(["09:00-17:00", "10:00-12:00", "14:00-16:00"])
SCHEDULES = st.builds(
    lambda hours, zone, conditions: with_hours(SCHEDULE, **hours) | {"timezone": zone, "pauseConditions": conditions},
    st.fixed_dictionaries({"MON": HOURS}, optional=dict.fromkeys(DAYS[1:3], HOURS | st.just(""))),
    st.sampled_from(["America/New_York", "Europe/London"]),
    st.sampled_from([[], ["BUSY"], ["BUSY", "NO_ANSWER"]]),
)


@drawing(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=SCHEDULES, ours=SCHEDULES, before=st.none() | SCHEDULES, meanwhile=st.lists(SCHEDULES, max_size=4))
def test_nothing_is_lost_silently(
    campaign: Campaign,
    cxone: Simulator,
    base: dict[str, Any],
    ours: dict[str, Any],
    before: dict[str, Any] | None,
    meanwhile: list[dict[str, Any]],
) -> None:
    Operation.objects.all().update(state=State.FAILED)  # one that an earlier example left behind
    cxone.change("spring", schedule=base)
    operation = ask_schedule(campaign, ours, base)
    cxone.change("spring", schedule=before or base)
    with pytest.MonkeyPatch.context() as patch:
        interfere(patch, cxone, meanwhile)
        run(operation)
    theirs = [before or base, *meanwhile][operation.attempts.exclude(api_status=200).count()]
    merged = merge(base, theirs, ours)
    if operation.state in {State.CONFIRMED, State.SKIPPED}:
        assert not merged.clashes
        assert same(schedule_at(cxone), merged.schedule)
    else:
        assert operation.state in {State.CONFLICT, State.FAILED}
        assert same(schedule_at(cxone), theirs)
        assert operation.payload["ours"] == ours
