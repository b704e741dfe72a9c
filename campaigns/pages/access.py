"""Who may see and do what. Roles are groups that hold Django permissions; views ask for a permission, never a role."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from campaigns.models import (
    Bulk,
    Calendar,
    CallingHoursRule,
    Campaign,
    Delivery,
    Finding,
    Holiday,
    Operation,
    ReasonCode,
)
from campaigns.prepared import fetch_objects
from campaigns.queueing.rows import Row

SEE_CAMPAIGNS = "campaigns.view_campaign"
SEE_OPERATIONS = "campaigns.view_operation"
PAUSE = "campaigns.pause_campaign"
RESUME = "campaigns.resume_campaign"
CANCEL = "campaigns.cancel_operation"
HOLD = "campaigns.hold_campaign"
EDIT_SCHEDULE = "campaigns.edit_schedule"
APPROVE = "campaigns.give_approval"
SEE_AUDIT = "audit.view_record"
MANAGE_DELIVERIES = "campaigns.manage_deliveries"
MANAGE_HOLIDAYS = "campaigns.manage_holidays"
MANAGE_POLICY = "campaigns.manage_policy"
MANAGE_PEOPLE = "cxadmin.manage_people"
SEE_HANDOVERS = "campaigns.view_handover"
WRITE_HANDOVERS = "campaigns.write_handover"

# What each right allows, after “may” or “to”.
IN_WORDS = {
    SEE_CAMPAIGNS: "see campaigns",
    SEE_OPERATIONS: "see operations",
    PAUSE: "pause campaigns",
    RESUME: "resume campaigns",
    HOLD: "place or lift compliance holds",
    CANCEL: "cancel operations",
    MANAGE_POLICY: "see or change the policy",
    MANAGE_PEOPLE: "see or change people",
    MANAGE_HOLIDAYS: "edit holiday calendars",
    EDIT_SCHEDULE: "change dialing hours",
    APPROVE: "approve or refuse what others asked for",
    SEE_HANDOVERS: "see handovers",
    WRITE_HANDOVERS: "write or acknowledge handovers",
    MANAGE_DELIVERIES: "see or resend deliveries",
}


def require(user: User | AnonymousUser, permission: str) -> None:
    """PermissionDenied, in words for the 403 page."""
    if not user.has_perm(permission):
        raise PermissionDenied(f"Your role does not allow you to {IN_WORDS[permission]}. Nothing was changed.")


def get_campaign_for(user: User | AnonymousUser, campaign_id: str, permission: str = SEE_CAMPAIGNS) -> Campaign:
    """The right first: who lacks it doesn't learn which campaigns there are. Then Http404 for an unknown one."""
    require(user, permission)
    found = fetch_objects(_campaign, campaign_id=campaign_id) if "\0" not in campaign_id else []
    if not found:
        raise Http404(
            "There is no campaign with this id. It may be new in CXone and not read yet: look at the list again "
            "in a minute."
        )
    return found[0]


def _campaign(campaign_id: str) -> QuerySet[Campaign]:
    return Campaign.objects.filter(pk=campaign_id).select_related("hold").order_by()


def get_operation_for(user: User | AnonymousUser, operation_id: UUID, permission: str = SEE_OPERATIONS) -> Operation:
    """The operation with its campaign; as for campaigns, the right comes first."""
    require(user, permission)
    return _only(
        Operation.objects.select_related("campaign__hold", "superseded_by", "bulk", "undoes")
        .defer("bulk__campaign_ids")
        .filter(pk=operation_id),
        "There is no operation with this number. Look for it in the list of operations.",
    )


def get_bulk_for(user: User | AnonymousUser, bulk_id: UUID, permission: str = SEE_OPERATIONS) -> Bulk:
    """The bulk without its campaigns; the right comes first."""
    require(user, permission)
    return _only(
        Bulk.objects.select_related("undoes").defer("campaign_ids", "undoes__campaign_ids").filter(pk=bulk_id),
        "There is no bulk with this number. Look for it in the list of bulks.",
    )


def get_delivery_for(user: User | AnonymousUser, delivery_id: UUID) -> Delivery:
    """The delivery with its campaign and operation; the right comes first."""
    require(user, MANAGE_DELIVERIES)
    return _only(
        Delivery.objects.select_related("campaign", "operation").filter(pk=delivery_id),
        "There is no delivery with this number. Look for it in the list of deliveries.",
    )


def get_finding_for(user: User | AnonymousUser, finding_id: int, permission: str = SEE_CAMPAIGNS) -> Finding:
    """The finding with its campaign or calendar; the right comes first."""
    require(user, permission)
    return _only(
        Finding.objects.select_related("campaign", "calendar").filter(pk=finding_id),
        "There is no such finding. It may have ended: look at what needs attention.",
    )


def get_calendar_for(user: User | AnonymousUser, calendar_id: int) -> Calendar:
    require(user, MANAGE_HOLIDAYS)
    return _only(
        Calendar.objects.filter(pk=calendar_id),
        "There is no such holiday calendar. It may have been deleted: look at the list of calendars.",
    )


def get_holiday_for(user: User | AnonymousUser, calendar_id: int, holiday_id: int) -> Holiday:
    require(user, MANAGE_HOLIDAYS)
    return _only(
        Holiday.objects.select_related("calendar").filter(pk=holiday_id, calendar=calendar_id),
        "There is no such holiday. It may have been deleted: look at its calendar.",
    )


def get_reason_for(user: User | AnonymousUser, code: str) -> ReasonCode:
    require(user, MANAGE_POLICY)
    return _only(
        ReasonCode.objects.filter(pk=code) if "\0" not in code else ReasonCode.objects.none(),
        "There is no such reason code. It may have been deleted, or has another code now: see Policy.",
    )


def get_rule_for(user: User | AnonymousUser, rule_id: int) -> CallingHoursRule:
    require(user, MANAGE_POLICY)
    return _only(
        CallingHoursRule.objects.filter(pk=rule_id),
        "There is no such calling-hours rule. It may have been deleted: see Policy.",
    )


def _only(found: QuerySet[Row], otherwise: str) -> Row:
    """The one row; Http404 with that sentence where there is none."""
    row = found.first()
    if row is None:
        raise Http404(otherwise)
    return row
