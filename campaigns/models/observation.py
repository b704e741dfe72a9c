"""What happened over time: changes of campaigns as reads of CXone showed them, calls in progress minute by minute,
when nothing was read at all, and which holiday calendars a campaign had."""

from django.db import models

from campaigns.models.campaign import Campaign
from campaigns.models.operation import Operation


class Seen(models.TextChoices):
    """What a row of `CampaignChange` says."""

    STATUS = "status", "Status"
    SCHEDULE = "schedule", "Dialing hours"
    NAME = "name", "Name"
    APPEARED = "appeared", "Appeared in CXone"
    GONE = "gone", "Left CXone"


class CampaignChange(models.Model):
    """One change of a campaign that a read of CXone showed, written in the transaction that saves it.

    A read sees a change some time after it happened. `happened_after`: the last moment at which we know that it had
    not happened yet; for a change by an operation, when that took effect. None: nobody can say.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=10, choices=Seen)
    # Of an appearance: {"status", "schedule", "name"} after it.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    seen_at = models.DateTimeField(help_text="When the read that showed it began: we know it since then.")
    happened_after = models.DateTimeField(null=True)
    # None: it was changed in CXone itself.
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, null=True, related_name="changes")

    class Meta:
        default_permissions = ()
        ordering = ("-seen_at", "-id")
        indexes = [models.Index(fields=["campaign", "-seen_at", "-id"], name="changes_of_a_campaign")]

    def __str__(self) -> str:
        return f"{self.what} of {self.campaign_id}"


class CalendarAssignment(models.Model):
    """From when to when a campaign had a holiday calendar."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments")
    # No foreign key: it outlives the calendar.
    calendar_number = models.PositiveBigIntegerField()
    calendar_name = models.CharField(max_length=100)
    since = models.DateTimeField(null=True, help_text="None: since before this was noted.")
    by = models.CharField(max_length=150, blank=True)
    until = models.DateTimeField(null=True)
    until_by = models.CharField(max_length=150, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "calendar_number"],
                condition=models.Q(until=None),
                name="one_assignment_of_a_calendar",
            )
        ]
        indexes = [models.Index(fields=["campaign", "since"], name="assignments_of_a_campaign")]

    def __str__(self) -> str:
        return f"{self.calendar_name} of {self.campaign_id}"


class CalendarDeed(models.TextChoices):
    ADDED = "added", "Holiday added"
    CHANGED = "changed", "Holiday changed"
    REMOVED = "removed", "Holiday removed"
    IMPORTED = "imported", "Holidays imported"
    SETTINGS = "settings", "Calendar changed"
    GUARD_ON = "guard_on", "Guard turned on"
    GUARD_OFF = "guard_off", "Guard turned off"
    DELETED = "deleted", "Calendar deleted"


class CalendarChange(models.Model):
    """A change of a holiday calendar that concerns its campaigns. `details`: what its sentence is made of."""

    calendar_number = models.PositiveBigIntegerField()
    calendar_name = models.CharField(max_length=100)
    did = models.CharField(max_length=10, choices=CalendarDeed)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    details = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=["calendar_number", "-at", "-id"], name="changes_of_a_calendar")]

    def __str__(self) -> str:
        return f"{self.did} in {self.calendar_name}"


class CampaignNumber(models.Model):
    """A small number for a campaign: its place in each minute of `CallsMinute`. It is never used again."""

    number = models.AutoField(primary_key=True)
    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="numbered")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number}: {self.campaign_id}"


class CallsMinute(models.Model):
    """The calls in progress of 256 campaigns at one moment of a minute, as campaigns.observation.calls packs them."""

    pk = models.CompositePrimaryKey("minute", "block")
    minute = models.DateTimeField()
    block = models.PositiveIntegerField()
    counts = models.BinaryField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"block {self.block} at {self.minute}"


class ReadingGap(models.Model):
    """CXone was not read for too long to know what happened: it failed, or this product was down."""

    since = models.DateTimeField(primary_key=True, help_text="The last good read before it.")
    until = models.DateTimeField(db_index=True, help_text="The first good read after it.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"not read from {self.since} to {self.until}"
