"""The product's tables. There are no rules in save() and no signals: requests and the runner decide."""

from campaigns.models.budget import RequestSlot
from campaigns.models.bulk import Bulk, CallsReading
from campaigns.models.campaign import Campaign, Control, SyncState
from campaigns.models.delivery import Delivery, DeliveryAttempt, DeliveryState
from campaigns.models.drain import Drain, DrainSample
from campaigns.models.guard import GUARD, GuardedStretch, LeftAlone
from campaigns.models.holiday import Calendar, Holiday
from campaigns.models.operation import Attempt, AttemptOutcome, Operation, OperationKind, Origin, PauseSlot
from campaigns.models.periodic import Heartbeat, PeriodicJob
from campaigns.models.policy import HOLIDAY, CallingHoursRule, Policy, ReasonCode

__all__ = [
    "GUARD",
    "HOLIDAY",
    "Attempt",
    "AttemptOutcome",
    "Bulk",
    "Calendar",
    "CallingHoursRule",
    "CallsReading",
    "Campaign",
    "Control",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "Drain",
    "DrainSample",
    "GuardedStretch",
    "Heartbeat",
    "Holiday",
    "LeftAlone",
    "Operation",
    "OperationKind",
    "Origin",
    "PauseSlot",
    "PeriodicJob",
    "Policy",
    "ReasonCode",
    "RequestSlot",
    "SyncState",
]
