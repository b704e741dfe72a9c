"""A schedule change that met somebody else's: both side by side, and the ways out that lose nobody's work."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from campaigns.models import Campaign, CampaignChange, Operation, Seen
from campaigns.pages.operations.conflict import ScheduleConflict
from campaigns.pages.schedule.form import draft_from
from campaigns.states import State
from tests.factories import SCHEDULE, make_campaign, make_operation
from tests.operations.runner.schedules import with_hours
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 16, 15, tzinfo=UTC)  # 10:00 in New York


def schedule(zone: str = "America/New_York", conditions: tuple[str, ...] = (), **hours: str) -> dict[str, Any]:
    """The usual week, with other hours on some days: MON="10:00-18:00"."""
    return with_hours(SCHEDULE | {"timezone": zone, "pauseConditions": list(conditions)}, **hours)


THEIRS = schedule(MON="10:00-18:00", TUE="09:00-12:00", conditions=("BUSY",))
OURS = schedule(MON="08:30-17:00", THU="09:00-11:00", conditions=("NO_ANSWER",))


@pytest.fixture
def campaign(db: None, time_machine: TimeMachineFixture) -> Campaign:
    time_machine.move_to(MONDAY, tick=False)
    return make_campaign("c-1", name="Spring offer", schedule=THEIRS)


@pytest.fixture
def operation(campaign: Campaign) -> Operation:
    return make_conflict(campaign)


def make_conflict(campaign: Campaign, theirs: Any = THEIRS, ours: Any = OURS, **values: Any) -> Operation:
    sides = {"base": SCHEDULE, "theirs": theirs, "ours": ours}
    payload = {"base": SCHEDULE, "ours": ours, "etag": "", "acknowledged": False}
    defaults = {"kind": "schedule", "reason": "", "note": "summer", "state": "CONFLICT", "payload": payload}
    conflict = sides | {"clashes": [], "findings": []}
    return make_operation(campaign, **defaults | {"conflict": conflict} | values)


def resolve(client: Client, operation: Operation, **choices: str) -> Any:
    fields = {f"choice-{part}": side for part, side in choices.items()} | {"key": str(uuid4())}
    return client.post(f"/operations/{operation.pk}/resolve/", fields)


def hours_of(found: dict[str, Any]) -> dict[str, str]:
    return {window["day"]: f"{window['startTime']}-{window['endTime']}" for window in found["dialingHours"]}


def make_undone(campaign: Campaign) -> Operation:
    """Its answer was lost, and CXone has a later version that is as it was before."""
    sides = {"base": SCHEDULE, "theirs": SCHEDULE, "ours": schedule(MON="08:30-17:00")}
    return make_conflict(
        campaign, ours=sides["ours"], conflict=sides | {"clashes": [], "findings": [], "undone": True}
    )


# --- both, side by side ---


def test_what_was_taken_back_is_to_be_chosen(supervisor: Client, campaign: Campaign) -> None:
    operation = make_undone(campaign)
    assert [(part.key, part.taken) for part in ScheduleConflict(operation).parts] == [("MON", "")]
    assert "undone by somebody" in supervisor.get(f"/operations/{operation.pk}/").text


def test_leaving_what_was_taken_back_sends_nothing(supervisor: Client, campaign: Campaign) -> None:
    resolve(supervisor, make_undone(campaign), MON="theirs")
    assert Operation.objects.count() == 1


def test_wanting_what_was_taken_back_asks_again(supervisor: Client, campaign: Campaign) -> None:
    undone = make_undone(campaign)
    Campaign.objects.update(schedule=SCHEDULE)
    resolve(supervisor, undone, MON="ours")
    again = Operation.objects.exclude(pk=undone.pk).get()
    assert hours_of(again.payload["ours"])["MON"] == "08:30-17:00"


def test_form_goes_on_from_what_was_wanted(supervisor: Client, campaign: Campaign) -> None:
    draft = draft_from(make_undone(campaign), {})
    assert hours_of(draft.ours)["MON"] == "08:30-17:00"


def test_form_goes_on_from_what_was_chosen(supervisor: Client, campaign: Campaign) -> None:
    draft = draft_from(make_undone(campaign), {"MON": "theirs"})
    assert hours_of(draft.ours)["MON"] == "09:00-17:00"


def test_parts_stand_side_by_side(operation: Operation) -> None:
    parts = {part.key: part for part in ScheduleConflict(operation).parts}
    assert list(parts) == ["MON", "TUE", "THU", "pauseConditions"]
    assert parts["MON"][2:5] == (["09:00 to 17:00"], ["10:00 to 18:00"], ["08:30 to 17:00"])
    assert [part.taken for part in parts.values()] == ["", "theirs", "ours", ""]


def test_zone_against_windows_is_one_part(campaign: Campaign) -> None:
    conflict = ScheduleConflict(make_conflict(campaign, theirs=schedule(zone="UTC"), ours=schedule(MON="09:00-12:00")))
    assert [part.key for part in conflict.parts] == ["hours"]
    assert conflict.parts[0].theirs[:2] == ["UTC", "Mon 09:00 to 17:00"]


def test_nothing_is_chosen_beforehand(supervisor: Client, operation: Operation) -> None:
    page = supervisor.get(f"/operations/{operation.pk}/").text
    assert page.count('type="radio"') == 4
    assert "checked" not in page


def test_reviewer_sees_it_and_chooses_nothing(reviewer: Client, operation: Operation) -> None:
    page = words_of(reviewer.get(f"/operations/{operation.pk}/"))
    assert "08:30 to 17:00" in page
    assert 'type="radio"' not in page
    assert resolve(reviewer, operation).status_code == 403


def test_page_says_what_was_asked(supervisor: Client, operation: Operation) -> None:
    changes = supervisor.get(f"/operations/{operation.pk}/").context["detail"].changes
    assert [change.name for change in changes] == ["Monday", "Thursday", "Pause conditions"]


# --- out of it ---


def test_choices_become_a_new_operation(supervisor: Client, operation: Operation) -> None:
    response = resolve(supervisor, operation, MON="ours", pauseConditions="theirs")
    asked = Operation.objects.exclude(pk=operation.pk).get()
    assert (response.status_code, response.url) == (303, f"/operations/{asked.pk}/")
    assert (asked.by, asked.note, asked.payload["base"]) == ("ann", "summer", THEIRS)
    ours = asked.payload["ours"]
    assert ours["pauseConditions"] == ["BUSY"]
    assert hours_of(ours) == hours_of(schedule(MON="08:30-17:00", TUE="09:00-12:00", THU="09:00-11:00"))


def test_missing_choice_is_a_sentence(supervisor: Client, operation: Operation) -> None:
    response = resolve(supervisor, operation, MON="ours")
    assert response.status_code == 422
    assert "Choose what CXone has now or yours for Pause conditions." in response.text
    assert 'name="choice-MON" value="ours" checked' in response.text


@pytest.mark.parametrize("side", ["", "base", "mine"])
def test_strange_choice_is_none(supervisor: Client, operation: Operation, side: str) -> None:
    assert resolve(supervisor, operation, MON=side, pauseConditions=side).status_code == 422
    assert Operation.objects.count() == 1


def test_all_theirs_sends_nothing(supervisor: Client, campaign: Campaign) -> None:
    operation = make_conflict(campaign, ours=schedule(MON="08:30-17:00"))
    response = resolve(supervisor, operation, MON="theirs")
    assert response["Location"] == "/campaigns/c-1/"
    assert "CXone has what you chose already" in supervisor.get("/campaigns/c-1/").text
    assert Operation.objects.count() == 1


def test_error_in_what_was_chosen_is_shown(supervisor: Client, campaign: Campaign) -> None:
    operation = make_conflict(campaign, ours=schedule(MON="07:00-17:00"))
    response = resolve(supervisor, operation, MON="ours")
    assert response.status_code == 422
    assert "outside the calling hours" in response.text
    assert 'name="choice-MON" value="ours" checked' in response.text


def test_warning_in_what_was_chosen_can_be_known(supervisor: Client, campaign: Campaign) -> None:
    operation = make_conflict(campaign, ours=schedule(MON="11:00-17:00"))
    known = resolve(supervisor, operation, MON="ours").context["detail"].conflict.warned_of
    fields = {"choice-MON": "ours", "key": str(uuid4()), "acknowledged": known}
    assert supervisor.post(f"/operations/{operation.pk}/resolve/", fields).status_code == 303


def test_other_operation_refuses_and_keeps_choices(supervisor: Client, campaign: Campaign) -> None:
    operation = make_conflict(campaign)
    make_operation(campaign, by="bob")
    response = resolve(supervisor, operation, MON="ours", pauseConditions="theirs")
    assert response.status_code == 409
    assert "A pause requested by bob is still in progress" in response.text
    assert 'name="choice-MON" value="ours" checked' in response.text


def test_operation_without_conflict_has_none_to_settle(supervisor: Client, campaign: Campaign) -> None:
    response = resolve(supervisor, make_operation(campaign, state="CONFIRMED"))
    assert response.status_code == 404
    assert "has no conflict to settle" in response.text


# --- on in the form ---


def edit(client: Client, operation: Operation, **choices: str) -> Any:
    fields = {f"choice-{part}": side for part, side in choices.items()} | {"do": "edit"}
    return client.post(f"/operations/{operation.pk}/resolve/", fields, follow=True).context["form"]


def test_form_goes_on_with_both_changes(supervisor: Client, operation: Operation) -> None:
    form = edit(supervisor, operation)
    assert hours_of(form.schedule) == hours_of(schedule(MON="08:30-17:00", TUE="09:00-12:00", THU="09:00-11:00"))
    assert (form.base_seen, form.conditions, form.initial["note"]) == (THEIRS, ["NO_ANSWER"], "summer")


def test_form_goes_on_with_choices(supervisor: Client, operation: Operation) -> None:
    form = edit(supervisor, operation, MON="theirs")
    assert hours_of(form.schedule)["MON"] == "10:00-18:00"


def test_form_goes_on_after_a_failure(supervisor: Client, campaign: Campaign) -> None:
    operation = make_conflict(campaign, state="FAILED", conflict=None)
    assert f"/schedule/?from={operation.pk}" in supervisor.get(f"/operations/{operation.pk}/").text
    form = supervisor.get(f"/campaigns/c-1/schedule/?from={operation.pk}").context["form"]
    assert (form.base_seen, hours_of(form.schedule)) == (SCHEDULE, hours_of(OURS))


@pytest.mark.parametrize("number", ["", "nonsense", "0f9b1c52-6f3e-4b7a-9d0c-5b1f2f6a7e11"])
def test_strange_number_starts_anew(supervisor: Client, campaign: Campaign, number: str) -> None:
    form = supervisor.get("/campaigns/c-1/schedule/", {"from": number}).context["form"]
    assert form.base_seen == THEIRS


def test_form_takes_no_other_campaigns_operation(supervisor: Client, operation: Operation) -> None:
    make_campaign("c-2")
    form = supervisor.get(f"/campaigns/c-2/schedule/?from={operation.pk}").context["form"]
    assert form.base_seen == SCHEDULE


def test_pause_is_not_gone_on_with(supervisor: Client, campaign: Campaign) -> None:
    pause = make_operation(campaign, state="FAILED")
    assert supervisor.get(f"/campaigns/c-1/schedule/?from={pause.pk}").status_code == 200


def test_two_people_lose_nothing(campaign: Campaign, enqueued: list[tuple[str, ...]]) -> None:
    """They settle the same conflict at once: the second is told of the first."""
    operation, ann, bob = make_conflict(campaign), sign_in("supervisor", "ann"), sign_in("supervisor", "bob")
    assert resolve(ann, operation, MON="ours", pauseConditions="theirs").status_code == 303
    second = resolve(bob, operation, MON="theirs", pauseConditions="ours")
    assert second.status_code == 409
    assert "requested by ann" in second.text


def test_conflict_names_whoever_changed_the_hours(supervisor: Client, campaign: Campaign) -> None:
    theirs = schedule(MON="10:00-18:00")
    conflict = make_conflict(campaign, theirs=theirs, ours=schedule(MON="11:00-17:00"), by="ann")
    other = make_operation(campaign, kind="schedule", by="bob", state=State.CONFIRMED, note="earlier shift")
    seen = {"what": Seen.SCHEDULE, "seen_at": other.requested_at, "before": SCHEDULE, "after": theirs}
    CampaignChange.objects.create(campaign=campaign, operation=other, **seen)
    page = words_of(supervisor.get(f"/operations/{conflict.pk}/"))
    assert "<strong>bob</strong> changed Monday to 10:00 to 18:00 at" in page
    assert "(note: earlier shift)" in page
    assert "In CXone now (bob)" in page
    assert "Yours" in page


def test_conflict_with_a_change_in_cxone_says_so(supervisor: Client, campaign: Campaign) -> None:
    conflict = make_conflict(campaign, theirs=schedule(MON="10:00-18:00"), ours=schedule(MON="11:00-17:00"))
    assert "Changed in CXone: Monday to 10:00 to 18:00" in words_of(supervisor.get(f"/operations/{conflict.pk}/"))
