"""A record as a sentence in plain text, from the templates of `audit.kinds`."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from audit.chain import UNKEEPABLE, Json
from audit.json_in_words import label, times_in_words, value_in_words
from audit.kinds import RecordKind

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
KNOWN = frozenset(RecordKind)
# Labels of reason codes.
Labels = Mapping[str, str]
NO_LABELS: Labels = {}
# The sentence of a kind that isn't listed.
UNKNOWN = "{by}: {kind}{because}{trouble}."
SCHEDULE = "schedule"
# By action: the verb before the campaign, and the noun. For others, such as "pause", both are the action itself.
WORDS = {SCHEDULE: ("change the schedule of", "schedule change")}
ENDS = {
    "CONFIRMED": "was confirmed",
    "SKIPPED": "was not needed",
    "REJECTED": "was rejected",
    "CONFLICT": "ended in a conflict",
    "FAILED": "failed",
    "UNCONFIRMED": "ended unconfirmed",
    "CANCELLED": "was cancelled",
    "SUPERSEDED": "was superseded by a pause",
}
TAKEN_BACK = "was superseded by a resume"
# What a bulk counts, in this order.
BULK_ENDS = ("confirmed", "skipped", "rejected", "failed", "unconfirmed", "cancelled", "superseded")
LEFT = {"resumed": ", when the campaign was dialing again", "deadline": ", when the time limit was reached"}
FILES = {
    "csv": " as CSV",
    "xlsx": " as an Excel workbook",
    "jsonl": " as JSON lines",
    "evidence": " as an evidence file",
}
# What was done to a policy, a calendar or a holiday, where records say it in other words.
DID = {
    "made": "created",
    "chose the campaigns of": "changed the campaigns of",
    "made a rule for the campaigns of": "made an assignment rule for",
    "deleted a rule for the campaigns of": "deleted an assignment rule of",
    "assigned campaigns to": "assigned campaigns to",
}
# How a password was changed, where records say it in other words.
HOW = {"link": "with a one-time link", "shell": "from a shell", "start": "at the start, as DEMO_PASSWORD says"}
WHERE = {"added": "to", "imported": "into", "deleted": "from"}


class RecordLike(Protocol):
    """The fields of a record that its sentence uses."""

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


def sentence_of(record: RecordLike, labels: Labels = NO_LABELS) -> str:
    """What happened, as plain text: pages must escape it. `labels`: of reason codes; others are shown as they are."""
    return "".join(sentence_parts(record, labels))


def sentence_parts(record: RecordLike, labels: Labels = NO_LABELS) -> tuple[str, str, str]:
    """The sentence before the campaign, the campaign, and the rest; the last two are "" if it names no campaign."""
    # A record by a later release, or by somebody who tampered with it, can have a kind that isn't listed.
    template = RecordKind(record.kind).template if record.kind in KNOWN else UNKNOWN
    before, campaign, after = template.partition("{campaign}")
    fields = _fields(record, labels)
    return _fill(before, fields), _fill(campaign, fields), _fill(after, fields)


def did_of(record: RecordLike) -> str:
    """What happened, for a table that shows the person, the campaign and the reason beside it."""
    template = RecordKind(record.kind).did if record.kind in KNOWN else "{kind}"
    return _fill(template, _fields(record, NO_LABELS))


def why_of(record: RecordLike, labels: Labels) -> str:
    """Why it happened, and what was changed by it, for the same table; "" if there is nothing to say."""
    details: Mapping[str, Any] = record.details if isinstance(record.details, dict) else {}
    fields = _fields(record, labels)
    # The reason of a refused page is its address, which `did_of` shows.
    reason = "" if record.kind == RecordKind.ACCESS_DENIED else labels.get(record.reason, record.reason)
    said = [
        reason,
        str(details.get("note") or ""),
        fields["changes"].removeprefix(": "),
        fields["calls"].removeprefix(": "),
        fields["ends"] if record.kind == RecordKind.BULK_ENDED else "",
        str(details.get("cause", "")),
        failure_of(record),
    ]
    return UNKEEPABLE.sub("\ufffd", " · ".join(filter(None, said)))


def failure_of(record: RecordLike) -> str:
    """What went wrong, to stand beside the campaign's name: its long id would only push the point out of sight."""
    if not record.campaign_id:
        return record.error
    return record.error.replace(f"campaign {record.campaign_id}", "the campaign")


