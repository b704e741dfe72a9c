"""The pages of policy: what an admin sees and types, and what others change meanwhile."""

import json
import re
from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import Record
from campaigns.models import CallingHoursRule, Campaign, Policy, Preferences, ReasonCode
from campaigns.policy.changes import facts_of
from tests.factories import make_campaign, make_operation
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

THRESHOLDS = {
    "max_active_calls": "50",
    "max_windows": "5",
    "max_concurrent_pauses": "1",
    "pause_patience_minutes": "30",
    "late_minutes": "60",
    "paused_too_long_days": "7",
    "approval_minutes": "30",
}
STORM = {"code": "STORM", "label": "Storm", "for_pause": "on"}
TEXAS: dict[str, Any] = {
    "name": "Texas",
    "days": ["MON", "TUE"],
    "earliest": "09:00",
    "latest": "20:00",
    "source": "Tex. Bus. & Com. Code 305",
}


@pytest.fixture
def admin() -> Client:
    return sign_in("admin", "ada")


@pytest.fixture
def texas() -> CallingHoursRule:
    values = TEXAS | {"earliest": time(9), "latest": time(20)}
    return CallingHoursRule.objects.create(**values)


def seen(row: Model) -> dict[str, str]:
    return {"seen": json.dumps(facts_of(row))}


def change_thresholds(client: Client, **typed: str) -> Any:
    return client.post("/policy/thresholds/", THRESHOLDS | seen(Policy.current()) | typed)


# --- The page ---


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/policy/", "Calls in progress"),
        ("/policy/reasons/", "Workforce management override"),
        ("/policy/hours/", "08:00 to 21:00"),
        ("/policy/integrations/", "Wallboard"),
    ],
)
def test_each_group_of_settings_has_a_page(admin: Client, address: str, shown: str) -> None:
    words = words_of(admin.get(address))
    assert shown in words
    assert f'<a href="{address}" aria-current="page">' in words


def test_rules_are_listed_by_name_after_the_default(admin: Client) -> None:
    for name in ("Texas", "Alaska", "Maine"):
        CallingHoursRule.objects.create(**TEXAS | {"name": name, "earliest": time(9), "latest": time(20)})
    rules = admin.get("/policy/hours/").context["rules"]
    assert [rule.name for rule in rules] == ["Federal (TCPA)", "Alaska", "Maine", "Texas"]


def test_default_rule_counts_the_campaigns_without_one(admin: Client, texas: CallingHoursRule) -> None:
    make_campaign()
    make_campaign()
    make_campaign(calling_hours=texas)
    assert "2 (default)" in words_of(admin.get("/policy/hours/"))


def test_twelve_hours_stand_beside_for_those_who_want_them(admin: Client) -> None:
    assert "9:00 PM" not in words_of(admin.get("/policy/hours/"))
    Preferences.objects.create(user=User.objects.get(), twelve_hours=True)
    assert "8:00 AM to 9:00 PM" in words_of(admin.get("/policy/hours/"))


def test_preset_fills_the_form_and_saves_nothing(admin: Client) -> None:
    page = words_of(admin.get("/policy/hours/new/", {"preset": "florida"}))
    assert 'value="Florida"' in page
    assert 'value="20:00"' in page
    assert "Fla. Stat. § 501.616(6)(a), in force since 2021-07-01" in page
    assert "check the hours with counsel" in page
    assert not CallingHoursRule.objects.filter(name="Florida").exists()


def test_presets_name_their_law_and_are_no_advice(admin: Client) -> None:
    page = words_of(admin.get("/policy/hours/presets/"))
    assert "Wash. Rev. Code § 19.158.040(2)" in page
    assert "This is not legal advice" in page


def test_unknown_preset_is_an_empty_form(admin: Client) -> None:
    assert admin.get("/policy/hours/new/", {"preset": "atlantis"}).status_code == 200


