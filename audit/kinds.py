"""What a record can tell of: a closed list, with a sentence for each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

from audit.chain import UNKEEPABLE
from audit.json_in_words import label


class Kind(StrEnum):
    """What happened."""

    OPERATION_ASKED = "operation.asked"
    OPERATION_TRIED = "operation.tried"
    OPERATION_ENDED = "operation.ended"
    OPERATION_CANCELLED = "operation.cancelled"
    OPERATION_REFUSED = "operation.refused"  # refused before it became an operation
    CAMPAIGN_CHANGED_OUTSIDE = "campaign.changed_outside"
    CAMPAIGN_CHANGED_LATE = "campaign.changed_late"
    CAMPAIGN_APPEARED = "campaign.appeared"
    CAMPAIGN_DISAPPEARED = "campaign.disappeared"
    DRAIN_ENDED = "drain.ended"
    SUBSCRIPTION_MADE = "subscription.made"
    DELIVERY_PARKED = "delivery.parked"
    DELIVERY_RESENT = "delivery.resent"
    SIGNIN_SUCCEEDED = "signin.succeeded"
    SIGNIN_FAILED = "signin.failed"
    SIGNIN_ENDED = "signin.ended"
    ACCESS_DENIED = "access.denied"
    USER_CREATED = "user.created"
    ROLE_CHANGED = "role.changed"
    POLICY_CHANGED = "policy.changed"
    CALENDAR_CHANGED = "calendar.changed"
    HOLIDAY_CHANGED = "holiday.changed"
    EXPORT_MADE = "export.made"
    BREAK_FOUND = "audit.break_found"
    BREAK_GONE = "audit.break_gone"


class Status(StrEnum):
    """How it turned out."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REJECTED = "REJECTED"
    SKIPPED = "SKIPPED"
    INFO = "INFO"


SENTENCES = {
    Kind.OPERATION_ASKED: "{by} asked to {do} {campaign}{code}.",
    Kind.OPERATION_TRIED: "CXone was asked to {do} {campaign} for {by}{attempt}{answer}{trouble}.",
    Kind.OPERATION_ENDED: "The {deed} of {campaign} asked for by {by} {ended}{code}{overridden}{trouble}.",
    Kind.OPERATION_CANCELLED: "{by} cancelled the {deed} of {campaign}{code}.",
    Kind.OPERATION_REFUSED: "{by} asked to {do} {campaign}{code}, and was refused{trouble}{times}.",
    Kind.CAMPAIGN_CHANGED_OUTSIDE: "{campaign} was changed outside this control room{changes}{because}.",
    Kind.CAMPAIGN_CHANGED_LATE: "{campaign} was seen as {by} had asked, after the {deed} had ended unconfirmed.",
    Kind.CAMPAIGN_APPEARED: "{campaign} appeared in CXone{because}.",
    Kind.CAMPAIGN_DISAPPEARED: "{campaign} is no longer in CXone{because}.",
    Kind.DRAIN_ENDED: "The calls of {campaign} were watched after its pause{calls}.",
    Kind.SUBSCRIPTION_MADE: "An event subscription was made for {campaign}{because}.",
    Kind.DELIVERY_PARKED: "Telling the WFM system of the {deed} of {campaign} was given up{trouble}.",
    Kind.DELIVERY_RESENT: "{by} had the WFM system told again of the {deed} of {campaign}.",
    Kind.SIGNIN_SUCCEEDED: "{by} signed in.",
    Kind.SIGNIN_FAILED: "A sign-in as {name} failed{because}{times}.",
    Kind.SIGNIN_ENDED: "{by} signed out.",
    Kind.ACCESS_DENIED: "{by} was refused {page}{times}.",
    Kind.USER_CREATED: "{by} made the account {user} with the role {role}.",
    Kind.ROLE_CHANGED: "{by} changed the role of {user} to {role}.",
    Kind.POLICY_CHANGED: "{by} {did} {what}{changes}.",
    Kind.CALENDAR_CHANGED: "{by} {did} the holiday calendar {calendar}{changes}.",
    Kind.HOLIDAY_CHANGED: "{by} {did} {holiday} {where} the holiday calendar {calendar}{changes}.",
    Kind.EXPORT_MADE: "{by} exported {records}{because}.",
    Kind.BREAK_FOUND: "Verification found the audit changed at record {record}{trouble}.",
    Kind.BREAK_GONE: "Verification of the whole audit found it whole again, after the break at record {record}.",
}

