"""What an admin does with policy: rows and their record are saved together, or not at all."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.db import DatabaseError, connection

from audit.models import Record
from campaigns.errors import FormOutdated, Refusal
from campaigns.models import CallingHoursRule, Campaign, Policy, ReasonCode, SyncState
from campaigns.policy import changes as policy_changes
from campaigns.policy.changes import facts_of
from tests.factories import make_campaign, make_operation

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

THRESHOLDS: policy_changes.Thresholds = {
    "max_active_calls": 50,
    "max_windows": 5,
    "max_concurrent_pauses": 1,
    "pause_patience_minutes": 30,
    "late_minutes": 60,
    "paused_too_long_days": 7,
    "two_for_resume": False,
    "two_for_bulk": False,
    "two_for_schedule": False,
    "approval_minutes": 30,
}
HOURS: policy_changes.Hours = {
    "name": "Texas",
    "days": ["MON", "TUE"],
    "earliest": time(9),
    "latest": time(20),
    "source": "Tex. Bus. & Com. Code 305",
    "valid_from": None,
    "valid_to": None,
}
MAINTENANCE: policy_changes.Reason = {
    "code": "MAINTENANCE",
    "label": "Maintenance",
    "overrides_calls_check": False,
    "for_pause": True,
    "for_resume": False,
    "needs_note": False,
    "retired": False,
}


@pytest.fixture
def texas() -> CallingHoursRule:
    return CallingHoursRule.objects.create(**HOURS)


@pytest.fixture
def maintenance() -> ReasonCode:
    return ReasonCode.objects.get(pk="MAINTENANCE")


def raise_calls_to(number: int) -> bool:
    values: policy_changes.Thresholds = {**THRESHOLDS, "max_active_calls": number}
    return policy_changes.change_thresholds(seen=facts_of(Policy.current()), by="ada", **values)


def edit(row: ReasonCode | CallingHoursRule, **changes: Any) -> bool:
    values = {name: getattr(row, name) for name in facts_of(row)} | changes
    if isinstance(row, ReasonCode):
        return policy_changes.change_reason(reason=row, seen=facts_of(row), by="ada", **values)
    return policy_changes.change_rule(rule=row, seen=facts_of(row), by="ada", **values)


def last() -> Record:
    return Record.objects.latest("number")


# --- Thresholds ---


def test_thresholds_are_saved_and_recorded() -> None:
    assert raise_calls_to(60)
    assert Policy.current().max_active_calls == 60
    assert last().sentence == "ada changed the thresholds: max active calls from 50 to 60."
    assert last().details["before"]["max_active_calls"] == 50


def test_no_change_leaves_no_record() -> None:
    assert not raise_calls_to(50)
    assert not Record.objects.exists()


def test_pages_are_told() -> None:
    version = SyncState.current().version
    raise_calls_to(60)
    assert SyncState.current().version > version


def test_unseen_change_is_not_overwritten() -> None:
    seen = facts_of(Policy.current())
    Policy.objects.update(max_windows=8)
    values: policy_changes.Thresholds = {**THRESHOLDS, "max_active_calls": 60}
    with pytest.raises(FormOutdated) as caught:
        policy_changes.change_thresholds(seen=seen, by="ada", **values)
    assert caught.value.now["max_windows"] == 8
    assert Policy.current().max_active_calls == 50


def test_same_change_twice_is_one() -> None:
    seen = facts_of(Policy.current())
    values: policy_changes.Thresholds = {**THRESHOLDS, "max_active_calls": 60}
    assert policy_changes.change_thresholds(seen=seen, by="ada", **values)
    assert not policy_changes.change_thresholds(seen=seen, by="ada", **values)
    assert Record.objects.count() == 1


# --- A campaign's own ---


def test_campaign_gets_its_own(texas: CallingHoursRule) -> None:
    campaign = make_campaign("c-1", name="Spring")
    policy_changes.change_campaign(
        campaign=campaign, seen=facts_of(campaign), by="ada", max_active_calls=30, calling_hours=texas
    )
    campaign.refresh_from_db()
    assert (campaign.max_active_calls, campaign.calling_hours) == (30, texas)
    assert last().campaign_id == "c-1"
    assert "max active calls from none to 30" in last().sentence


def test_zero_is_a_threshold_of_its_own() -> None:
    campaign = make_campaign()
    policy_changes.change_campaign(
        campaign=campaign, seen=facts_of(campaign), by="ada", max_active_calls=0, calling_hours=None
    )
    assert Campaign.objects.get().max_active_calls == 0


def test_own_threshold_is_taken_back() -> None:
    campaign = make_campaign(max_active_calls=30)
    policy_changes.change_campaign(
        campaign=campaign, seen=facts_of(campaign), by="ada", max_active_calls=None, calling_hours=None
    )
    assert Campaign.objects.get().max_active_calls is None


# --- Reason codes ---


def test_reason_is_added() -> None:
    policy_changes.add_reason(by="ada", **MAINTENANCE | {"code": "STORM", "label": "Storm"})
    assert ReasonCode.objects.get(pk="STORM").label == "Storm"
    assert last().sentence == "ada added the reason code STORM."


def test_reason_added_twice_is_one() -> None:
    for _ in range(2):
        policy_changes.add_reason(by="ada", **MAINTENANCE | {"code": "STORM"})
    assert Record.objects.count() == 1


def test_taken_code_is_refused() -> None:
    with pytest.raises(Refusal, match="There is a reason code MAINTENANCE already") as caught:
        policy_changes.add_reason(by="ada", **MAINTENANCE | {"label": "Other"})
    assert caught.value.field == "code"


def test_unused_code_may_change(maintenance: ReasonCode) -> None:
    edit(maintenance, code="UPKEEP")
    assert ReasonCode.objects.filter(pk="UPKEEP").exists()
    assert not ReasonCode.objects.filter(pk="MAINTENANCE").exists()


def test_used_code_stays(maintenance: ReasonCode) -> None:
    make_operation(reason="MAINTENANCE")
    with pytest.raises(Refusal, match="have the code MAINTENANCE"):
        edit(maintenance, code="UPKEEP")


def test_used_label_may_change(maintenance: ReasonCode) -> None:
    make_operation(reason="MAINTENANCE")
    edit(maintenance, label="Upkeep")
    assert ReasonCode.objects.get(pk="MAINTENANCE").label == "Upkeep"


def test_other_codes_name_is_refused(maintenance: ReasonCode) -> None:
    with pytest.raises(Refusal, match="There is a reason code EMERGENCY already"):
        edit(maintenance, code="EMERGENCY")


def test_retired_reason_stays_on_record(maintenance: ReasonCode) -> None:
    edit(maintenance, retired=True)
    said = "ada changed the reason code MAINTENANCE: retired from no to yes."
    assert last().sentence == said


def test_unused_reason_is_deleted(maintenance: ReasonCode) -> None:
    policy_changes.delete_reason(reason=maintenance, by="ada")
    assert not ReasonCode.objects.filter(pk="MAINTENANCE").exists()
    assert last().details["before"]["label"] == "Maintenance"


def test_used_reason_is_not_deleted(maintenance: ReasonCode) -> None:
    make_operation(reason="MAINTENANCE")
    with pytest.raises(Refusal, match="Retire it instead"):
        policy_changes.delete_reason(reason=maintenance, by="ada")


@pytest.mark.parametrize("change", [{"retired": True}, {"overrides_calls_check": False}, {"for_pause": False}])
def test_last_overriding_reason_stays(change: dict[str, bool]) -> None:
    ReasonCode.objects.exclude(pk="EMERGENCY").update(overrides_calls_check=False)
    with pytest.raises(Refusal, match="a busy campaign must be stoppable"):
        edit(ReasonCode.objects.get(pk="EMERGENCY"), **change)


def test_last_overriding_reason_is_not_deleted() -> None:
    ReasonCode.objects.exclude(pk="EMERGENCY").update(retired=True)
    with pytest.raises(Refusal, match="a busy campaign must be stoppable"):
        policy_changes.delete_reason(reason=ReasonCode.objects.get(pk="EMERGENCY"), by="ada")


# --- Calling-hours rules ---


def test_rule_is_added() -> None:
    rule = policy_changes.add_rule(by="ada", **HOURS)
    assert (rule.earliest, rule.is_default) == (time(9), False)
    assert last().details["after"] | {"earliest": "09:00"} == last().details["after"]


def test_rule_is_edited(texas: CallingHoursRule) -> None:
    edit(texas, latest=time(21), valid_from=date(2027, 1, 1))
    said = "latest from 20:00 to 21:00, first day from none to Fri 1 Jan 2027."
    assert last().sentence == f"ada changed the calling-hours rule Texas: {said}"


def test_rule_needs_a_name_of_its_own(texas: CallingHoursRule) -> None:
    with pytest.raises(Refusal, match="There is a calling-hours rule Texas already"):
        policy_changes.add_rule(by="ada", **HOURS | {"latest": time(21)})


def test_another_becomes_the_default(texas: CallingHoursRule) -> None:
    policy_changes.make_default_rule(rule=texas, seen=facts_of(texas), by="ada")
    assert CallingHoursRule.objects.get(is_default=True) == texas
    assert last().sentence == "ada changed the default calling-hours rule: rule from Federal (TCPA) to Texas."


def test_dated_rule_is_no_default(texas: CallingHoursRule) -> None:
    CallingHoursRule.objects.filter(pk=texas.pk).update(valid_to=date(2027, 1, 1))
    texas.refresh_from_db()
    with pytest.raises(Refusal, match="Remove this rule’s dates first"):
        policy_changes.make_default_rule(rule=texas, seen=facts_of(texas), by="ada")


def test_default_gets_no_dates() -> None:
    with pytest.raises(Refusal, match="leave both dates empty"):
        edit(CallingHoursRule.objects.get(is_default=True), valid_from=date(2027, 1, 1))


def test_default_is_judged_as_it_was_seen(texas: CallingHoursRule) -> None:
    seen = facts_of(texas)
    CallingHoursRule.objects.filter(pk=texas.pk).update(latest=time(23))
    with pytest.raises(FormOutdated):
        policy_changes.make_default_rule(rule=texas, seen=seen, by="ada")


def test_default_is_not_deleted() -> None:
    with pytest.raises(Refusal, match="is the default rule"):
        policy_changes.delete_rule(rule=CallingHoursRule.objects.get(is_default=True), by="ada")


def test_given_rule_is_not_deleted(texas: CallingHoursRule) -> None:
    make_campaign(calling_hours=texas)
    with pytest.raises(Refusal, match="Texas applies to 1 campaign"):
        policy_changes.delete_rule(rule=texas, by="ada")


def test_free_rule_is_deleted(texas: CallingHoursRule) -> None:
    policy_changes.delete_rule(rule=texas, by="ada")
    assert not CallingHoursRule.objects.filter(name="Texas").exists()
    assert last().sentence == "ada deleted the calling-hours rule Texas."


def test_deleted_meanwhile_is_told(texas: CallingHoursRule) -> None:
    CallingHoursRule.objects.filter(pk=texas.pk).delete()
    with pytest.raises(Refusal, match="Texas was deleted meanwhile"):
        edit(texas, latest=time(21))


def test_rule_is_given_and_taken_back(texas: CallingHoursRule) -> None:
    make_campaign("new")
    make_campaign("old", calling_hours=texas)
    assert policy_changes.assign_rule(rule=texas, add=["new"], remove=["old"], by="ada") == (1, 1)
    assert list(texas.campaigns.values_list("pk", flat=True)) == ["new"]
    assert (last().details["given"], last().details["taken"]) == ({"new": None}, ["old"])


def test_record_tells_the_rule_before(texas: CallingHoursRule) -> None:
    ohio = CallingHoursRule.objects.create(**HOURS | {"name": "Ohio"})
    make_campaign("c-1", calling_hours=ohio)
    policy_changes.assign_rule(rule=texas, add=["c-1"], by="ada")
    assert last().details["given"] == {"c-1": "Ohio"}
    assert last().sentence == "ada changed the campaigns of the calling-hours rule Texas: campaigns from 0 to 1."


def test_other_rules_campaigns_keep_theirs(texas: CallingHoursRule) -> None:
    ohio = CallingHoursRule.objects.create(**HOURS | {"name": "Ohio"})
    make_campaign("c-1", calling_hours=ohio)
    assert policy_changes.assign_rule(rule=texas, remove=["c-1"], by="ada") == (0, 0)
    assert not Record.objects.exists()


# --- All or nothing ---

VERBS: dict[str, Callable[[CallingHoursRule], object]] = {
    "thresholds": lambda rule: raise_calls_to(60),
    "add a reason": lambda rule: policy_changes.add_reason(by="ada", **MAINTENANCE | {"code": "STORM"}),
    "edit a reason": lambda rule: edit(ReasonCode.objects.get(pk="MAINTENANCE"), code="UPKEEP"),
    "delete a reason": lambda rule: policy_changes.delete_reason(reason=ReasonCode.objects.get(pk="HOLIDAY"),
    by="ada"), "add a rule": lambda rule: policy_changes.add_rule(by="ada", **HOURS | {"name": "Ohio"}),
    "edit a rule": lambda rule: edit(rule, latest=time(21)),
    "delete a rule": lambda rule: policy_changes.delete_rule(rule=rule, by="ada"),
    "default": lambda rule: policy_changes.make_default_rule(rule=rule, seen=facts_of(rule), by="ada"),
    "assign": lambda rule: policy_changes.assign_rule(rule=rule, add=["c-1"], by="ada"),
    "campaign": lambda rule: policy_changes.change_campaign(
        campaign=Campaign.objects.get(), seen=facts_of(Campaign.objects.get()), by="ada",
        max_active_calls=1, calling_hours=rule,
    ),
}  # fmt: skip


def everything() -> list[Any]:
    tables = (Policy, ReasonCode, CallingHoursRule, Campaign, SyncState, Record)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_record_nothing_is_saved(verb: str, texas: CallingHoursRule) -> None:
    make_campaign("c-1")
    before, table = everything(), Record._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT full_disk CHECK (number < 0) NOT VALID")
        else:
            cursor.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(DatabaseError):
        VERBS[verb](texas)
    assert everything() == before
