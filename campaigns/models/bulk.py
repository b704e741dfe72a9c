"""Bulks: one request to pause or resume many campaigns. Each gets an operation of its own."""

import uuid
from datetime import datetime

from django.db import models

from campaigns.models.operation import OperationKind
from campaigns.states import WaitingFor


class Bulk(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=OperationKind)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=40)
    note = models.CharField(max_length=500, blank=True)
    override = models.BooleanField(default=False, help_text="The reason overrides the calls check.")
    payload = models.JSONField(default=dict, help_text="That of each of its operations.")
    # What was chosen, for the record, and the campaigns that this was when it was confirmed, in order.
    selection = models.JSONField(default=dict)
    campaign_ids = models.JSONField(default=list)
    # Lists of bulks tell it without reading all those ids.
    number = models.PositiveIntegerField(help_text="How many campaigns these are.")
    # A resume of exactly what that bulk paused.
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    idempotency_key = models.CharField(max_length=64, unique=True)
    body_hash = models.CharField(max_length=64)

    # It waits for a second person, and until then for no worker. Who that was, and when.
    pending = models.BooleanField(default=False, db_default=False)
    approved_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    approved_at = models.DateTimeField(null=True)

    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)
    requests = models.PositiveIntegerField(default=0, help_text="Requests that no single operation counts.")

    # When a worker may take it, as for an operation, and what it waits for until then.
    waiting_for = models.CharField(max_length=10, blank=True, default=WaitingFor.NOTHING)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Batches in a row that CXone took nothing of.")
    failing_since = models.DateTimeField(null=True, help_text="The first of them.")
    next_attempt_at = models.DateTimeField()
    enqueued_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-requested_at", "-id")
        indexes = [
            models.Index(fields=["-requested_at", "-id"]),
            models.Index(fields=["by", "ended_at"], name="bulks_of_a_person"),
            models.Index(fields=["next_attempt_at"], condition=models.Q(ended_at=None), name="bulks_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.number:,} campaign{'' if self.number == 1 else 's'}"

    @property
    def begins_at(self) -> datetime:
        """From when on it may be carried out."""
        return self.approved_at or self.requested_at


class CallsReading(models.Model):
    """One row: the calls in progress of all campaigns as CXone last counted them. One query answers for many."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(help_text="When the query began, by the database's clock.")
    calls = models.JSONField(default=dict, help_text="By campaign id; one that isn't here has none.")

    def __str__(self) -> str:
        return f"calls at {self.at}"