OUTCOMES: dict[str, str] = {status.value: status.value.capitalize() for status in Status}

# How pages name each kind, in the groups that they offer to choose from.
GROUPS = {
    "Operations": {
        Kind.OPERATION_ASKED: "Operation asked for",
        Kind.OPERATION_TRIED: "Request to CXone",
        Kind.OPERATION_ENDED: "Operation ended",
        Kind.OPERATION_CANCELLED: "Operation cancelled",
        Kind.OPERATION_REFUSED: "Operation refused",
        Kind.DRAIN_ENDED: "Calls watched",
    },
    "Campaigns": {
        Kind.CAMPAIGN_CHANGED_OUTSIDE: "Changed outside",
        Kind.CAMPAIGN_CHANGED_LATE: "Change seen late",
        Kind.CAMPAIGN_APPEARED: "Campaign appeared",
        Kind.CAMPAIGN_DISAPPEARED: "Campaign disappeared",
        Kind.SUBSCRIPTION_MADE: "Event subscription made",
    },
    "WFM system": {
        Kind.DELIVERY_PARKED: "WFM notice given up",
        Kind.DELIVERY_RESENT: "WFM notice sent again",
    },
    "People": {
        Kind.SIGNIN_SUCCEEDED: "Sign-in",
        Kind.SIGNIN_FAILED: "Failed sign-in",
        Kind.SIGNIN_ENDED: "Sign-out",
        Kind.ACCESS_DENIED: "Page refused",
        Kind.USER_CREATED: "Account made",
        Kind.ROLE_CHANGED: "Role changed",
    },
    "Settings": {
        Kind.POLICY_CHANGED: "Policy changed",
        Kind.CALENDAR_CHANGED: "Holiday calendar changed",
        Kind.HOLIDAY_CHANGED: "Holiday changed",
    },
    "Audit": {
        Kind.EXPORT_MADE: "Audit exported",
        Kind.BREAK_FOUND: "Break found",
        Kind.BREAK_GONE: "Break gone",
    },
}
LABELS: dict[str, str] = {kind.value: label for group in GROUPS.values() for kind, label in group.items()}

# action: (as a verb before the campaign, as a noun)
WORDS = {"schedule": ("change the schedule of", "schedule change")}
ENDS = {
    "CONFIRMED": "was confirmed",
    "SKIPPED": "was not needed",
    "REJECTED": "was rejected",
    "CONFLICT": "ended in a conflict",
    "FAILED": "failed",
    "UNCONFIRMED": "ended unconfirmed",
}
LEFT = {"resumed": ", when the campaign was dialing again", "deadline": ", when watching came to its end"}
FILES = {
    "csv": " as CSV",
    "xlsx": " as an Excel workbook",
    "jsonl": " as JSON lines",
    "evidence": " as an evidence file",
}
VALUES = {"ACTIVE": "active", "PAUSED": "paused"}
WHERE = {"added": "to", "imported": "into", "deleted": "from"}