def _fill(template: str, fields: Mapping[str, str]) -> str:
    # Details that somebody tampered with can contain a lone surrogate, which a page couldn't be encoded with.
    return UNKEEPABLE.sub("\ufffd", template.format_map(fields))


def _end_of(record: RecordLike, details: Mapping[str, Any]) -> str:
    if "taken_back_by" in details:
        return TAKEN_BACK
    return ENDS.get(str(details.get("state")), f"ended {details.get('state', record.status)}")


def _fields(record: RecordLike, labels: Labels) -> dict[str, str]:
    do, deed = WORDS.get(record.action, (record.action or "change", record.action or "change"))
    details: Mapping[str, Any] = record.details if isinstance(record.details, dict) else {}
    times = details.get("times", 1)
    return {
        **_fields_of_changes(details),
        **_fields_of_people(record.by, details),
        **_fields_of_outcome(record, details),
        "kind": record.kind,
        "by": record.by or "Someone unknown",
        # What the product does by itself.
        "doer": record.by or "Campaign control",
        "name": record.by or "an unknown name",
        "asker": str(details.get("asked_by", "somebody")),
        "approved": _tail(" and approved by ", str(details.get("approved_by", ""))),
        "do": do,
        "deed": deed,
        "Deed": _capital(deed),
        "act": "change hours" if record.action == SCHEDULE else do,
        "campaign": _campaign(record),
        "campaigns": _campaigns(details),
        "because": _tail(": ", record.reason),
        "code": _tail(", reason ", labels.get(record.reason, record.reason)),
        "due": _tail(" at ", str(details.get("due", ""))),
        "cause": _tail("; ", str(details.get("cause", ""))),
        "changes": _changes(details.get("before"), details.get("after")),
        "times": f" ({times} times within the hour)" if times != 1 else "",
        # Of whatever the person was denied, not of this page alone.
        "denials": f" ({times} denials within the hour)" if times != 1 else "",
        "page": _page(record.reason),
        "finding": str(details.get("finding", "a finding")),
        # A finding is about a campaign, or about a calendar.
        "about": _campaign(record)
        if record.campaign_id
        else f"the calendar {details.get('calendar', 'without a name')}",
        "note": _tail(": ", str(details.get("note", ""))),
    }


def _fields_of_outcome(record: RecordLike, details: Mapping[str, Any]) -> dict[str, str]:
    """How an operation or a bulk went on in CXone."""
    return {
        "ends": _bulk_ends(details),
        "attempt": f", attempt {details['attempt']}" if details.get("attempt", 1) != 1 else "",
        "answer": _tail(", and answered ", record.api_response_status),
        "trouble": _tail(". " if record.error[:1].isupper() else "; ", failure_of(record)),
        "calls": _calls(details),
        "ended": _end_of(record, details),
        "overridden": _overridden(record.compliance_check, details),
    }


def _fields_of_changes(details: Mapping[str, Any]) -> dict[str, str]:
    """Those of policy, holidays and findings, which are all in the details."""
    did = str(details.get("did", "changed"))
    return {
        "what": str(details.get("what", "the policy")),
        "did": DID.get(did, did),
        "Did": _capital(DID.get(did, did)),
        "calendar": str(details.get("calendar", "without a name")),
        "holiday": str(details.get("holiday", "a holiday")),
        "Finding": _capital(str(details.get("finding", "a finding"))),
        "where": WHERE.get(did, "in"),
        "left": str(details.get("left", "some")),
        "means": _tail(" ", str(details.get("means", ""))),
        "link": str(details.get("link", "a screen without a name")),
        "until": _tail(", until ", _moment(str(details.get("expires", "")))),
        "lasting": _tail(" until ", _moment(str(details.get("until", "")))),
        "placer": str(details.get("placed_by", "somebody")),
        "handed": _handed(details),
        "writer": str(details.get("writer", "somebody")),
        "records": _records(details),
        "record": str(details.get("record", "an unknown number")),
        "lost": _lost(details),
    }