def test_reason_moves_up_and_down_on_record(admin: Client) -> None:
    def codes() -> list[str]:
        return [reason.code for reason in admin.get("/policy/reasons/").context["reasons"]]

    before = codes()
    admin.post(f"/policy/reasons/{before[1]}/move/", {"to": "up"})
    assert codes() == [before[1], before[0], *before[2:]]
    assert Record.objects.latest("number").details["after"] == {"order": codes()}
    admin.post(f"/policy/reasons/{before[1]}/move/", {"to": "down"})
    assert codes() == before


def test_first_reason_stays_first(admin: Client) -> None:
    first = admin.get("/policy/reasons/").context["reasons"][0]
    admin.post(f"/policy/reasons/{first.code}/move/", {"to": "up"})
    assert admin.get("/policy/reasons/").context["reasons"][0] == first


def test_retired_reasons_are_not_in_the_order(admin: Client) -> None:
    """The last that is offered can't be moved down among them, and they can't be moved."""
    ReasonCode.objects.filter(pk="HOLIDAY").update(retired=True)
    codes = [reason.code for reason in admin.get("/policy/reasons/").context["reasons"]]
    assert codes[-1] == "HOLIDAY"
    records = Record.objects.count()
    admin.post(f"/policy/reasons/{codes[-2]}/move/", {"to": "down"})
    admin.post("/policy/reasons/HOLIDAY/move/", {"to": "up"})
    assert [reason.code for reason in admin.get("/policy/reasons/").context["reasons"]] == codes
    assert Record.objects.count() == records


def test_buttons_end_at_the_border_of_the_retired(admin: Client) -> None:
    ReasonCode.objects.filter(pk="HOLIDAY").update(retired=True)
    page = words_of(admin.get("/policy/reasons/"))
    moves = re.findall(r'value="(up|down)" aria-label="Move ([^"]*) (?:up|down)" (disabled|)', page)
    labels = list(dict.fromkeys(label for _, label, _ in moves))
    assert "Holiday" not in labels
    assert [(way, label) for way, label, is_off in moves if is_off] == [("up", labels[0]), ("down", labels[-1])]


def test_new_reason_is_the_last_that_is_offered(admin: Client) -> None:
    admin.post("/policy/reasons/new/", STORM)
    assert admin.get("/policy/reasons/").context["reasons"][-1].code == "STORM"


def test_messages_name_a_reason_by_its_label(admin: Client) -> None:
    page = words_of(admin.post("/policy/reasons/MAINTENANCE/delete/", follow=True))
    assert "The reason “Maintenance” was deleted." in page
    assert "MAINTENANCE" not in page


def test_note_that_a_reason_needs_is_on_record(admin: Client) -> None:
    reason = ReasonCode.objects.get(pk="MAINTENANCE")
    typed = {"code": "MAINTENANCE", "label": "Maintenance", "for_pause": "on", "needs_note": "on"}
    assert admin.post("/policy/reasons/MAINTENANCE/", typed | seen(reason)).status_code == 303
    assert ReasonCode.objects.get(pk="MAINTENANCE").needs_note
    details = Record.objects.latest("number").details
    assert (details["before"]["needs_note"], details["after"]["needs_note"]) == (False, True)
    assert 'data-label="Note"> needed' in words_of(admin.get("/policy/reasons/"))


def test_emergency_stop_never_waits_for_a_note(admin: Client) -> None:
    reason = ReasonCode.objects.get(pk="EMERGENCY")
    typed = {"code": "EMERGENCY", "label": "Emergency", "for_pause": "on", "overrides_calls_check": "on"}
    response = admin.post("/policy/reasons/EMERGENCY/", typed | {"needs_note": "on"} | seen(reason))
    assert response.status_code == 409
    assert "The emergency stop begins with this reason, and must not wait for a note." in words_of(response)
    assert not ReasonCode.objects.get(pk="EMERGENCY").needs_note


def test_own_thresholds_are_listed(admin: Client) -> None:
    make_campaign(name="Spring", max_active_calls=30)
    words = words_of(admin.get("/policy/"))
    assert "1 campaign has a limit of its own:" in words
    assert "Spring</a> 30" in words


