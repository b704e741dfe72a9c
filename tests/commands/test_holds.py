"""place_hold and lift_hold: for those who have the shell."""

import json

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign
from tests.factories import make_campaign

pytestmark = pytest.mark.django_db


@pytest.fixture
def spring() -> Campaign:
    return make_campaign("spring", name="Spring renewal", status="PAUSED")


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    call_command(*words)
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def place(*words: str) -> tuple[str, ...]:
    return ("place_hold", "spring", "--reason", "Complaint 4711", "--by", "rita", *words)


def test_hold_is_placed(spring: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    line = printed(capsys, *place())
    assert (line["campaign_id"], line["by"], line["reason"], line["until"]) == (
        "spring",
        "rita",
        "Complaint 4711",
        None,
    )
    spring.refresh_from_db()
    assert spring.hold_id == line["hold"]


def test_until_is_the_campaigns_time(spring: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, *place("--until", "2027-01-11T09:00"))["until"] == "2027-01-11T14:00:00Z"


def test_hour_that_comes_twice_is_asked_about(spring: Campaign) -> None:
    with pytest.raises(CommandError, match="comes twice") as refused:
        call_command(*place("--until", "2027-11-07T01:30"))
    assert refused.value.returncode == 2


@pytest.mark.parametrize(("words", "code"), [(("--until", "2020-01-01T09:00"), 2), (("--reason", " "), 2)])
def test_what_cant_be_meant_exits_with_2(spring: Campaign, words: tuple[str, ...], code: int) -> None:
    with pytest.raises(CommandError) as refused:
        call_command(*place(*words))
    assert refused.value.returncode == code


def test_second_hold_exits_with_1(spring: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(*place())
    with pytest.raises(CommandError, match="on hold already by rita") as refused:
        call_command(*place())
    assert refused.value.returncode == 1


def test_campaign_that_dials_is_told_of(spring: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    Campaign.objects.update(status="ACTIVE")
    call_command(*place())
    assert "pause_campaign spring" in capsys.readouterr().err


def test_hold_is_lifted(spring: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(*place())
    capsys.readouterr()
    line = printed(capsys, "lift_hold", "spring", "--reason", "Resolved", "--by", "sam")
    assert (line["lifted_by"], line["lifted_reason"]) == ("sam", "Resolved")
    spring.refresh_from_db()
    assert spring.hold_id is None


def test_no_hold_exits_with_1(spring: Campaign) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("lift_hold", "spring", "--reason", "Resolved")
    assert refused.value.returncode == 1


def test_resume_on_hold_exits_with_1(spring: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(*place())
    with pytest.raises(CommandError, match="on hold") as refused:
        call_command("resume_campaign", "spring", "--reason", "RESOLVED")
    assert refused.value.returncode == 1
