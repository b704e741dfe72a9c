"""Switching the guard on and off, and the reason code that it needs meanwhile."""

from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection

from audit.models import Record
from campaigns.errors import Refusal
from campaigns.holidays import calendars
from campaigns.models import HOLIDAY, Calendar, ReasonCode
from campaigns.policy import changes
from campaigns.policy.changes import facts_of
from tests.factories import make_calendar
from tests.operations.runner.test_concurrency import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

WORTHLESS: list[dict[str, Any]] = [{"retired": True}, {"for_pause": False}, {"overrides_calls_check": False}]


@pytest.fixture
def calendar() -> Calendar:
    return make_calendar(name="US")


def switch(calendar: Calendar, guarded: bool = True) -> bool:
    return calendars.switch_guard(calendar=calendar, guarded=guarded, by="ada")


def holiday() -> ReasonCode:
    return ReasonCode.objects.get(pk=HOLIDAY)


def change(**values: Any) -> bool:
    reason = holiday()
    return changes.change_reason(reason=reason, seen=facts_of(reason), by="bob", **facts_of(reason) | values)


def test_calendar_is_not_guarded_at_first(calendar: Calendar) -> None:
    assert not calendar.guarded


def test_switching_is_on_record(calendar: Calendar) -> None:
    assert switch(calendar)
    assert Calendar.objects.get().guarded
    record = Record.objects.get()
    assert record.sentence == "ada changed the holiday calendar US: guarded from no to yes."
    assert (record.details["before"], record.details["after"]) == ({"guarded": False}, {"guarded": True})


def test_switching_twice_is_once(calendar: Calendar) -> None:
    assert [switch(calendar), switch(calendar), switch(calendar, False), switch(calendar, False)] == [
        *(True, False),
        *(True, False),
    ]
    assert Record.objects.count() == 2


def test_nothing_is_switched_without_a_record(calendar: Calendar) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE audit_record")
    with pytest.raises(DatabaseError):
        switch(calendar)
    calendar.refresh_from_db()
    assert not calendar.guarded


def test_deleted_calendar_is_refused(calendar: Calendar) -> None:
    Calendar.objects.all().delete()
    with pytest.raises(Refusal, match="deleted meanwhile"):
        switch(calendar)


@pytest.mark.parametrize("worthless", WORTHLESS)
def test_it_needs_its_reason(calendar: Calendar, worthless: dict[str, Any]) -> None:
    change(**worthless)
    with pytest.raises(Refusal, match="The guard pauses with the reason"):
        switch(calendar)
    assert not Calendar.objects.get().guarded


def test_it_needs_a_reason_that_exists(calendar: Calendar) -> None:
    changes.delete_reason(reason=holiday(), by="bob")
    with pytest.raises(Refusal, match="The guard pauses with the reason"):
        switch(calendar)


@pytest.mark.parametrize("worthless", [*WORTHLESS, {"code": "FEAST"}])
def test_reason_stays_while_it_guards(calendar: Calendar, worthless: dict[str, Any]) -> None:
    switch(calendar)
    with pytest.raises(Refusal, match="on for the calendar US"):
        change(**worthless)


def test_reason_is_not_deleted_while_it_guards(calendar: Calendar) -> None:
    switch(calendar)
    with pytest.raises(Refusal, match="on for the calendar US"):
        changes.delete_reason(reason=holiday(), by="bob")


def test_label_may_change_while_it_guards(calendar: Calendar) -> None:
    switch(calendar)
    assert change(label="Public holiday")


def test_other_reasons_are_nobodys_business(calendar: Calendar) -> None:
    switch(calendar)
    changes.delete_reason(reason=ReasonCode.objects.get(pk="MAINTENANCE"), by="bob")


def test_reason_is_free_again_after_it(calendar: Calendar) -> None:
    switch(calendar)
    switch(calendar, False)
    assert change(retired=True)


@pytest.mark.django_db(transaction=True)
def test_one_of_both_at_once_is_refused() -> None:
    calendar = make_calendar(name="US")

    def told(verb: Any) -> str:
        try:
            verb()
        except Refusal:
            return "refused"
        return "saved"

    assert sorted(at_once(partial(told, partial(switch, calendar)), partial(told, partial(change, retired=True)))) == [
        "refused",
        "saved",
    ]
