"""Compliance holds: while one is in force, nobody resumes its campaign or changes its schedule."""

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign


class HoldEnd(models.TextChoices):
    LIFTED = "lifted", "Lifted by a person"
    EXPIRED = "expired", "Its time was over"


class Hold(models.Model):
    """In force while `ended_at` is empty, and while `Campaign.hold` names it: both are written together.

    A time `until` doesn't end it by itself: whoever sees that it has passed does, on record.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="holds")
    placed_by = models.CharField(max_length=150)
    placed_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=HoldEnd, blank=True, default="")
    lifted_by = models.CharField(max_length=150, blank=True, default="")
    lifted_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ("-placed_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(ended_at=None), name="one_hold_in_force_on_a_campaign"
            ),
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(ended_at=None), name="holds_in_force_by_end"),
            models.Index(fields=["campaign", "-placed_at"], name="holds_of_a_campaign"),
            # For the spans of a day, and of a shift.
            models.Index(fields=["placed_at"], name="holds_by_begin"),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} on {self.campaign_id}"
