"""The closed list of the kinds of records.

The audit doesn't import from campaigns, but its kinds and columns describe their operations and the people who work
with them.
"""

from enum import StrEnum
from typing import Self


class RecordKind(StrEnum):
    """What happened. Each kind has its stored value, its group and label in filters, and its sentence.

    `did` is what the list shows beside the person; a kind without it shows its label. `audit.sentences` fills in the
    fields of both.
    """

    group: str
    label: str
    template: str
    did: str

    def __new__(cls, value: str, *described: str) -> Self:
        # By default, StrEnum would pass the whole tuple to str(), as an encoding and so on.
        kind = str.__new__(cls, value)
        kind._value_ = value
        # A kind without its first three fails here, at import.
        kind.group, kind.label, kind.template, *did = described
        kind.did = did[0] if did else kind.label
        return kind

    OPERATION_ASKED = (
        "operation.asked",
        "Operations",
        "Operation requested",
        "{by} asked to {do} {campaign}{due}{code}.",
        "Asked to {act}",
    )
    OPERATION_TRIED = (
        "operation.tried",
        "Operations",
        "Request to CXone",
        "CXone was asked to {do} {campaign} for {by}{approved}{attempt}{answer}{trouble}.",
        "Request to CXone{attempt}",
    )
    OPERATION_ENDED = (
        "operation.ended",
        "Operations",
        "Operation ended",
        "The {deed} of {campaign} requested by {by}{approved} {ended}{code}{overridden}{trouble}.",
        "{Deed} {ended}",
    )
    OPERATION_CANCELLED = (
        "operation.cancelled",
        "Operations",
        "Operation cancelled",
        "{by} cancelled the {deed} of {campaign}{code}{trouble}.",
        "Cancelled the {deed}",
    )
    OPERATION_RESCHEDULED = (
        "operation.rescheduled",
        "Operations",
        "Operation rescheduled",
        "{doer} changed the time of the {deed} of {campaign}{changes}{cause}.",
        "Changed the time of the {deed}",
    )
    OPERATION_REFUSED = (
        "operation.refused",
        "Operations",
        "Operation refused",
        "{by} asked to {do} {campaign}{code}, and was refused{trouble}{times}.",
        "Asked to {act}, and was refused{times}",
    )
    APPROVAL_ASKED = (
        "approval.asked",
        "Operations",
        "Approval requested",
        "{by} asked for a second person to approve the {deed} of {campaign}{code}.",
        "Asked for approval of the {deed}",
    )
    APPROVAL_GIVEN = (
        "approval.given",
        "Operations",
        "Approved",
        "{by} approved the {deed} of {campaign} that {asker} asked for{code}.",
        "Approved the {deed} that {asker} asked for",
    )
    APPROVAL_REFUSED = (
        "approval.refused",
        "Operations",
        "Approval refused",
        "{by} refused the {deed} of {campaign} that {asker} asked for{code}{trouble}.",
        "Refused the {deed} that {asker} asked for",
    )
    APPROVAL_LAPSED = (
        "approval.lapsed",
        "Operations",
        "Approval lapsed",
        "Nobody approved the {deed} of {campaign} that {asker} asked for in time{code}.",
        "Nobody approved the {deed} that {asker} asked for",
    )
    APPROVAL_CHANGED = (
        "approval.changed",
        "Operations",
        "Approval outdated",
        "The {deed} of {campaign} that {asker} asked for would do something else now, and has to be approved again.",
        "The {deed} that {asker} asked for has to be approved again",
    )
    APPROVAL_DENIED = (
        "approval.denied",
        "Operations",
        "Approval not accepted",
        "{by} tried to approve the {deed} of {campaign} that {asker} asked for{code}{trouble}.",
        "Tried to approve the {deed} that {asker} asked for",
    )
    BULK_ASKED = (
        "bulk.asked",
        "Operations",
        "Bulk requested",
        "{by} asked to {do} {campaigns}{code}.",
        "Asked to {do} {campaigns}",
    )
    BULK_CANCELLED = (
        "bulk.cancelled",
        "Operations",
        "Bulk cancelled",
        "{by} cancelled what had not begun of the {deed} of {campaigns}{code}.",
        "Cancelled the rest of the {deed} of {campaigns}",
    )
    BULK_ENDED = (
        "bulk.ended",
        "Operations",
        "Bulk ended",
        "The {deed} of {campaigns} requested by {by}{approved} has ended{code}: {ends}.",
        "{Deed} of {campaigns} ended",
    )
    DRAIN_ENDED = (
        "drain.ended",
        "Operations",
        "Calls followed",
        "The calls of {campaign} were followed after its pause{calls}.",
    )
    HANDOVER_WRITTEN = (
        "handover.written",
        "Operations",
        "Handover written",
        "{by} handed the shift over{handed}.",
        "Handed the shift over{handed}",
    )
    HANDOVER_ACKNOWLEDGED = (
        "handover.acknowledged",
        "Operations",
        "Handover acknowledged",
        "{by} took the shift over from {writer}.",
        "Took the shift over from {writer}",
    )

    CAMPAIGN_CHANGED_OUTSIDE = (
        "campaign.changed_outside",
        "Campaigns",
        "Changed in CXone",
        "{campaign} was changed in CXone, not here{changes}{because}.",
    )
    CAMPAIGN_CHANGED_LATE = (
        "campaign.changed_late",
        "Campaigns",
        "Late effect",
        "The {deed} of {campaign} requested by {by} took effect after it had ended unconfirmed.",
        "{Deed} took effect late",
    )
    CAMPAIGN_CAME_BACK = (
        "campaign.came_back",
        "Campaigns",
        "Came back by itself",
        "{campaign} dialed again although nobody here resumed it, after a pause requested by {by}{code}.",
        "Dialed again by itself",
    )
    CAMPAIGN_RETURN_DISMISSED = (
        "campaign.return_dismissed",
        "Campaigns",
        "Left dialing",
        "{by} decided that {campaign}, which came back by itself, may go on dialing.",
        "Let it go on dialing",
    )
    FINDING_TAKEN = (
        "finding.taken",
        "Campaigns",
        "Finding taken on",
        "{by} is on it: {finding} ({about}).",
        "Is on it: {finding}",
    )
    FINDING_DISMISSED = (
        "finding.dismissed",
        "Campaigns",
        "Finding dismissed",
        "{by} dismissed a finding: {finding} ({about}){note}.",
        "Dismissed: {finding}",
    )
    CAMPAIGN_APPEARED = (
        "campaign.appeared",
        "Campaigns",
        "Campaign appeared",
        "{campaign} appeared in CXone{because}.",
        "Appeared in CXone",
    )
    CAMPAIGN_DISAPPEARED = (
        "campaign.disappeared",
        "Campaigns",
        "Campaign disappeared",
        "{campaign} is no longer in CXone{because}.",
        "Disappeared from CXone",
    )
    FINDING_OPENED = (
        "finding.opened",
        "Campaigns",
        "Needs attention",
        "{campaign} needs attention: {finding}.",
        "{Finding}",
    )
    FINDING_ENDED = (
        "finding.ended",
        "Campaigns",
        "Attention ended",
        "{campaign} no longer needs attention: {finding}.",
        "{Finding}: ended",
    )
    SUBSCRIPTION_MADE = (
        "subscription.made",
        "Campaigns",
        "Event subscription created",
        "An event subscription was created for {campaign}{because}.",
    )
    LIST_EXPORTED = (
        "list.exported",
        "Campaigns",
        "Campaign list exported",
        "{by} exported the list of {campaigns} as CSV.",
    )

    HOLD_PLACED = (
        "hold.placed",
        "Holds",
        "Hold placed",
        "{by} placed a compliance hold on {campaign}{lasting}{note}{cause}.",
        "Placed a hold{lasting}",
    )
    HOLD_LIFTED = (
        "hold.lifted",
        "Holds",
        "Hold lifted",
        "{by} lifted the compliance hold on {campaign} that {placer} had placed{note}.",
        "Lifted the hold of {placer}",
    )
    HOLD_ENDED = (
        "hold.ended",
        "Holds",
        "Hold ended",
        "The compliance hold on {campaign} that {placer} had placed{lasting} ended, since its time was over.",
        "The hold of {placer} ended: its time was over",
    )

    DELIVERY_PARKED = (
        "delivery.parked",
        "WFM system",
        "WFM notification failed",
        "The WFM system couldn’t be notified of the {deed} of {campaign}{trouble}.",
    )
    DELIVERY_RESENT = (
        "delivery.resent",
        "WFM system",
        "WFM notification resent",
        "{by} resent the WFM notification of the {deed} of {campaign}.",
        "Resent the WFM notification",
    )

    NOTICE_PARKED = (
        "notice.parked",
        "Attention notices",
        "Attention notice failed",
        "The notice of what nobody attended to couldn’t be sent{trouble}.",
        "Attention notice failed",
    )
    NOTICE_RESENT = (
        "notice.resent",
        "Attention notices",
        "Attention notice resent",
        "{by} resent the notice of what nobody attended to.",
        "Resent the attention notice",
    )

    SIGNIN_SUCCEEDED = (
        "signin.succeeded",
        "People",
        "Sign-in",
        "{by} signed in{means}.",
        "Signed in{means}",
    )
    SIGNIN_FAILED = (
        "signin.failed",
        "People",
        "Failed sign-in",
        "A sign-in as {name} failed{because}{times}.",
        "Failed to sign in{times}",
    )
    SIGNIN_REFUSED = (
        "signin.refused",
        "People",
        "Refused sign-in",
        "A sign-in of {user} through the company was refused{because}{times}.",
        "Was not signed in through the company{times}",
    )
    SIGNIN_ENDED = (
        "signin.ended",
        "People",
        "Sign-out",
        "{by} signed out.",
        "Signed out",
    )
    ACCESS_DENIED = (
        "access.denied",
        "People",
        "Access denied",
        "{by} was denied {page}{denials}.",
        "Was denied {page}{denials}",
    )
    USER_CREATED = (
        "user.created",
        "People",
        "Account created",
        "{by} created the account {user} with the role {role}.",
        "Created the account {user} ({role})",
    )
    USER_ROLE_CHANGED = (
        "user.role_changed",
        "People",
        "Role changed",
        "{by} changed the role of {user}{changes}.",
        "Changed the role of {user}",
    )
    USER_DISABLED = (
        "user.disabled",
        "People",
        "Account disabled",
        "{by} disabled the account {user}{sessions}.",
        "Disabled the account {user}{sessions}",
    )
    USER_ENABLED = (
        "user.enabled",
        "People",
        "Account enabled",
        "{by} enabled the account {user}.",
        "Enabled the account {user}",
    )
    PASSWORD_CHANGED = (
        "password.changed",
        "People",
        "Password changed",
        "{by} changed {password}{how}{sessions}.",
        "Changed {password}{how}{sessions}",
    )
    PASSWORD_LINK_MADE = (
        "password.link_made",
        "People",
        "Password link created",
        "{by} created a one-time password link for {user}{until}.",
        "Created a one-time password link for {user}{until}",
    )
    PASSWORD_LINK_REVOKED = (
        "password.link_revoked",
        "People",
        "Password link revoked",
        "{by} revoked the one-time password link of {user}.",
        "Revoked the one-time password link of {user}",
    )
    SESSIONS_ENDED = (
        "sessions.ended",
        "People",
        "Sessions ended",
        "{by} ended {number} of {owner}{because}.",
        "Ended {number} of {owner}",
    )
    COMPANY_LINKED = (
        "company.linked",
        "People",
        "Company sign-in linked",
        "{by} linked the account {user} to a company sign-in.",
        "Linked the account to a company sign-in",
    )
    COMPANY_UNLINKED = (
        "company.unlinked",
        "People",
        "Company sign-in unlinked",
        "{by} took a company sign-in away from the account {user}{sessions}.",
        "Took a company sign-in away{sessions}",
    )
    FACTOR_ADDED = (
        "factor.added",
        "People",
        "Second factor added",
        "{by} set up a second factor: {what}.",
        "Set up a second factor: {what}",
    )
    FACTOR_REMOVED = (
        "factor.removed",
        "People",
        "Second factor removed",
        "{by} removed a second factor: {what}.",
        "Removed a second factor: {what}",
    )
    FACTORS_RESET = (
        "factors.reset",
        "People",
        "Second factors reset",
        "{by} reset the second factors of {user}.",
        "Reset the second factors of {user}",
    )
    RECOVERY_CODES_MADE = (
        "recovery.made",
        "People",
        "Recovery codes created",
        "{by} got new recovery codes.",
        "Got new recovery codes",
    )
    RECOVERY_CODE_USED = (
        "recovery.used",
        "People",
        "Recovery code used",
        "{by} used a recovery code, with {left} left.",
        "Used a recovery code, with {left} left",
    )
    WALL_REFUSED = (
        "wall.refused",
        "People",
        "Wallboard refused",
        "Somebody opened the wallboard with a link that doesn’t work{times}.",
        "Opened the wallboard with a link that doesn’t work{times}",
    )

    POLICY_CHANGED = (
        "policy.changed",
        "Settings",
        "Policy changed",
        "{by} {did} {what}{changes}.",
        "{Did} {what}",
    )
    CALENDAR_CHANGED = (
        "calendar.changed",
        "Settings",
        "Holiday calendar changed",
        "{by} {did} the holiday calendar {calendar}{changes}.",
        "{Did} the holiday calendar {calendar}",
    )
    HOLIDAY_CHANGED = (
        "holiday.changed",
        "Settings",
        "Holiday changed",
        "{by} {did} {holiday} {where} the holiday calendar {calendar}{changes}.",
        "{Did} {holiday} {where} {calendar}",
    )

    TENANT_CONFIRMED = (
        "tenant.confirmed",
        "Settings",
        "New connection to CXone confirmed",
        "{by} confirmed that new settings lead to the same tenant of CXone{changes}.",
        "Confirmed that new settings lead to the same tenant of CXone",
    )
    WALL_LINK_MADE = (
        "wall.link_made",
        "Settings",
        "Wallboard link created",
        "{by} created a link to the wallboard for {link}{until}.",
        "Created a link to the wallboard for {link}{until}",
    )
    WALL_LINK_REVOKED = (
        "wall.link_revoked",
        "Settings",
        "Wallboard link revoked",
        "{by} revoked the link to the wallboard of {link}.",
        "Revoked the link to the wallboard of {link}",
    )

    EXPORT_MADE = (
        "export.made",
        "Audit",
        "Audit exported",
        "{by} exported {records}{because}.",
        "Exported {records}",
    )
    BREAK_FOUND = (
        "audit.break_found",
        "Audit",
        "Break found",
        "Verification found the audit altered at record {record}{trouble}.",
        "Found the audit altered at record {record}",
    )
    BREAK_GONE = (
        "audit.break_gone",
        "Audit",
        "Break cleared",
        "A full verification found the audit intact again, after the break at record {record}.",
        "Found the audit intact again",
    )
    RESTORE_NOTICED = (
        "audit.restore_noticed",
        "Audit",
        "Restored database noticed",
        "The database was found to be a restored or older copy{cause}.",
        "Found the database to be a restored or older copy",
    )
    RESTORE_ACKNOWLEDGED = (
        "audit.restore_acknowledged",
        "Audit",
        "Restore acknowledged",
        "{by} acknowledged that an older copy of the database was restored{lost}{note}.",
        "Acknowledged that an older copy of the database was restored{lost}",
    )


class Status(StrEnum):
    """The outcome of what happened."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    REJECTED = "REJECTED"
    SKIPPED = "SKIPPED"
    INFO = "INFO"


# The kinds of records that are steps of one operation. Whatever else bears an operation's id is about it, or was
# caused by it, but isn't part of it: a refusal names the operation that was in the way.
STEPS = frozenset(
    {
        RecordKind.OPERATION_ASKED,
        RecordKind.OPERATION_TRIED,
        RecordKind.OPERATION_ENDED,
        RecordKind.OPERATION_CANCELLED,
        RecordKind.OPERATION_RESCHEDULED,
        RecordKind.APPROVAL_ASKED,
        RecordKind.APPROVAL_GIVEN,
        RecordKind.APPROVAL_REFUSED,
        RecordKind.APPROVAL_LAPSED,
        RecordKind.APPROVAL_CHANGED,
        RecordKind.DRAIN_ENDED,
    }
)
LABELS: dict[str, str] = {kind.value: kind.label for kind in RecordKind}
OUTCOMES: dict[str, str] = {status.value: status.value.capitalize() for status in Status}
