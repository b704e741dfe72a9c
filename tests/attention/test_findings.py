"""Open findings as pages and commands read them: their order, their words, their number."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.attention.descriptions import describe_finding
from campaigns.attention.findings import counts, findings_of, open_findings
from campaigns.models import Finding, FindingCode
from tests.attention.given import NOON, make_finding
from tests.factories import make_calendar, make_campaign

pytestmark = pytest.mark.django_db


def why(code: FindingCode, campaign_values: dict[str, Any] | None = None, **values: Any) -> str:
    campaign = make_campaign(**campaign_values or {})
    return describe_finding(make_finding(code, campaign, **values)).why


def test_most_urgent_comes_first_and_of_equals_the_oldest() -> None:
    now = timezone.now()
    changed = make_finding(FindingCode.CHANGED_IN_CXONE)
    newer = make_finding(FindingCode.CALLS_OUTSIDE_HOURS)
    older = make_finding(FindingCode.CALLS_OUTSIDE_HOURS, since=now - timedelta(hours=1))
    make_finding(FindingCode.CAME_BACK, ended_at=now, end="gone")
    assert list(open_findings()) == [older, newer, changed]


def test_findings_of_campaigns_take_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    one, two, calm = make_campaign(), make_campaign(), make_campaign()
    make_finding(FindingCode.CHANGED_IN_CXONE, one)
    make_finding(FindingCode.CALLS_OVER_LIMIT, one)
    make_finding(FindingCode.CAME_BACK, two)
    with django_assert_num_queries(1):
        found = findings_of([one, two, calm])
    assert {key: [view.label for view in views] for key, views in found.items()} == {
        one.pk: ["Calls over the limit", "Changed in CXone"],
        two.pk: ["Came back after a pause"],
    }


def test_counts_leave_out_codes_without_an_open_finding() -> None:
    make_finding(FindingCode.CHANGED_IN_CXONE)
    make_finding(FindingCode.CAME_BACK)
    make_finding(FindingCode.CAME_BACK)
    make_finding(FindingCode.CALLS_OVER_LIMIT, ended_at=timezone.now(), end="gone")
    assert list(counts().items()) == [(FindingCode.CAME_BACK, 2), (FindingCode.CHANGED_IN_CXONE, 1)]


def test_each_code_says_why_and_what_to_do() -> None:
    calendar = make_calendar(name="Ohio")
    details = {"year": 2027, "campaigns": 12}
    code = FindingCode.NO_CALENDAR_NEXT_YEAR
    Finding.objects.create(calendar=calendar, code=code, cause="2027", since=NOON, opened_at=NOON, details=details)
    for each in set(FindingCode) - {code}:
        make_finding(each)
    for finding in open_findings():
        words = describe_finding(finding)
        assert words.label, finding.code
        assert words.why.endswith("."), finding.code
        assert words.next.endswith("."), finding.code


def test_time_is_said_in_the_campaigns_zone() -> None:
    closed = {"calls": 3, "closed_at": "2026-11-26T01:00:00+00:00"}
    said = why(FindingCode.CALLS_OUTSIDE_HOURS, {"active_calls": 37}, details=closed)
    assert said == "37 calls are in progress, and its dialing window has been closed since Wed 25 Nov 20:00 EST."


def test_law_is_named() -> None:
    details = {"calls": 1, "closed_at": "2026-11-26T02:00:00+00:00", "rule": "TCPA"}
    said = why(FindingCode.CALLS_OUTSIDE_HOURS, {"active_calls": 1}, details=details)
    assert said == "1 call is in progress, and “TCPA” allows no calls there since Wed 25 Nov 21:00 EST."


def test_rejected_operation_is_a_warning_and_a_failed_one_is_bad() -> None:
    rejected = {"kind": "resume", "by": "ann", "state": "REJECTED", "error": "It is a draft."}
    words = describe_finding(make_finding(FindingCode.OPERATION_FAILED, details=rejected))
    assert (words.label, words.tone) == ("Resume rejected", "warning")
    assert words.why == "The resume requested by ann was rejected: It is a draft."
    words = describe_finding(make_finding(FindingCode.OPERATION_FAILED))
    assert (words.label, words.tone) == ("Pause failed", "bad")


def test_change_in_cxone_says_what_it_was() -> None:
    said = why(FindingCode.CHANGED_IN_CXONE, since=NOON)
    assert said == (
        "It was paused, and has been active in CXone since Wed 25 Nov 12:00 EST; no operation from here explains it."
    )