def _fields_of_people(by: str, details: Mapping[str, Any]) -> dict[str, str]:
    user = str(details.get("user", "somebody"))
    number = details.get("sessions", "some")
    sessions = f"{number} session{'' if number == 1 else 's'}"
    return {
        "user": user,
        "role": str(details.get("role", "none")),
        "owner": "their own" if user == by else user,
        "password": "their own password" if user == by else f"the password of {user}",
        "how": _tail(", ", HOW.get(str(details.get("how")), "")) + _tail(" from ", str(details.get("link_by", ""))),
        "number": sessions,
        "sessions": f", which ended {sessions}" if details.get("sessions") else "",
    }


def _lost(details: Mapping[str, Any]) -> str:
    """What a restore lost: "; records 120 to 143 at least are lost"."""
    first, last = details.get("lost_from"), details.get("lost_to")
    if first is None or last is None:
        return ""
    return f"; records {first} to {last} at least are lost"


def _moment(iso: str) -> str:
    """To the minute: "Tue 1 Dec 2026 14:00 UTC"."""
    return times_in_words(f"{iso[:16]}:00Z") if iso else ""


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _handed(details: Mapping[str, Any]) -> str:
    """How much of it: "with 3 campaigns paused and 1 open finding"."""
    paused, findings = details.get("paused", "some"), details.get("findings", "some")
    return (
        f" with {paused} campaign{'' if paused == 1 else 's'} paused and {findings} open "
        f"finding{'' if findings == 1 else 's'}"
    )


def _campaigns(details: Mapping[str, Any]) -> str:
    number = details.get("campaigns", "some")
    return f"{number} campaign{'' if number == 1 else 's'}"


def _bulk_ends(details: Mapping[str, Any]) -> str:
    """How many of a bulk's operations ended how: "12 confirmed, 1 rejected"."""
    counts = [f"{details[end]} {end}" for end in BULK_ENDS if details.get(end)]
    return ", ".join(counts) or "nothing was done"


def _tail(joint: str, words: str | int | None) -> str:
    if words:
        return f"{joint}{str(words).rstrip('. ')}"
    return ""


def _changes(before: object, after: object) -> str:
    """The fields that differ, short values with their old and new value."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ""
    changes = [_change(name, before.get(name), after[name]) for name in after if before.get(name) != after[name]]
    return _tail(": ", ", ".join(changes))


def _change(name: str, before: Json, after: Json) -> str:
    """A changed field: numbers and texts with both values, others by name; the record's page shows the difference."""
    if (before is None and after is None) or not all(isinstance(value, str | int | None) for value in (before, after)):
        return label(name)
    return f"{label(name)} from {value_in_words(before)} to {value_in_words(after)}"


def _calls(details: Mapping[str, Any]) -> str:
    if not {"calls_at_start", "calls_at_end", "seconds"} <= set(details):
        return ""
    counts = ": {calls_at_start} in progress at first, {calls_at_end} after {seconds} s".format_map(details)
    return counts + LEFT.get(str(details.get("end")), "")


def _overridden(check: str, details: Mapping[str, Any]) -> str:
    """The part that says that somebody overrode the compliance check, and by how much the limit was exceeded."""
    if check != "OVERRIDDEN":
        return ""
    overridden = "; the compliance check was overridden"
    if {"calls", "limit"} <= set(details):
        overridden += ", with {calls} calls in progress against a limit of {limit}".format_map(details)
    return overridden


def _page(reason: str) -> str:
    """The page from the reason of a refusal, which consists of the HTTP method and the address. Ids in it say nothing
    to a reader; the record has them."""
    method, _, address = reason.partition(" ")
    if not address:
        return f"a page{_tail(': ', reason)}"
    address = _ID.sub("…", address)
    if method in {"GET", "HEAD"}:
        return f"the page {address}"
    return f"a change at {address}"


def _records(details: Mapping[str, Any]) -> str:
    number = details.get("records", "some")
    noun = "audit record" if number == 1 else "audit records"
    return f"{number} {noun}{FILES.get(str(details.get('format')), '')}"


def _campaign(record: RecordLike) -> str:
    return record.campaign_name or record.campaign_id or "a campaign without a name"
