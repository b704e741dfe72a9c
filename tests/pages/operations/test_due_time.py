"""Now or at a time, and until a time: what the forms of a pause and a resume make of what is typed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from campaigns.models import Campaign, Operation
from campaigns.states import State
from tests.factories import make_campaign
from tests.pages.asking import ask, fill, words_of

pytestmark = pytest.mark.django_db

# A Tuesday in October, four in the afternoon in New York. There the clocks are put back on 1 November 2026 and forward
# on 14 March 2027.
NOW = datetime(2026, 10, 20, 20, tzinfo=UTC)
SIX = {"when": "at", "at_date": "2026-10-20", "at_time": "18:00"}
TWICE = {"when": "at", "at_date": "2026-11-01", "at_time": "01:30"}
NEVER = {"when": "at", "at_date": "2027-03-14", "at_time": "02:30"}


@pytest.fixture(autouse=True)
def october() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign("spring", name="Spring renewal")


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def held() -> Operation:
    return Operation.objects.get(state=State.SCHEDULED)


# --- At a time ---


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_time_is_the_campaigns(supervisor: Client, campaign: Campaign, verb: str) -> None:
    response = ask(supervisor, verb, campaign, **SIX)
    assert (response.status_code, response["Location"]) == (303, f"/operations/{held().pk}/")
    assert (held().kind, held().not_before, held().entered_zone) == (verb, at(22), "America/New_York")


@pytest.mark.parametrize("typed", ["6pm", "18", "1800"])
def test_spellings_of_a_time(supervisor: Client, campaign: Campaign, typed: str) -> None:
    ask(supervisor, "pause", campaign, **SIX | {"at_time": typed})
    assert held().not_before == at(22)


def test_now_is_now(supervisor: Client, campaign: Campaign) -> None:
    ask(supervisor, "pause", campaign, when="now")
    assert Operation.objects.get().not_before is None


def test_typed_time_and_now_is_a_question(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "pause", campaign, **SIX | {"when": "now"})
    assert response.status_code == 422
    assert "You typed a time, but “At a time” isn’t chosen." in words_of(response)
    assert 'value="18:00"' in response.text
    assert not Operation.objects.exists()


@pytest.mark.parametrize(("missing", "words"), [("at_date", "Choose the date"), ("at_time", "Write the time of day")])
def test_half_a_time_is_a_sentence(supervisor: Client, campaign: Campaign, missing: str, words: str) -> None:
    response = ask(supervisor, "pause", campaign, **SIX | {missing: ""})
    assert (response.status_code, words in words_of(response)) == (422, True)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"at_time": "15:59"}, "This time has passed"),
        ({"at_date": "2027-12-01"}, "more than 400 days ahead"),
        ({"at_time": "5"}, "can be 05:00 or 17:00"),
        ({"at_date": "tomorrow"}, "isn’t a date"),
    ],
)
def test_impossible_times_are_sentences(
    supervisor: Client, campaign: Campaign, typed: dict[str, str], words: str
) -> None:
    response = ask(supervisor, "pause", campaign, **SIX | typed)
    assert (response.status_code, words in words_of(response)) == (422, True)
    assert not Operation.objects.exists()


def test_campaign_without_a_zone_is_in_utc(supervisor: Client) -> None:
    campaign = make_campaign("drift", schedule={}, timezone="")
    assert "write the time in UTC" in words_of(supervisor.get("/campaigns/drift/pause/"))
    ask(supervisor, "pause", campaign, **SIX | {"at_time": "21:00"})
    assert (held().not_before, held().entered_zone) == (at(21), "UTC")


def test_change_of_status_stops_no_later_time(supervisor: Client, campaign: Campaign) -> None:
    assert ask(supervisor, "pause", campaign, seen="PAUSED", **SIX).status_code == 303


def test_same_form_again_is_the_same_operation(supervisor: Client, campaign: Campaign) -> None:
    form = fill(campaign, **SIX | {"at_time": "16:30"})
    addresses = [supervisor.post("/campaigns/spring/pause/", form)["Location"]]
    with time_machine.travel(at(20, 45), tick=False):
        addresses.append(supervisor.post("/campaigns/spring/pause/", form)["Location"])
    assert len(set(addresses)) == 1


# --- A time that means two instants ---


@pytest.mark.parametrize(
    ("typed", "words", "instants"),
    [
        (TWICE, "comes twice in America/New_York", ("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00")),
        (NEVER, "doesn’t exist in America/New_York", ("2027-03-14T01:30:00-05:00", "2027-03-14T03:30:00-04:00")),
    ],
)
def test_both_are_offered(
    supervisor: Client, campaign: Campaign, typed: dict[str, str], words: str, instants: tuple[str, str]
) -> None:
    response = ask(supervisor, "pause", campaign, note="storm", **typed)
    assert (response.status_code, words in words_of(response)) == (422, True)
    assert all(f'name="at_choice" value="{instant}"' in response.text for instant in instants)
    assert "storm" in response.text
    assert not Operation.objects.exists()


def test_choices_have_offset_and_the_readers_time(supervisor: Client, campaign: Campaign) -> None:
    supervisor.cookies["zone"] = "Europe/Berlin"
    words = words_of(ask(supervisor, "pause", campaign, **TWICE))
    assert "01:30 EDT" in words
    assert "(UTC-4; " in words
    assert "06:30:00 CET" in words
    assert "07:30:00 CET" in words


@pytest.mark.parametrize(("choice", "hour"), [("2026-11-01T01:30:00-04:00", 5), ("2026-11-01T01:30:00-05:00", 6)])
def test_choice_is_held(supervisor: Client, campaign: Campaign, choice: str, hour: int) -> None:
    assert ask(supervisor, "pause", campaign, at_choice=choice, **TWICE).status_code == 303
    assert held().not_before == datetime(2026, 11, 1, hour, 30, tzinfo=UTC)


def test_choice_of_another_time_is_none(supervisor: Client, campaign: Campaign) -> None:
    response = ask(supervisor, "pause", campaign, at_choice="2026-11-01T01:00:00-05:00", **TWICE)
    assert response.status_code == 422


# --- Until a time ---


def test_pause_until(supervisor: Client, campaign: Campaign) -> None:
    ask(supervisor, "pause", campaign, until_date="2026-10-20", until_time="18:00")
    pause = Operation.objects.get(kind="pause")
    assert pause.state == State.QUEUED
    assert (held().kind, held().not_before, held().undoes) == ("resume", at(22), pause)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"until_time": "18:00"}, "Choose the date"),
        ({"until_date": "2026-10-20", "until_time": "15:00"}, "This time has passed. Choose a later one."),
        ({"until_date": "2026-10-20", "until_time": "17:30"} | SIX, "It has to end after it begins"),
        ({"until_date": "2026-11-01", "until_time": "01:30"}, "comes twice"),
    ],
)
def test_impossible_ends_are_sentences(
    supervisor: Client, campaign: Campaign, typed: dict[str, str], words: str
) -> None:
    response = ask(supervisor, "pause", campaign, **typed)
    assert (response.status_code, words in words_of(response)) == (422, True)
    assert not Operation.objects.exists()


# --- While it is typed ---


def read(client: Client, htmx: bool = True, **typed: str) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return client.get("/campaigns/spring/due-time/", {"name": "at"} | typed, headers=headers)


def test_reading_has_both_times(supervisor: Client, campaign: Campaign) -> None:
    supervisor.cookies["zone"] = "Europe/Berlin"
    words = words_of(read(supervisor, at_date="2026-10-20", at_time="6pm"))
    assert "Tue 20 Oct 2026 18:00 EDT" in words
    assert "Wed 21 Oct 2026 00:00:00 CEST" in words


def test_reading_asks_as_it_is_typed(supervisor: Client, campaign: Campaign) -> None:
    response = read(supervisor, at_date="2026-11-01", at_time="01:30", at_choice="2026-11-01T01:30:00-05:00")
    assert "comes twice" in words_of(response)
    assert response.text.count("checked") == 1


@pytest.mark.parametrize(("time", "words"), [("", ""), ("25:00", "is not a time of day")])
def test_reading_of_what_is_none(supervisor: Client, campaign: Campaign, time: str, words: str) -> None:
    assert words in words_of(read(supervisor, at_date="2026-10-20", at_time=time))


def test_reading_alone_is_no_page(supervisor: Client, campaign: Campaign) -> None:
    assert read(supervisor, htmx=False).status_code == 302
