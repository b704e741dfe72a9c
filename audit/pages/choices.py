"""What the filter of the audit offers besides single values: actions, and presets for the questions asked most."""

from typing import NamedTuple

from audit.kinds import RecordKind, Status
from audit.queries import Condition

# The group of a kind, in audit.kinds.
PEOPLE, SETTINGS, HOLDS = "People", "Settings", "Holds"


class ActionChoice(NamedTuple):
    """Something that people do, and the conditions that its records meet."""

    label: str
    conditions: tuple[Condition, ...]


class Preset(NamedTuple):
    """A tab of the list. `nothing`: what is said if it has no records."""

    label: str
    nothing: str
    conditions: tuple[Condition, ...]


def _of_kinds(*kinds: RecordKind) -> tuple[Condition, ...]:
    return (("kind", kinds),)


def _of_group(group: str) -> tuple[Condition, ...]:
    return _of_kinds(*(kind for kind in RecordKind if kind.group == group))


def _changes_in_cxone() -> tuple[Condition, ...]:
    kinds = [kind for kind in RecordKind if kind.startswith("campaign.")]
    return _of_kinds(*kinds)


def _by_action(action: str) -> tuple[Condition, ...]:
    return (("action", [action]),)


ACTIONS = {
    "pause": ActionChoice("Paused", _by_action("pause")),
    "resume": ActionChoice("Resumed", _by_action("resume")),
    "schedule": ActionChoice("Changed hours", _by_action("schedule")),
    "hold": ActionChoice("Placed or lifted a hold", _of_group(HOLDS)),
    "cancel": ActionChoice("Cancelled", _of_kinds(RecordKind.OPERATION_CANCELLED, RecordKind.BULK_CANCELLED)),
    "many": ActionChoice("Asked for many at once", _of_kinds(RecordKind.BULK_ASKED, RecordKind.BULK_ENDED)),
    "policy": ActionChoice("Changed the policy", _of_kinds(RecordKind.POLICY_CHANGED)),
    "holidays": ActionChoice("Changed holidays", _of_kinds(RecordKind.CALENDAR_CHANGED, RecordKind.HOLIDAY_CHANGED)),
    "export": ActionChoice("Exported the audit", _of_kinds(RecordKind.EXPORT_MADE)),
}
PRESETS = {
    "overrides": Preset(
        "Overrides",
        "Nobody paused a campaign with more calls than the limit.",
        (("compliance_check", ["OVERRIDDEN"]),),
    ),
    "failures": Preset(
        "Failures",
        "Everything that was asked for came to be.",
        (
            *_of_kinds(
                RecordKind.OPERATION_ENDED,
                RecordKind.BULK_ENDED,
                RecordKind.DELIVERY_PARKED,
                RecordKind.BREAK_FOUND,
                RecordKind.RESTORE_NOTICED,
            ),
            ("status", [Status.FAILURE]),
        ),
    ),
    "cxone": Preset(
        "Changes in CXone",
        "Nobody changed a campaign in CXone itself.",
        _changes_in_cxone(),
    ),
    "holds": Preset("Holds", "No campaign was put on hold.", _of_group(HOLDS)),
    "policy": Preset("Policy", "No policy, calendar or holiday was changed.", _of_group(SETTINGS)),
    "access": Preset("Access", "Nobody signed in or was refused a page.", _of_group(PEOPLE)),
}
