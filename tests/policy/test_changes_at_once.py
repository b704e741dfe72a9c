"""Admins at once: nobody overwrites anybody unseen, and nobody waits for nobody forever."""

from collections.abc import Callable
from datetime import time
from functools import partial
from typing import Any

import pytest

from audit.integrity.chain_walk import verify_chain
from audit.models import Record
from campaigns.errors import Refusal
from campaigns.models import CallingHoursRule, Campaign, Policy, ReasonCode
from campaigns.policy import changes
from campaigns.policy.changes import facts_of
from tests.factories import make_campaign
from tests.operations.runner.test_concurrency import at_once

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db(transaction=True)]


def tell(verb: Callable[..., object], **values: Any) -> str:
    try:
        verb(**values)
    except Refusal as refused:
        return type(refused).__name__
    return "saved"


def make_rule(name: str) -> CallingHoursRule:
    return CallingHoursRule.objects.create(name=name, days=["MON"], earliest=time(9), latest=time(20), source="law")


def test_one_of_two_thresholds_is_saved() -> None:
    seen = facts_of(Policy.current())
    others = {name: value for name, value in seen.items() if name != "max_active_calls"}
    change = partial(tell, changes.change_thresholds, seen=seen, by="ada", **others)
    told = at_once(*[partial(change, max_active_calls=number) for number in (60, 70, 80)])
    assert sorted(told) == ["FormOutdated", "FormOutdated", "saved"]
    assert Record.objects.count() == 1


def test_last_two_are_not_both_retired() -> None:
    ReasonCode.objects.exclude(pk__in=("EMERGENCY", "HOLIDAY")).update(overrides_calls_check=False)
    codes = ReasonCode.objects.filter(overrides_calls_check=True)
    told = at_once(*[partial(tell, changes.delete_reason, reason=code, by="ada") for code in codes])
    assert sorted(told) == ["Refusal", "saved"]


def test_there_is_one_default() -> None:
    rules = [make_rule(name) for name in ("Ohio", "Texas", "Utah")]
    at_once(*[partial(tell, changes.make_default_rule, rule=rule, seen=facts_of(rule), by="ada") for rule in rules])
    assert CallingHoursRule.objects.filter(is_default=True).count() == 1


def test_rule_is_given_or_deleted() -> None:
    rule = make_rule("Texas")
    make_campaign("c-1")
    give = partial(tell, changes.assign_rule, rule=rule, add=["c-1"], by="ada")
    assert sorted(at_once(give, partial(tell, changes.delete_rule, rule=rule, by="bob"))) == ["Refusal", "saved"]


def test_many_campaigns_in_two_orders() -> None:
    names = [f"{letter}{number}" for number in range(20) for letter in "bAaB"]
    for name in names:
        make_campaign(name)
    ohio, texas = make_rule("Ohio"), make_rule("Texas")
    give = partial(changes.assign_rule, by="ada")
    at_once(partial(give, rule=ohio, add=names), partial(give, rule=texas, add=names[::-1]))
    assert Campaign.objects.values("calling_hours").distinct().count() == 1
    assert verify_chain().ok
