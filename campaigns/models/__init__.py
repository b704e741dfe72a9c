"""The product's tables. There are no rules in save() and no signals: requests and the runner decide."""

from campaigns.models.approval import Approval, Decision
from campaigns.models.budget import RequestSlot
from campaigns.models.bulk import Bulk, CallsReading
from campaigns.models.campaign import Campaign, Control, SyncState, has_tag
from campaigns.models.delivery import Delivery, DeliveryAttempt, DeliveryState, Target
from campaigns.models.desk import Density, Preferences, SavedView, Star, Theme
from campaigns.models.drain import Drain, DrainSample
from campaigns.models.finding import Finding, FindingCode, FindingEnd
from campaigns.models.guard import GUARD, GuardedStretch, LeftAlone
from campaigns.models.handover import Handover
from campaigns.models.hold import Hold, HoldEnd
from campaigns.models.holiday import AssignmentRule, Calendar, Holiday
from campaigns.models.metric import CountedRecords, MetricCount
from campaigns.models.observation import (
    CalendarAssignment,
    CalendarChange,
    CalendarDeed,
    CallsMinute,
    CampaignChange,
    CampaignNumber,
    ReadingGap,
    Seen,
)
from campaigns.models.operation import Attempt, AttemptOutcome, Operation, OperationKind, Origin, PauseSlot
from campaigns.models.periodic import Heartbeat, PeriodicJob
from campaigns.models.policy import COMPLIANCE_HOLD, EMERGENCY, HOLIDAY, CallingHoursRule, Policy, ReasonCode
from campaigns.models.restore import KnownDatabase, NoticedRestore
from campaigns.models.tenant import CXoneTenant
from campaigns.models.wall import WallLink, WallTheme

__all__ = [
    "COMPLIANCE_HOLD",
    "EMERGENCY",
    "GUARD",
    "HOLIDAY",
    "Approval",
    "AssignmentRule",
    "Attempt",
    "AttemptOutcome",
    "Bulk",
    "CXoneTenant",
    "Calendar",
    "CalendarAssignment",
    "CalendarChange",
    "CalendarDeed",
    "CallingHoursRule",
    "CallsMinute",
    "CallsReading",
    "Campaign",
    "CampaignChange",
    "CampaignNumber",
    "Control",
    "CountedRecords",
    "Decision",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "Density",
    "Drain",
    "DrainSample",
    "Finding",
    "FindingCode",
    "FindingEnd",
    "GuardedStretch",
    "Handover",
    "Heartbeat",
    "Hold",
    "HoldEnd",
    "Holiday",
    "KnownDatabase",
    "LeftAlone",
    "MetricCount",
    "NoticedRestore",
    "Operation",
    "OperationKind",
    "Origin",
    "PauseSlot",
    "PeriodicJob",
    "Policy",
    "Preferences",
    "ReadingGap",
    "ReasonCode",
    "RequestSlot",
    "SavedView",
    "Seen",
    "Star",
    "SyncState",
    "Target",
    "Theme",
    "WallLink",
    "WallTheme",
    "has_tag",
]
