"""A record as a sentence in plain text, from the templates of `audit.kinds`."""

from collections.abc import Mapping
from typing import Any, Protocol

from audit.chain import UNKEEPABLE, Json
from audit.json_in_words import label, value_in_words
from audit.kinds import RecordKind

KNOWN = frozenset(RecordKind)
# The sentence of a kind that isn't listed.
UNKNOWN = "{by}: {kind}{because}{trouble}."
# By action: the verb before the campaign, and the noun. For others, such as "pause", both are the action itself.
WORDS = {"schedule": ("change the schedule of", "schedule change")}
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
DID = {"made": "created", "chose the campaigns of": "changed the campaigns of"}
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


def sentence_of(record: RecordLike) -> str:
    """What happened, as plain text: pages must escape it."""
    return "".join(sentence_parts(record))


def sentence_parts(record: RecordLike) -> tuple[str, str, str]:
    """The sentence before the campaign, the campaign, and the rest; the last two are "" if it names no campaign."""
    # A record by a later release, or by somebody who tampered with it, can have a kind that isn't listed.
    template = RecordKind(record.kind).template if record.kind in KNOWN else UNKNOWN
    before, campaign, after = template.partition("{campaign}")
    fields = _fields(record)
    return _fill(before, fields), _fill(campaign, fields), _fill(after, fields)


def _fill(template: str, fields: Mapping[str, str]) -> str:
    # Details that somebody tampered with can contain a lone surrogate, which a page couldn't be encoded with.
    return UNKEEPABLE.sub("\ufffd", template.format_map(fields))


def _fields(record: RecordLike) -> dict[str, str]:
    do, deed = WORDS.get(record.action, (record.action or "change", record.action or "change"))
    details: Mapping[str, Any] = record.details if isinstance(record.details, dict) else {}
    did = str(details.get("did", "changed"))
    times = details.get("times", 1)
    return {
        "kind": record.kind,
        "by": record.by or "Someone unknown",
        # What the product does by itself.
        "doer": record.by or "Campaign control",
        "name": record.by or "an unknown name",
        "do": do,
        "deed": deed,
        "campaign": _campaign(record),
        "campaigns": _campaigns(details),
        "ends": _bulk_ends(details),
        "because": _tail(": ", record.reason),
        "code": _tail(", reason ", record.reason),
        "due": _tail(" at ", str(details.get("due", ""))),
        "cause": _tail("; ", str(details.get("cause", ""))),
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
        "did": DID.get(did, did),
        "calendar": str(details.get("calendar", "without a name")),
        "holiday": str(details.get("holiday", "a holiday")),
        "where": WHERE.get(did, "in"),
        "records": _records(details),
        "record": str(details.get("record", "an unknown number")),
    }


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
    """The page from the reason of a refusal, which consists of the HTTP method and the address."""
    method, _, address = reason.partition(" ")
    if not address:
        return f"a page{_tail(': ', reason)}"
    if method in {"GET", "HEAD"}:
        return f"the page {address}"
    return f"a change at {address}"


def _records(details: Mapping[str, Any]) -> str:
    number = details.get("records", "some")
    noun = "audit record" if number == 1 else "audit records"
    return f"{number} {noun}{FILES.get(str(details.get('format')), '')}"


def _campaign(record: RecordLike) -> str:
    if record.campaign_name and record.campaign_id:
        return f"{record.campaign_name} ({record.campaign_id})"
    return record.campaign_name or record.campaign_id or "a campaign without a name"
