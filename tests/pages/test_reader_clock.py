"""Times follow the clock that a reader has chosen, on every page that they open; what is on record does not."""

import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit import ledger
from audit.kinds import RecordKind, Status
from audit.models import Record
from campaigns.models import Campaign, Handover, Hold, Preferences
from campaigns.schedule.clock_face import clock_face, for_reader, time_of_day
from tests.factories import make_campaign, make_operation, make_user
from tests.pages.asking import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("enqueued")]

TIME_OF_24_HOURS = re.compile(r"\b\d\d:\d\d(?::\d\d)?(?!\d| ?[AP]M|:\d)")


def sign_in(*, twelve_hours: bool) -> Client:
    user = make_user("supervisor")
    Preferences.objects.create(user=user, twelve_hours=twelve_hours)
    client = Client()
    client.force_login(user)
    return client


def words_on(client: Client, address: str) -> str:
    text = re.sub(r"<[^>]*>", " ", client.get(address).text.partition("<main")[2])
    return text.replace("\xa0", " ")


@pytest.fixture
def campaign() -> Campaign:
    campaign = make_campaign("spring", status_since=timezone.now())
    make_operation(campaign, state="CONFIRMED")
    return campaign


@pytest.mark.parametrize("address", ["/campaigns/spring/", "/operations/"])
def test_reader_of_twelve_hours_sees_no_others(campaign: Campaign, address: str) -> None:
    said = words_on(sign_in(twelve_hours=True), address)
    assert re.search(r"\d:\d\d(:\d\d)? [AP]M", said)
    assert TIME_OF_24_HOURS.findall(said) == []


def test_others_see_24_hours(campaign: Campaign) -> None:
    said = words_on(sign_in(twelve_hours=False), "/operations/")
    assert TIME_OF_24_HOURS.findall(said) != []
    assert not re.search(r"\d [AP]M\b", said)


def test_choosing_it_takes_effect_with_the_next_page(campaign: Campaign) -> None:
    client = sign_in(twelve_hours=False)
    client.post("/account/", {"density": "dense", "theme": "system", "twelve_hours": "on"})
    assert re.search(r"\d [AP]M\b", words_on(client, "/operations/"))


def test_rows_that_were_drawn_for_another_reader_are_not_shown_to_this_one(campaign: Campaign) -> None:
    Campaign.objects.update(window_open=True, window_changes_at=timezone.now() + timedelta(days=2))
    assert not re.search(r"\d [AP]M\b", words_on(sign_in(twelve_hours=False), "/campaigns/"))
    assert re.search(r"\d [AP]M\b", words_on(sign_in(twelve_hours=True), "/campaigns/"))


def test_what_nobody_reads_now_has_24_hours() -> None:
    assert time_of_day(datetime(2026, 11, 25, 17, 3, 20)) == "17:03"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("sentence", "on_twelve_hours", "on_24_hours"),
    [
        ("MON 09:00-17:00 is outside", "Mon 9:00 AM to 5:00 PM is outside", "Mon 09:00 to 17:00 is outside"),
        ("closed until Mon 14:00 (UTC)", "closed until Mon 2:00 PM (UTC)", "closed until Mon 14:00 (UTC)"),
        ("at 09:30:15, 25:61", "at 09:30:15, 25:61", "at 09:30:15, 25:61"),
        ("no calls on SUN", "no calls on Sun", "no calls on Sun"),
        ("all day, 00:00 to 24:00", "all day, 12:00 AM to 12:00 AM", "all day, 00:00 to 24:00"),
    ],
)
def test_windows_in_sentences(sentence: str, on_twelve_hours: str, on_24_hours: str) -> None:
    assert for_reader(sentence) == on_24_hours
    with clock_face(lambda: True):
        assert for_reader(sentence) == on_twelve_hours


def test_due_times_follow_it(campaign: Campaign) -> None:
    due = timezone.now() + timedelta(hours=3)
    operation = make_operation(campaign, state="SCHEDULED", not_before=due)
    client = sign_in(twelve_hours=True)
    for address in ("/operations/?when=due", f"/operations/{operation.pk}/", f"/operations/{operation.pk}/time/"):
        said = words_on(client, address)
        assert re.search(r"\d:\d\d(:\d\d)? [AP]M", said)
        assert TIME_OF_24_HOURS.findall(said) == []


def test_audit_follows_it() -> None:
    user = make_user("reviewer")
    Preferences.objects.create(user=user, twelve_hours=True)
    client = Client()
    client.force_login(user)
    for kind in (RecordKind.OPERATION_ASKED, RecordKind.OPERATION_TRIED):
        ledger.append(kind, by="ann", status=Status.SUCCESS, action="pause", operation=uuid.UUID(int=7))
    assert re.search(r"\d:\d\d:\d\d [AP]M", words_on(client, "/audit/"))
    assert TIME_OF_24_HOURS.findall(words_on(client, "/audit/")) == []
    number = Record.objects.get(kind=RecordKind.OPERATION_ASKED).number
    when = words_on(client, f"/audit/{number}/").partition("When")[2]
    assert re.match(r"\s*\w+ \d+ \w+ \d+:\d\d:\d\d [AP]M", when)


@pytest.fixture
def hold(campaign: Campaign) -> Hold:
    hold = Hold.objects.create(
        campaign=campaign,
        placed_by="rita",
        placed_at=timezone.now(),
        reason="x",
        until=timezone.now() + timedelta(days=2),
    )
    Campaign.objects.update(hold=hold)
    return hold


def test_holds_follow_it(hold: Hold) -> None:
    client = sign_in(twelve_hours=True)
    assert re.search(r"until [^“]* [AP]M", words_on(client, "/campaigns/spring/"))


def test_export_of_the_list_has_24_hours(hold: Hold) -> None:
    client = sign_in(twelve_hours=True)
    lines = b"".join(client.post("/campaigns/list.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "rita placed it" in lines
    assert not re.search(r"\d.[AP]M\b", lines)


def test_refusal_on_record_has_24_hours(hold: Hold) -> None:
    ask(sign_in(twelve_hours=True), "resume", hold.campaign, reason="RESOLVED")
    error = Record.objects.get(kind=RecordKind.OPERATION_REFUSED).error
    assert "rita placed it" in error
    assert not re.search(r"\d.[AP]M\b", error)


def test_handover_has_24_hours_for_its_readers(hold: Hold) -> None:
    make_operation(hold.campaign, state="SCHEDULED", not_before=timezone.now() + timedelta(hours=3))
    sign_in(twelve_hours=True).post("/handover/new/", {"note": "", "key": "k"})
    floor = str(Handover.objects.get().snapshot)
    assert "rita" in floor
    assert not re.search(r"\d.[AP]M\b", floor)
