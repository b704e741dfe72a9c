"""Deliveries to other systems: each notice is a row that is sent until it arrives."""

import uuid

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.operation import Operation


class Target(models.TextChoices):
    """Who a delivery is for."""

    WFM = "wfm", "The WFM system"
    # What nobody attends to.
    ATTENTION = "attention", "The address for attention notices"


class DeliveryState(models.TextChoices):
    PENDING = "pending", "Pending"
    DELIVERED = "delivered", "Delivered"
    PARKED = "parked", "Gave up"


class Delivery(models.Model):
    """`id`: the webhook's id, the same at each attempt. `body`: the bytes that are signed and sent.

    One for the WFM system is about one operation. An attention notice may be about many campaigns, and has none here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    target = models.CharField(max_length=10, choices=Target, default=Target.WFM, db_default=Target.WFM)
    number = models.PositiveBigIntegerField(unique=True, help_text="The order in which they were made.")
    event = models.CharField(max_length=40)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="deliveries")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="deliveries")
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    created_at = models.DateTimeField()
    # When it is parked if it hasn't been delivered; an admin may send it again.
    park_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    enqueued_at = models.DateTimeField(null=True, db_column="rung_at")
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=600, blank=True)
    delivered_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-number",)
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="pending"), name="deliveries_due"),
            models.Index(fields=["number"], condition=Q(state="parked"), name="deliveries_parked"),
            models.Index(fields=["campaign", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.state}"


class DeliveryAttempt(models.Model):
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    sent_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ("delivery", "number")

    def __str__(self) -> str:
        return f"attempt {self.number}"