def test_queries_stay_few(admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(30):
        make_campaign(max_active_calls=number)
    with django_assert_max_num_queries(16):
        admin.get("/policy/")


def test_supervisor_has_no_link(supervisor: Client) -> None:
    make_campaign("c-1")
    assert "/policy/" not in supervisor.get("/campaigns/c-1/").text


# --- Thresholds ---


def test_thresholds_are_saved(admin: Client) -> None:
    response = change_thresholds(admin, max_active_calls="60")
    assert (response.status_code, response["Location"]) == (303, "/policy/")
    assert Policy.current().max_active_calls == 60
    assert Record.objects.latest("number").by == "ada"


@pytest.mark.parametrize("typed", ["", "-1", "100001", "5.5", "\u0665", "1e3", "9999999999", "many", "0x5"])
def test_odd_number_gets_a_sentence(admin: Client, typed: str) -> None:
    response = change_thresholds(admin, max_active_calls=typed)
    assert response.status_code == 422
    assert "whole number from 0 to 100,000" in words_of(response)
    assert Policy.current().max_active_calls == 50


@pytest.mark.parametrize("name", ["max_windows", "max_concurrent_pauses"])
@pytest.mark.parametrize("typed", ["0", "51"])
def test_other_thresholds_have_bounds(admin: Client, name: str, typed: str) -> None:
    response = change_thresholds(admin, **{name: typed})
    assert response.status_code == 422
    assert "whole number from 1 to 50" in words_of(response)


@pytest.mark.parametrize(
    ("name", "typed", "bounds"),
    [
        ("pause_patience_minutes", "0", "1 to 240"),
        ("pause_patience_minutes", "241", "1 to 240"),
        ("late_minutes", "1441", "0 to 1,440"),
        ("paused_too_long_days", "0", "1 to 365"),
        ("approval_minutes", "0", "1 to 1,440"),
    ],
)
def test_minutes_have_bounds(admin: Client, name: str, typed: str, bounds: str) -> None:
    response = change_thresholds(admin, **{name: typed})
    assert response.status_code == 422
    assert f"whole number from {bounds}" in words_of(response)


def test_minutes_are_on_record(admin: Client) -> None:
    change_thresholds(admin, pause_patience_minutes="45", late_minutes="0")
    after = Record.objects.latest("number").details["after"]
    assert (after["pause_patience_minutes"], after["late_minutes"]) == (45, 0)


def test_others_change_is_shown(admin: Client) -> None:
    form = THRESHOLDS | seen(Policy.current()) | {"max_active_calls": "60"}
    Policy.objects.update(max_windows=8)
    response = admin.post("/policy/thresholds/", form)
    assert response.status_code == 409
    assert "Windows in a schedule: it was 5, and is 8 now." in words_of(response)
    assert Policy.current().max_active_calls == 50


def test_typed_work_is_kept_beside_it(admin: Client) -> None:
    form = THRESHOLDS | seen(Policy.current()) | {"max_active_calls": "60"}
    Policy.objects.update(max_windows=8)
    again = admin.post("/policy/thresholds/", form).context["form"]
    admin.post("/policy/thresholds/", {name: again[name].value() for name in THRESHOLDS} | {"seen": again.own_seen})
    policy = Policy.current()
    assert (policy.max_active_calls, policy.max_windows) == (60, 8)


def test_both_changed_the_same(admin: Client) -> None:
    form = THRESHOLDS | seen(Policy.current()) | {"max_active_calls": "60"}
    Policy.objects.update(max_active_calls=70)
    response = admin.post("/policy/thresholds/", form)
    assert "You had changed it as well: what you typed is still below." in words_of(response)
    assert response.context["form"]["max_active_calls"].value() == "60"


@pytest.mark.parametrize("carried", ["", "no JSON", "[1]", "{" * 900])
def test_form_must_say_what_was_seen(admin: Client, carried: str) -> None:
    response = change_thresholds(admin, max_active_calls="60", seen=carried)
    assert response.status_code == 422
    assert "form had lost what it started from" in words_of(response)


# --- Reason codes ---


def test_reason_is_added(admin: Client) -> None:
    assert admin.post("/policy/reasons/new/", STORM).status_code == 303
    assert not ReasonCode.objects.get(pk="STORM").overrides_calls_check


def test_reason_is_offered_for_what_it_fits(admin: Client) -> None:
    make_campaign("c-1")
    admin.post("/policy/reasons/new/", STORM)
    assert 'value="STORM"' in admin.get("/campaigns/c-1/pause/").text
    assert 'value="STORM"' not in admin.get("/campaigns/c-1/resume/").text


def test_reason_for_nothing_is_refused(admin: Client) -> None:
    response = admin.post("/policy/reasons/new/", STORM | {"for_pause": ""})
    assert response.status_code == 422
    assert "Offer it for pauses, for resumes or for both, or retire it." in words_of(response)


@pytest.mark.parametrize("code", ["storm", "STORM 1", "STÖRM", "_STORM", "STORM-A", "\u0410_CYRILLIC"])
def test_odd_code_gets_a_sentence(admin: Client, code: str) -> None:
    response = admin.post("/policy/reasons/new/", STORM | {"code": code})
    assert response.status_code == 422
    assert "A code is made of capital letters A to Z and _" in words_of(response)


def test_long_code_gets_a_sentence(admin: Client) -> None:
    response = admin.post("/policy/reasons/new/", STORM | {"code": "A" * 41})
    assert "The code has 41 characters; 40 fit." in words_of(response)


def test_hidden_characters_are_refused(admin: Client) -> None:
    response = admin.post("/policy/reasons/new/", STORM | {"label": "Sto\u202erm"})
    assert "holds characters that can’t be seen" in words_of(response)


def test_taken_code_keeps_what_was_typed(admin: Client) -> None:
    response = admin.post("/policy/reasons/new/", STORM | {"code": "HOLIDAY"})
    assert response.status_code == 409
    assert "There is a reason code HOLIDAY already" in words_of(response)
    assert 'value="Storm"' in response.text


def test_retired_reason_is_not_offered(admin: Client) -> None:
    make_campaign("c-1")
    reason = ReasonCode.objects.get(pk="MAINTENANCE")
    typed = {"code": "MAINTENANCE", "label": "Maintenance", "retired": "on"}
    assert admin.post("/policy/reasons/MAINTENANCE/", typed | seen(reason)).status_code == 303
    assert "MAINTENANCE" not in admin.get("/campaigns/c-1/pause/").text


def test_used_code_is_fixed_on_its_page(admin: Client) -> None:
    make_operation(reason="MAINTENANCE")
    words = words_of(admin.get("/policy/reasons/MAINTENANCE/"))
    assert "Operations on record have it, so it can" in words
    assert "Delete reason" not in words


def test_unused_reason_is_deleted(admin: Client) -> None:
    assert admin.post("/policy/reasons/MAINTENANCE/delete/")["Location"] == "/policy/reasons/"
    assert not ReasonCode.objects.filter(pk="MAINTENANCE").exists()


def test_used_reason_is_not_deleted(admin: Client) -> None:
    make_operation(reason="MAINTENANCE")
    response = admin.post("/policy/reasons/MAINTENANCE/delete/", follow=True)
    assert "Retire it instead." in words_of(response)
    assert ReasonCode.objects.filter(pk="MAINTENANCE").exists()


@pytest.mark.parametrize(
    "address", ["/policy/reasons/NOPE/", "/policy/reasons/%00/", "/policy/hours/999/", f"/policy/hours/{10**30}/"]
)
def test_unknown_row_is_not_found(admin: Client, address: str) -> None:
    response = admin.get(address)
    assert response.status_code == 404
    assert "It may have been deleted" in words_of(response)


# --- Calling-hours rules ---


def test_rule_is_added(admin: Client) -> None:
    assert admin.post("/policy/hours/new/", TEXAS | {"valid_from": "2027-01-01"}).status_code == 303
    rule = CallingHoursRule.objects.get(name="Texas")
    assert (rule.days, rule.earliest, str(rule.valid_from)) == (["MON", "TUE"], time(9), "2027-01-01")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"earliest": "25:00"}, "“25:00” is not a time of day"),
        ({"earliest": "9:5"}, "“9:5” is not a time of day"),
        ({"latest": "\u0662\u0660:\u0660\u0660"}, "is not a time of day"),
        ({"latest": "08:00"}, "The latest time must come after the earliest"),
        ({"latest": "09:00"}, "The latest time must come after the earliest"),
        ({"days": []}, "Choose at least one day"),
        ({"days": ["XYZ"]}, "Choose days from the list"),
        ({"source": ""}, "Name the source"),
        ({"name": " "}, "Give the rule a name"),
        ({"valid_from": "2027-02-30"}, "“2027-02-30” isn’t a date"),
        ({"valid_from": "2027-02-01", "valid_to": "2027-02-01"}, "The last day must come after the first"),
        ({"valid_from": "2027-02-01", "valid_to": "2026-02-01"}, "The last day must come after the first"),
    ],
)
def test_odd_rule_gets_a_sentence(admin: Client, typed: dict[str, Any], said: str) -> None:
    response = admin.post("/policy/hours/new/", TEXAS | typed)
    assert response.status_code == 422
    assert said in words_of(response)
    assert not CallingHoursRule.objects.filter(name="Texas").exists()