class Telling(Protocol):
    """What a sentence is made from."""

    @property
    def kind(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def campaign_id(self) -> str: ...
    @property
    def campaign_name(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def compliance_check(self) -> str: ...
    @property
    def error(self) -> str: ...
    @property
    def api_response_status(self) -> int | None: ...
    @property
    def details(self) -> object: ...


def sentence(record: Telling) -> str:
    """The record as one sentence in plain text; whoever shows it escapes it."""
    return "".join(parts(record))


def parts(record: Telling) -> tuple[str, str, str]:
    """The sentence in three: up to the campaign, the campaign, and the rest. Both last are "" where none is named."""
    template = SENTENCES.get(Kind(record.kind)) if record.kind in set(Kind) else None
    before, named, after = (template or "{by}: {kind}{because}{trouble}.").partition("{campaign}")
    words = _words(record)
    return _filled(before, words), _filled(named, words), _filled(after, words)


def _filled(template: str, words: Mapping[str, str]) -> str:
    """Details that somebody tampered with can hold half of a surrogate pair, and no page could be sent with that."""
    return UNKEEPABLE.sub("\ufffd", template.format_map(words))


def _words(record: Telling) -> dict[str, str]:
    do, deed = WORDS.get(record.action, (record.action or "change", record.action or "change"))
    details: Mapping[str, Any] = record.details if isinstance(record.details, dict) else {}
    times = details.get("times", 1)
    return {
        "kind": record.kind,
        "by": record.by or "Someone unknown",
        "name": record.by or "an unknown name",
        "do": do,
        "deed": deed,
        "campaign": _campaign(record),
        "because": _tail(": ", record.reason),
        "code": _tail(", reason ", record.reason),
        "attempt": f", attempt {details['attempt']}" if details.get("attempt", 1) != 1 else "",
        "answer": _tail(", and answered ", record.api_response_status),
        "trouble": _tail(". " if record.error[:1].isupper() else "; ", record.error),
        "changes": _changes(details.get("before"), details.get("after")),
        "calls": _calls(details),
        "times": f" ({times} times within the hour)" if times != 1 else "",
        "ended": ENDS.get(str(details.get("state")), f"ended {details.get('state', record.status)}"),
        "overridden": _overridden(record.compliance_check, details),
        "page": _page(record.reason),
        "user": str(details.get("user", "somebody")),
        "role": str(details.get("role", "none")),
        "what": str(details.get("what", "the policy")),
        "did": str(details.get("did", "changed")),
        "calendar": str(details.get("calendar", "without a name")),
        "holiday": str(details.get("holiday", "a holiday")),
        "where": WHERE.get(str(details.get("did")), "in"),
        "records": _records(details),
        "record": str(details.get("record", "an unknown number")),
    }


def _tail(joint: str, words: str | int | None) -> str:
    return f"{joint}{str(words).rstrip('. ')}" if words else ""


def _changes(before: object, after: object) -> str:
    """The fields that differ; short values with what they were and are."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    differing = [name for name in after if before.get(name) != after[name]]
    return _tail(": ", ", ".join(_change(name, before.get(name), after[name]) for name in differing))


def _change(name: str, was: object, now: object) -> str:
    """A number, a date or a name that was or is none reads so; what is longer, or neither, is in the details."""
    if (was is None and now is None) or not all(isinstance(value, str | int | None) for value in (was, now)):
        return label(name)
    return f"{label(name)} from {_word(was)} to {_word(now)}"


def _word(value: object) -> str:
    named = {None: "none", True: "yes", False: "no"}
    return named[value] if value is None or isinstance(value, bool) else VALUES.get(str(value), str(value))


def _calls(details: Mapping[str, Any]) -> str:
    if not {"calls_at_start", "calls_at_end", "seconds"} <= set(details):
        return ""
    told = ": {calls_at_start} in progress at first, {calls_at_end} after {seconds} s".format_map(details)
    return told + LEFT.get(str(details.get("end")), "")


def _overridden(check: str, details: Mapping[str, Any]) -> str:
    """That people decided against the compliance check, and by how much."""
    if check != "OVERRIDDEN":
        return ""
    told = ", with {calls} calls in progress against a limit of {limit}" if {"calls", "limit"} <= set(details) else ""
    return f"; the compliance check was overridden{told.format_map(details)}"


def _page(reason: str) -> str:
    """The reason of a refused page is how it was asked for, and its address."""
    method, _, address = reason.partition(" ")
    if not address:
        return f"a page{_tail(': ', reason)}"
    return f"the page {address}" if method in {"GET", "HEAD"} else f"a change at {address}"


def _records(details: Mapping[str, Any]) -> str:
    number = details.get("records", "some")
    return f"{number} audit record{'' if number == 1 else 's'}{FILES.get(str(details.get('format')), '')}"


def _campaign(record: Telling) -> str:
    if record.campaign_name and record.campaign_id:
        return f"{record.campaign_name} ({record.campaign_id})"
    return record.campaign_name or record.campaign_id or "a campaign without a name"
