"""The closed list of the kinds of records.

The audit doesn't import from campaigns, but its kinds and columns describe their operations and the people who work
with them.
"""

from enum import StrEnum
from typing import Self


class RecordKind(StrEnum):
    """What happened. Each kind has its stored value, its group and label in filters, and its sentence.

    `audit.sentences` fills in the fields of the sentence.
    """

    group: str
    label: str
    template: str

    def __new__(cls, value: str, *described: str) -> Self:
        # By default, StrEnum would pass the whole tuple to str(), as an encoding and so on.
        kind = str.__new__(cls, value)
        kind._value_ = value
        # A kind without all three fails here, at import.
        kind.group, kind.label, kind.template = described
        return kind

    OPERATION_ASKED = (
        "operation.asked",
        "Operations",
        "Operation requested",
        "{by} asked to {do} {campaign}{due}{code}.",
    )
    OPERATION_TRIED = (
        "operation.tried",
        "Operations",
        "Request to CXone",
        "CXone was asked to {do} {campaign} for {by}{attempt}{answer}{trouble}.",
    )
    OPERATION_ENDED = (
        "operation.ended",
        "Operations",
        "Operation ended",
        "The {deed} of {campaign} requested by {by} {ended}{code}{overridden}{trouble}.",
    )
    OPERATION_CANCELLED = (
        "operation.cancelled",
        "Operations",
        "Operation cancelled",
        "{by} cancelled the {deed} of {campaign}{code}{trouble}.",
    )
    OPERATION_RESCHEDULED = (
        "operation.rescheduled",
        "Operations",
        "Operation rescheduled",
        "{doer} changed the time of the {deed} of {campaign}{changes}{cause}.",
    )
    OPERATION_REFUSED = (
        "operation.refused",
        "Operations",
        "Operation refused",
        "{by} asked to {do} {campaign}{code}, and was refused{trouble}{times}.",
    )
    BULK_ASKED = (
        "bulk.asked",
        "Operations",
        "Bulk requested",
        "{by} asked to {do} {campaigns}{code}.",
    )
    BULK_CANCELLED = (
        "bulk.cancelled",
        "Operations",
        "Bulk cancelled",
        "{by} cancelled what had not begun of the {deed} of {campaigns}{code}.",
    )
    BULK_ENDED = (
        "bulk.ended",
        "Operations",
        "Bulk ended",
        "The {deed} of {campaigns} requested by {by} has ended{code}: {ends}.",
    )
    DRAIN_ENDED = (
        "drain.ended",
        "Operations",
        "Calls followed",
        "The calls of {campaign} were followed after its pause{calls}.",
    )

    CAMPAIGN_CHANGED_OUTSIDE = (
        "campaign.changed_outside",
        "Campaigns",
        "Changed outside",
        "{campaign} was changed outside this control room{changes}{because}.",
    )
    CAMPAIGN_CHANGED_LATE = (
        "campaign.changed_late",
        "Campaigns",
        "Late effect",
        "The {deed} of {campaign} requested by {by} took effect after it had ended unconfirmed.",
    )
    CAMPAIGN_CAME_BACK = (
        "campaign.came_back",
        "Campaigns",
        "Came back by itself",
        "{campaign} dialed again although nobody here resumed it, after a pause requested by {by}{code}.",
    )
    CAMPAIGN_RETURN_DISMISSED = (
        "campaign.return_dismissed",
        "Campaigns",
        "Left dialing",
        "{by} decided that {campaign}, which came back by itself, may go on dialing.",
    )
    CAMPAIGN_APPEARED = (
        "campaign.appeared",
        "Campaigns",
        "Campaign appeared",
        "{campaign} appeared in CXone{because}.",
    )
    CAMPAIGN_DISAPPEARED = (
        "campaign.disappeared",
        "Campaigns",
        "Campaign disappeared",
        "{campaign} is no longer in CXone{because}.",
    )
    SUBSCRIPTION_MADE = (
        "subscription.made",
        "Campaigns",
        "Event subscription created",
        "An event subscription was created for {campaign}{because}.",
    )

    DELIVERY_PARKED = (
        "delivery.parked",
        "WFM system",
        "WFM notification failed",
        "The WFM system couldn't be notified of the {deed} of {campaign}{trouble}.",
    )
    DELIVERY_RESENT = (
        "delivery.resent",
        "WFM system",
        "WFM notification resent",
        "{by} resent the WFM notification of the {deed} of {campaign}.",
    )

    SIGNIN_SUCCEEDED = (
        "signin.succeeded",
        "People",
        "Sign-in",
        "{by} signed in.",
    )
    SIGNIN_FAILED = (
        "signin.failed",
        "People",
        "Failed sign-in",
        "A sign-in as {name} failed{because}{times}.",
    )
    SIGNIN_ENDED = (
        "signin.ended",
        "People",
        "Sign-out",
        "{by} signed out.",
    )
    ACCESS_DENIED = (
        "access.denied",
        "People",
        "Access denied",
        "{by} was denied {page}{times}.",
    )
    USER_CREATED = (
        "user.created",
        "People",
        "Account created",
        "{by} created the account {user} with the role {role}.",
    )

    POLICY_CHANGED = (
        "policy.changed",
        "Settings",
        "Policy changed",
        "{by} {did} {what}{changes}.",
    )
    CALENDAR_CHANGED = (
        "calendar.changed",
        "Settings",
        "Holiday calendar changed",
        "{by} {did} the holiday calendar {calendar}{changes}.",
    )
    HOLIDAY_CHANGED = (
        "holiday.changed",
        "Settings",
        "Holiday changed",
        "{by} {did} {holiday} {where} the holiday calendar {calendar}{changes}.",
    )

    EXPORT_MADE = (
        "export.made",
        "Audit",
        "Audit exported",
        "{by} exported {records}{because}.",
    )
    BREAK_FOUND = (
        "audit.break_found",
        "Audit",
        "Break found",
        "Verification found the audit altered at record {record}{trouble}.",
    )
    BREAK_GONE = (
        "audit.break_gone",
        "Audit",
        "Break cleared",
        "A full verification found the audit intact again, after the break at record {record}.",
    )


class Status(StrEnum):
    """The outcome of what happened."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REJECTED = "REJECTED"
    SKIPPED = "SKIPPED"
    INFO = "INFO"


LABELS: dict[str, str] = {kind.value: kind.label for kind in RecordKind}
OUTCOMES: dict[str, str] = {status.value: status.value.capitalize() for status in Status}
