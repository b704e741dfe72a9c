"""A record's fields on its page: label, export name, value, and a link to other records with the same value.

The page begins with those that people ask for, in words; all of them follow, folded, under their export names.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from audit.kinds import OUTCOMES, RecordKind
from audit.models import Record
from audit.pages.charts.drawing import duration_in_words
from audit.sentences import failure_of

LABELS = {
    "kind": "Kind",
    "action": "Action",
    "status": "Outcome",
    "by": "Person",
    "campaign_id": "Campaign id",
    "campaign_name": "Campaign name",
    "operation": "Operation",
    "reason": "Reason",
    "latency_ms": "Latency",
    "payload_hash": "Hash of the body that was sent",
    "api_response_status": "CXone’s answer (HTTP status)",
    "compliance_check": "Compliance check",
    "concurrent_pause_limit": "Pauses allowed at once",
    "webhook_subscription_id": "Event subscription",
    "error": "Error",
}
# Fields that the list can be filtered by, with their names in the filter.
FILTERS = {"kind": "kind", "status": "outcome", "by": "by", "campaign_id": "campaign", "operation": "operation"}
MAIN = ("by", "campaign_name", "reason", "compliance_check", "latency_ms", "error")
CHECKS = {
    "PASSED": "under the limit",
    "REJECTED": "more than the limit: not paused",
    "OVERRIDDEN": "more than the limit: overridden",
}
MACHINE = {"campaign_id", "operation", "payload_hash", "webhook_subscription_id"}


class Fact(NamedTuple):
    """A field. `value`: in words, "" for none. `more`: the query for the list of records with that value, or "".

    `is_machine`: an identifier or digest, shown in a monospaced font, to be compared character by character.
    """

    name: str
    label: str
    value: str
    more: str
    is_machine: bool


def main_facts(record: Record, labels: Mapping[str, str]) -> list[Fact]:
    """What people ask for, as far as the record has it. `labels`: of reason codes."""
    return [fact for fact in (_main_fact(record, name, labels) for name in MAIN) if fact.value]


def _main_fact(record: Record, name: str, labels: Mapping[str, str]) -> Fact:
    fact = _fact(record, name)
    if name == "reason":
        # The address of a refused page: the sentence has it.
        if record.kind == RecordKind.ACCESS_DENIED:
            return fact._replace(value="")
        return fact._replace(value=labels.get(record.reason, record.reason))
    if name == "error":
        return fact._replace(value=failure_of(record))
    if name == "compliance_check":
        return fact._replace(label="Calls against the limit", value=CHECKS.get(record.compliance_check, fact.value))
    if name == "latency_ms" and record.latency_ms is not None:
        return fact._replace(label="CXone answered after", value=duration_in_words(record.latency_ms))
    return fact


def facts(record: Record) -> list[Fact]:
    """All fields except number, time, details and digests, which the page shows elsewhere."""
    return [_fact(record, name) for name in LABELS]


def _fact(record: Record, name: str) -> Fact:
    raw = getattr(record, name)
    text = "" if raw is None else str(raw)
    more = urlencode({FILTERS[name]: text}) if text and name in FILTERS else ""
    return Fact(name, LABELS[name], _in_words(record, name, text), more, name in MACHINE)


def _in_words(record: Record, name: str, text: str) -> str:
    if name == "kind":
        return record.kind_in_words
    if name == "status":
        return OUTCOMES.get(text, text)
    if name == "latency_ms" and text:
        return f"{text} ms"
    return text
