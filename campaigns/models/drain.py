"""Drains: how the calls in progress of a paused campaign end, in samples."""

from django.db import models

from campaigns.models.campaign import Campaign
from campaigns.models.operation import Operation


class DrainEnd(models.TextChoices):
    EMPTY = "empty", "the last call has ended"
    DEADLINE = "deadline", "calls were still in progress at the deadline"
    RESUMED = "resumed", "the campaign was dialing again"


class Drain(models.Model):
    operation = models.OneToOneField(Operation, on_delete=models.PROTECT, primary_key=True, related_name="drain")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="drains")
    started_at = models.DateTimeField(help_text="When CXone accepted the pause.")
    calls_at_start = models.PositiveIntegerField()
    deadline = models.DateTimeField()
    # From this campaign's earlier drains, as known when this one began; None without enough of them.
    expected_median_seconds = models.FloatField(null=True)
    expected_p90_seconds = models.FloatField(null=True)
    ended_at = models.DateTimeField(null=True, db_index=True)
    end = models.CharField(max_length=10, choices=DrainEnd, blank=True)
    calls_at_end = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return f"drain of {self.campaign_id}"

    @property
    def calls_ended(self) -> int | None:
        """The number of calls that ended between the pause and the last sample; None during the drain."""
        if self.calls_at_end is None:
            return None
        return max(self.calls_at_start - self.calls_at_end, 0)

    @property
    def share_ended(self) -> float | None:
        """The share of the calls at the start that ended, from 0 to 1; None during the drain."""
        if self.calls_ended is None:
            return None
        if self.calls_at_start:
            return self.calls_ended / self.calls_at_start
        return 1.0

    @property
    def seconds(self) -> float | None:
        if self.ended_at:
            return (self.ended_at - self.started_at).total_seconds()
        return None

    @property
    def calls_per_minute(self) -> float | None:
        """The average rate at which calls ended; None during the drain."""
        if self.calls_ended is None or not self.seconds:
            return None
        return self.calls_ended * 60 / self.seconds


class DrainSample(models.Model):
    drain = models.ForeignKey(Drain, on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField()
    calls = models.PositiveIntegerField()

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.calls} calls"
