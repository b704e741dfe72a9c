"""Approvals: requests that wait for a second person, and what became of each."""

import uuid

from django.db import models
from django.db.models import Q

from campaigns.models.bulk import Bulk
from campaigns.models.operation import Operation


class Decision(models.TextChoices):
    """How the waiting ended."""

    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    LAPSED = "lapsed", "Lapsed"
    # Cancelled, or a pause took its place.
    WITHDRAWN = "withdrawn", "Withdrawn"


class Approval(models.Model):
    """One request for a second person's approval: of an operation, or of a whole bulk.

    `digest`: the hash of exactly what is to be approved; an approval of anything else counts for nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="approvals")
    bulk = models.ForeignKey(Bulk, on_delete=models.PROTECT, null=True, related_name="approvals")
    by = models.CharField(max_length=150, help_text="Who asked. That person can't approve it.")
    digest = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    enqueued_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=10, choices=Decision, blank=True, default="")
    decided_by = models.CharField(max_length=150, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="", help_text="Of a refusal.")

    class Meta:
        default_permissions = ()
        ordering = ("-asked_at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(operation=None, bulk__isnull=False) | Q(operation__isnull=False, bulk=None),
                name="an_approval_is_of_an_operation_or_of_a_bulk",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | ~Q(decision="") & Q(decided_at__isnull=False),
                name="a_decision_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["operation"], condition=Q(decision=""), name="one_approval_waits_for_an_operation"
            ),
            models.UniqueConstraint(fields=["bulk"], condition=Q(decision=""), name="one_approval_waits_for_a_bulk"),
        ]
        indexes = [
            models.Index(fields=["lapses_at"], condition=Q(decision=""), name="approvals_that_wait"),
            models.Index(fields=["-decided_at"], name="approvals_by_decision"),
        ]
        permissions = [("give_approval", "Can approve or refuse what another person asked for")]

    def __str__(self) -> str:
        return f"approval asked by {self.by} {self.decision or 'waits'}"

    @property
    def is_open(self) -> bool:
        return self.decision == ""
