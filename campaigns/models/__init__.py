"""The product's rows. No rules in save(), no signals: actions and the runner decide."""

from campaigns.models.budget import RequestSlot
from campaigns.models.campaign import Campaign, Control, SyncState
from campaigns.models.drain import Drain, DrainSample
from campaigns.models.operation import Attempt, AttemptOutcome, Kind, Operation, Place
from campaigns.models.periodic import Heartbeat, PeriodicJob
from campaigns.models.policy import Policy, ReasonCode

__all__ = [
    "Attempt",
    "AttemptOutcome",
    "Campaign",
    "Control",
    "Drain",
    "DrainSample",
    "Heartbeat",
    "Kind",
    "Operation",
    "PeriodicJob",
    "Place",
    "Policy",
    "ReasonCode",
    "RequestSlot",
    "SyncState",
]
