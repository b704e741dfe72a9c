"""Every record reads as a sentence."""

import pytest

from audit.kinds import RecordKind, Status
from audit.models import Record
from audit.sentences import sentence_of


def make_record(kind: str, **columns: object) -> Record:
    values = {"by": "anna", "action": "pause", "campaign_id": "c-1", "campaign_name": "Spring", "status": Status.INFO}
    return Record(kind=kind, **values | columns)


@pytest.mark.parametrize("kind", RecordKind)
def test_bare_record_still_reads(kind: RecordKind) -> None:
    said = sentence_of(Record(kind=kind, status=Status.INFO))
    assert said[0].isupper() or said.startswith("a campaign")
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (
            make_record(RecordKind.OPERATION_ASKED, reason="WFM_OVERRIDE"),
            "anna asked to pause Spring, reason WFM_OVERRIDE.",
        ),
        (
            make_record(RecordKind.OPERATION_REFUSED, reason="WFM_OVERRIDE", error="A resume is still in progress."),
            "anna asked to pause Spring, reason WFM_OVERRIDE, and was refused. A resume is still in progress.",
        ),
        (
            make_record(RecordKind.OPERATION_TRIED, api_response_status=409),
            "CXone was asked to pause Spring for anna, and answered 409.",
        ),
        (
            make_record(RecordKind.OPERATION_TRIED, details={"attempt": 2}, error="CXone can’t be reached."),
            "CXone was asked to pause Spring for anna, attempt 2. CXone can’t be reached.",
        ),
        (
            make_record(RecordKind.OPERATION_ENDED, details={"state": "FAILED"}, error="No such campaign."),
            "The pause of Spring requested by anna failed. No such campaign.",
        ),
        (
            make_record(RecordKind.OPERATION_ENDED, details={"state": "CONFIRMED"}, reason="MAINTENANCE"),
            "The pause of Spring requested by anna was confirmed, reason MAINTENANCE.",
        ),
        (
            make_record(
                RecordKind.OPERATION_ENDED,
                details={"state": "CONFIRMED", "calls": 82, "limit": 50},
                reason="EMERGENCY",
                compliance_check="OVERRIDDEN",
            ),
            "The pause of Spring requested by anna was confirmed, reason EMERGENCY; "
            "the compliance check was overridden, with 82 calls in progress against a limit of 50.",
        ),
        (
            make_record(RecordKind.OPERATION_ENDED, action="schedule", status=Status.SUCCESS),
            "The schedule change of Spring requested by anna ended SUCCESS.",
        ),
        (make_record(RecordKind.SIGNIN_FAILED, by=""), "A sign-in as an unknown name failed."),
        (
            make_record(RecordKind.ACCESS_DENIED, reason="GET /audit/", details={"times": 8}),
            "anna was denied the page /audit/ (8 denials within the hour).",
        ),
        (
            make_record(RecordKind.ACCESS_DENIED, reason="POST /campaigns/c-1/pause/"),
            "anna was denied a change at /campaigns/c-1/pause/.",
        ),
        (
            make_record(
                RecordKind.HOLIDAY_CHANGED, details={"did": "imported", "holiday": "2 holidays", "calendar": "US"}
            ),
            "anna imported 2 holidays into the holiday calendar US.",
        ),
        (make_record(RecordKind.EXPORT_MADE, details={"records": 1}), "anna exported 1 audit record."),
        (
            make_record(RecordKind.EXPORT_MADE, details={"records": 20, "format": "jsonl"}),
            "anna exported 20 audit records as JSON lines.",
        ),
        (
            make_record(RecordKind.EXPORT_MADE, details={"records": 20, "format": "evidence"}),
            "anna exported 20 audit records as an evidence file.",
        ),
        (
            make_record(RecordKind.USER_CREATED, by="root", details={"user": "anna", "role": "admin"}),
            "root created the account anna with the role admin.",
        ),
        (
            make_record(
                RecordKind.CAMPAIGN_CHANGED_OUTSIDE,
                details={
                    "before": {"status": "ACTIVE", "schedule": {}},
                    "after": {"status": "PAUSED", "schedule": {"a": 1}},
                },
            ),
            "Spring was changed in CXone, not here: status from active to paused, schedule.",
        ),
        (
            make_record(
                RecordKind.POLICY_CHANGED,
                details={
                    "what": "the thresholds",
                    "before": {"max_active_calls": 50, "windows": None, "days": ["MON"], "retired": False},
                    "after": {"max_active_calls": 60, "windows": 5, "days": [], "retired": True},
                },
            ),
            "anna changed the thresholds: max active calls from 50 to 60, windows from none to 5, days, "
            "retired from no to yes.",
        ),
        (
            make_record(
                RecordKind.POLICY_CHANGED,
                details={
                    "what": "the thresholds",
                    "before": {"two_for_resume": False, "approval_minutes": 30},
                    "after": {"two_for_resume": True, "approval_minutes": 15},
                },
            ),
            "anna changed the thresholds: second person for resumes from no to yes, "
            "minutes until a request lapses from 30 to 15.",
        ),
        (
            make_record(RecordKind.DRAIN_ENDED, details={"calls_at_start": 12, "calls_at_end": 0, "seconds": 95.5}),
            "The calls of Spring were followed after its pause: 12 in progress at first, 0 after 95.5 s.",
        ),
        (
            make_record(
                RecordKind.DRAIN_ENDED,
                details={"calls_at_start": 12, "calls_at_end": 3, "seconds": 20, "end": "resumed"},
            ),
            "The calls of Spring were followed after its pause: 12 in progress at first, 3 after 20 s, "
            "when the campaign was dialing again.",
        ),
        (make_record("something.new", reason="because"), "anna: something.new: because."),
    ],
)
def test_record_reads_as_a_sentence(record: Record, said: str) -> None:
    assert sentence_of(record) == said


def test_braces_in_values_stay() -> None:
    assert sentence_of(make_record(RecordKind.SIGNIN_SUCCEEDED, by="{kind}")) == "{kind} signed in."
