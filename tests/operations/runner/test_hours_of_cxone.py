"""Where CXone's schedules start and stop campaigns themselves, what their hours account for is nothing to see to."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from audit.kinds import RecordKind
from audit.models import Record
from campaigns.models import Campaign, Finding, FindingCode
from campaigns.simulator import PublishedSimulator, Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.operations.runner.timed import Move
from tests.worker import ask_pause, run

pytestmark = pytest.mark.data_layer

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = timedelta(minutes=1)
# The clocks of these tests begin at 15:00 of a Saturday there.
CLOSES = datetime(2026, 11, 28, 17, tzinfo=NEW_YORK).astimezone(UTC)
OPENS = datetime(2026, 11, 29, 9, tzinfo=NEW_YORK).astimezone(UTC)
WEEKEND = {"SAT": ("09:00", "17:00"), "SUN": ("09:00", "17:00")}


@pytest.fixture
def skill(move: Move, published: PublishedSimulator, enqueued: list[tuple[str, ...]], db: None) -> str:
    published.change("1", schedule=WEEKEND)
    full_read.read_all_campaigns()
    return "1"


def read_turned(published: PublishedSimulator, move: Move, at: datetime, *, running: bool) -> list[str]:
    """Somebody or something starts or stops the skill at that time: what is then to be seen to."""
    move(at - MINUTE / 2)
    full_read.read_all_campaigns()
    published.change("1", running=running)
    move(at + MINUTE / 2)
    full_read.read_all_campaigns()
    return list(Finding.objects.filter(campaign="1", ended_at=None).values_list("code", flat=True))


def test_stop_as_its_window_closes(published: PublishedSimulator, skill: str, move: Move) -> None:
    assert read_turned(published, move, CLOSES, running=False) == []
    assert Campaign.objects.get(pk=skill).status == "PAUSED"
    assert Record.objects.filter(kind=RecordKind.CAMPAIGN_CHANGED_OUTSIDE).count() == 1


def test_start_as_its_window_opens(published: PublishedSimulator, skill: str, move: Move) -> None:
    read_turned(published, move, CLOSES, running=False)
    assert read_turned(published, move, OPENS, running=True) == []
    assert Campaign.objects.get(pk=skill).status == "ACTIVE"


@pytest.mark.parametrize("hours", [1, 14], ids=["just before", "in the evening"])
def test_start_of_what_was_paused_from_here(published: PublishedSimulator, skill: str, move: Move, hours: int) -> None:
    """Its schedule may have broken the pause, but it is broken."""
    move(OPENS - timedelta(hours=hours))
    assert run(ask_pause(Campaign.objects.get(pk=skill))).state == State.CONFIRMED
    assert read_turned(published, move, OPENS, running=True) == [FindingCode.CHANGED_IN_CXONE]


def test_stop_within_its_window(published: PublishedSimulator, skill: str, move: Move) -> None:
    at = CLOSES - timedelta(hours=1)
    assert read_turned(published, move, at, running=False) == [FindingCode.CHANGED_IN_CXONE]


def test_start_as_its_window_closes(published: PublishedSimulator, skill: str, move: Move) -> None:
    read_turned(published, move, CLOSES - timedelta(hours=1), running=False)
    assert FindingCode.CHANGED_IN_CXONE in read_turned(published, move, CLOSES, running=True)


def test_schedule_never_pauses_where_cxone_holds_pauses(cxone: Simulator, move: Move, db: None) -> None:
    hours = [{"day": "SAT", "startTime": "09:00", "endTime": "17:00"}]
    cxone.change("spring", schedule={"timezone": "America/New_York", "dialingHours": hours, "pauseConditions": []})
    full_read.read_all_campaigns()
    move(CLOSES - MINUTE / 2)
    full_read.read_all_campaigns()
    cxone.change("spring", status="PAUSED")
    move(CLOSES + MINUTE / 2)
    full_read.read_all_campaigns()
    assert Finding.objects.filter(campaign="spring", code=FindingCode.CHANGED_IN_CXONE, ended_at=None).exists()
