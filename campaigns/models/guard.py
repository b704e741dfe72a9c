"""What the holiday guard has asked for: a row for each campaign and stretch of restricted time."""

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.operation import Operation

# Its name on record, beside the names of people.
GUARD = "Holiday guard"


class LeftAlone(models.TextChoices):
    """Why the guard does nothing more to a campaign until the stretch is over."""

    NO = "", "It isn't"
    PAUSED_BEFORE = "paused", "Somebody had paused it before the stretch began"
    CHANGED = "changed", "Somebody changed it after the guard had paused it"
    CANCELLED = "cancelled", "Somebody cancelled the guard's pause"
    ON_HOLD = "on_hold", "A compliance hold kept it paused when the stretch ended"


class GuardedStretch(models.Model):
    """Time in which guarded calendars restrict a campaign without a gap. Open while the guard has something to do or
    to leave alone."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="guarded_stretches")
    # As last worked out from the holidays, which may change while it lasts.
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    holidays = models.CharField(max_length=500, help_text="Their names with their calendars'.")

    pause = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="+")
    resume = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="+")
    left_alone = models.CharField(max_length=10, choices=LeftAlone, blank=True, default=LeftAlone.NO)
    # Set before the guard cancels its own pause, so that a cancelled one without it is somebody else's decision.
    withdrawn = models.BooleanField(default=False)
    # How often the guard has asked. Part of the operation's key: two processes that ask at once are one request.
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("campaign", "begins")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(closed_at=None), name="one_open_stretch_for_a_campaign"
            ),
            models.CheckConstraint(condition=Q(begins__lt=models.F("ends")), name="a_stretch_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} from {self.begins:%Y-%m-%d %H:%M} UTC"
