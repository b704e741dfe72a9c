"""Findings of the checks, as data with messages for a supervisor. Codes are stable: docs/schedule-checks.md."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    ERROR = "ERROR"  # can't be saved
    WARNING = "WARNING"  # can be, once acknowledged
    HINT = "HINT"  # can be


class Code(StrEnum):
    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    MISSING_KEY = "MISSING_KEY"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    WRONG_TYPE = "WRONG_TYPE"
    UNKNOWN_ZONE = "UNKNOWN_ZONE"
    UNKNOWN_DAY = "UNKNOWN_DAY"
    UNKNOWN_CONDITION = "UNKNOWN_CONDITION"
    DUPLICATE_CONDITION = "DUPLICATE_CONDITION"
    BAD_TIME = "BAD_TIME"
    END_NOT_AFTER_START = "END_NOT_AFTER_START"
    NO_WINDOW = "NO_WINDOW"
    DUPLICATE_WINDOW = "DUPLICATE_WINDOW"
    OVERLAP = "OVERLAP"
    TOO_MANY_WINDOWS = "TOO_MANY_WINDOWS"
    SECOND_WINDOW = "SECOND_WINDOW"
    PAST_MIDNIGHT = "PAST_MIDNIGHT"
    FIXED_ZONE = "FIXED_ZONE"
    ZONE_NOT_KNOWN = "ZONE_NOT_KNOWN"
    NO_CONDITIONS = "NO_CONDITIONS"
    OUTSIDE_CALLING_HOURS = "OUTSIDE_CALLING_HOURS"
    HOLIDAY_TODAY = "HOLIDAY_TODAY"
    HOLIDAY_AHEAD = "HOLIDAY_AHEAD"
    STARTS_DIALING = "STARTS_DIALING"
    STOPS_DIALING = "STOPS_DIALING"
    UNREADABLE_WINDOW = "UNREADABLE_WINDOW"
    LOSES_FIELDS = "LOSES_FIELDS"
    TOUCHING_WINDOWS = "TOUCHING_WINDOWS"
    RENAMED_ZONE = "RENAMED_ZONE"
    FIXED_OFFSET = "FIXED_OFFSET"
    MORE_WINDOWS_THAN_POLICY = "MORE_WINDOWS_THAN_POLICY"
    MORE_FINDINGS = "MORE_FINDINGS"


@dataclass(frozen=True, slots=True)
class ScheduleFinding:
    """`rows`: indices of dialingHours, from 0. `field`: the key in CXone's format. `rule`: what is violated. `on`: the
    date that it is about, in ISO 8601; "" if about none."""

    code: Code
    severity: Severity
    message: str
    rows: tuple[int, ...] = ()
    field: str = ""
    rule: str = ""
    suggestion: str = ""
    on: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"code": self.code.value, "severity": self.severity.value, "rows": list(self.rows)}


def digest_of_warnings(findings: Iterable[Mapping[str, Any]]) -> str:
    """A digest of the warnings among `findings` (as `as_json` returns them), 16 hex digits; "" if there are none."""
    # A form that acknowledges warnings sends it back, so that nobody acknowledges a warning they haven't seen.
    warnings = [[found["code"], found["message"]] for found in findings if found["severity"] == Severity.WARNING]
    if not warnings:
        return ""
    return hashlib.sha256(json.dumps(warnings).encode()).hexdigest()[:16]


def value_text(value: object) -> str:
    """A value for use in a sentence: text (cut at 40 characters) or a number as is, otherwise the kind of value."""
    if isinstance(value, str):
        text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in value[:40])
        return text + ("…" if len(value) > 40 else "")
    # Longer numbers don't belong in a sentence, and Python refuses to write integers of more than 4,300 digits.
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        return str(value)
    return say(value)


def say(value: object) -> str:
    """A value of any kind for use in a message: short and printable, text in quotes."""
    if isinstance(value, str):
        return repr(value[:40]) + ("…" if len(value) > 40 else "")
    kinds = ((bool, "true or false"), (int | float, "a number"), (list, "a list"), (dict, "an object"))
    if value is None:
        return "nothing"
    return next((word for kind, word in kinds if isinstance(value, kind)), "something else")