def test_rule_is_edited(admin: Client, texas: CallingHoursRule) -> None:
    admin.post(f"/policy/hours/{texas.pk}/", TEXAS | seen(texas) | {"latest": "21:00"})
    texas.refresh_from_db()
    assert texas.latest == time(21)


def test_others_change_of_days_is_kept(admin: Client, texas: CallingHoursRule) -> None:
    form = TEXAS | seen(texas) | {"latest": "21:00"}
    CallingHoursRule.objects.filter(pk=texas.pk).update(days=["SUN"])
    response = admin.post(f"/policy/hours/{texas.pk}/", form)
    assert "it was MON, TUE, and is SUN now." in words_of(response)
    assert (response.context["form"]["days"].value(), response.context["form"]["latest"].value()) == (["SUN"], "21:00")


def test_rule_becomes_the_default(admin: Client, texas: CallingHoursRule) -> None:
    admin.post(f"/policy/hours/{texas.pk}/default/", seen(texas))
    assert CallingHoursRule.objects.get(is_default=True) == texas


def test_stale_default_is_refused(admin: Client, texas: CallingHoursRule) -> None:
    form = seen(texas)
    CallingHoursRule.objects.filter(pk=texas.pk).update(latest=time(23))
    response = admin.post(f"/policy/hours/{texas.pk}/default/", form, follow=True)
    assert "changed while your form was open" in words_of(response)
    assert not CallingHoursRule.objects.get(pk=texas.pk).is_default


