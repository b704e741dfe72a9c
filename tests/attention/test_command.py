"""`manage.py attention`: a JSON line for each open finding."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from campaigns.models import Finding, FindingCode
from tests.attention.given import NOON, make_finding
from tests.factories import make_calendar, make_campaign

pytestmark = pytest.mark.django_db


def printed(*options: str) -> list[dict[str, Any]]:
    output = StringIO()
    call_command("attention", *options, stdout=output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_nothing_open_prints_nothing() -> None:
    assert printed() == []


def test_line_says_what_why_and_what_to_do() -> None:
    spring = make_campaign("spring", name="Spring renewal", active_calls=37)
    make_finding(FindingCode.CHANGED_IN_CXONE)
    make_finding(FindingCode.CALLS_OUTSIDE_HOURS, spring, since=NOON)
    first, second = printed()
    assert first == {
        "campaign_id": "spring",
        "campaign_name": "Spring renewal",
        "code": "calls_outside_hours",
        "since": "2026-11-25T17:00:00Z",
        "why": "37 calls are in progress, and its dialing window has been closed since Wed 25 Nov 17:00 EST.",
        "next": "Pause it now. Then check in CXone why it is dialing now.",
    }
    assert second["code"] == "changed_in_cxone"


def test_finding_about_a_calendar_names_it() -> None:
    details, code = {"year": 2027, "campaigns": 2}, FindingCode.NO_CALENDAR_NEXT_YEAR
    about = {"calendar": make_calendar(name="Ohio"), "code": code, "cause": "2027", "details": details}
    Finding.objects.create(since=NOON, opened_at=NOON, **about)
    (line,) = printed("--code", "no_calendar_next_year")
    assert (line["campaign_id"], line["calendar"]) == (None, "Ohio")