def test_default_rule_offers_no_deleting(admin: Client) -> None:
    federal = CallingHoursRule.objects.get(is_default=True)
    assert "Delete Federal" not in words_of(admin.get(f"/policy/hours/{federal.pk}/"))
    assert "is the default rule" in words_of(admin.post(f"/policy/hours/{federal.pk}/delete/", follow=True))


# --- The campaigns of a rule ---


def test_only_what_was_ticked_changes(admin: Client, texas: CallingHoursRule) -> None:
    for name in ("a", "b", "c"):
        make_campaign(name, calling_hours=None if name == "a" else texas)
    admin.post(f"/policy/hours/{texas.pk}/campaigns/", {"ticked": ["a", "b"], "were": ["b", "c"]})
    assert set(texas.campaigns.values_list("pk", flat=True)) == {"a", "b"}


def test_unknown_campaigns_are_passed_over(admin: Client, texas: CallingHoursRule) -> None:
    response = admin.post(f"/policy/hours/{texas.pk}/campaigns/", {"ticked": ["no\0ne", "none"]}, follow=True)
    assert "Nothing was changed: it was like that already." in words_of(response)


def test_all_that_match_get_it(admin: Client, texas: CallingHoursRule) -> None:
    for number in range(120):
        make_campaign(name=f"{'Spring' if number else 'Autumn'} {number}")
    address = f"/policy/hours/{texas.pk}/campaigns/?q=spring"
    assert "Assign it to all 119 that match" in words_of(admin.get(address))
    response = admin.post(address, {"all": "add", "matching": "119"})
    assert (response.status_code, texas.campaigns.count()) == (303, 119)


def test_zone_of_those_that_get_it_goes_by_all_its_names(admin: Client, texas: CallingHoursRule) -> None:
    for zone in ("US/Central", "America/Chicago", "America/New_York"):
        make_campaign(timezone=zone)
    admin.post(f"/policy/hours/{texas.pk}/campaigns/?zone=America/Chicago", {"all": "add", "matching": "2"})
    assert texas.campaigns.count() == 2


def test_more_than_seen_is_refused(admin: Client, texas: CallingHoursRule) -> None:
    make_campaign()
    make_campaign()
    address = f"/policy/hours/{texas.pk}/campaigns/"
    response = admin.post(address, {"all": "add", "matching": "1"}, follow=True)
    assert "2 campaigns match now, not as many as you saw." in words_of(response)
    assert not texas.campaigns.exists()


def test_choosing_costs_few_queries(
    admin: Client, texas: CallingHoursRule, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(60):
        make_campaign(calling_hours=texas)
    with django_assert_max_num_queries(16):
        admin.get(f"/policy/hours/{texas.pk}/campaigns/")


def test_nothing_found_is_told(admin: Client, texas: CallingHoursRule) -> None:
    assert "No campaign matches" in admin.get(f"/policy/hours/{texas.pk}/campaigns/?q=%00nothing").text


# --- One campaign ---


def test_campaign_gets_its_own(admin: Client, texas: CallingHoursRule) -> None:
    campaign = make_campaign("c/1")
    typed = {"max_active_calls": "30", "calling_hours": "Texas"}
    response = admin.post("/campaigns/c/1/policy/", typed | seen(campaign))
    campaign.refresh_from_db()
    assert (response.status_code, campaign.max_active_calls, campaign.calling_hours) == (303, 30, texas)


def test_empty_means_as_for_all(admin: Client, texas: CallingHoursRule) -> None:
    campaign = make_campaign("c-1", max_active_calls=0, calling_hours=texas)
    admin.post("/campaigns/c-1/policy/", {"max_active_calls": "", "calling_hours": ""} | seen(campaign))
    campaign.refresh_from_db()
    assert (campaign.max_active_calls, campaign.calling_hours) == (None, None)


def test_zero_is_shown_as_zero(admin: Client) -> None:
    make_campaign("c-1", max_active_calls=0)
    assert 'name="max_active_calls" value="0"' in admin.get("/campaigns/c-1/policy/").text


def test_others_change_of_a_campaign_is_shown(admin: Client, texas: CallingHoursRule) -> None:
    form = {"max_active_calls": "30", "calling_hours": ""} | seen(make_campaign("c-1"))
    Campaign.objects.update(calling_hours=texas)
    response = admin.post("/campaigns/c-1/policy/", form)
    assert "Calling hours: it was that of all campaigns, and is Texas now." in words_of(response)
    assert '<option value="Texas" selected>' in response.text


def test_deleted_rule_is_told(admin: Client) -> None:
    typed = {"max_active_calls": "", "calling_hours": "Texas"}
    response = admin.post("/campaigns/c-1/policy/", typed | seen(make_campaign("c-1")))
    assert response.status_code == 422
    assert "That rule no longer exists" in words_of(response)


def test_limit_of_windows_is_left_out_where_a_day_has_one(admin: Client, cxone_cannot: Callable[..., None]) -> None:
    cxone_cannot("several_windows")
    assert "as CXone keeps no more" in words_of(admin.get("/policy/"))
    form = admin.get("/policy/thresholds/")
    assert "licence" not in words_of(form)
    assert '<input type="hidden" name="max_windows" value="5"' in form.text
