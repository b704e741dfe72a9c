"""Campaigns as last read from CXone, and how current that is."""

from django.db import models
from django.db.models import F

from campaigns.states import PAUSED, may_be_paused, may_be_resumed, plain


class Control(models.TextChoices):
    """Who caused the campaign's current status."""

    SCHEDULE = "schedule", "the schedule"
    PERSON = "person", "a person"
    OUTSIDE = "outside", "changed outside"
    BEFORE = "before", "since before we looked"


class Campaign(models.Model):
    id = models.CharField("CXone id", max_length=100, primary_key=True)
    name = models.CharField(max_length=300)
    status = models.CharField(max_length=60)
    schedule = models.JSONField(default=dict)
    timezone = models.CharField(max_length=64, blank=True)
    active_calls = models.PositiveIntegerField(default=0)
    # When the read that these values come from began, by the database's clock. Reads overlap: one that began before
    # this changes nothing.
    read_at = models.DateTimeField()
    status_since = models.DateTimeField(null=True)
    control = models.CharField(max_length=10, choices=Control, default=Control.SCHEDULE)
    controller = models.CharField(max_length=150, blank=True)
    # The operation that brought it into its status; None if none of ours did.
    explained_by = models.ForeignKey("Operation", on_delete=models.PROTECT, null=True, related_name="+")
    came_back_at = models.DateTimeField(null=True, help_text="It dials again, although nobody here resumed it.")
    gone_at = models.DateTimeField(null=True, help_text="CXone no longer lists it since then.")
    # Set by an event of CXone, which is only a hint: nothing in its body is trusted, the campaign is read instead.
    read_due_at = models.DateTimeField(null=True, db_index=True)
    hinted_read_at = models.DateTimeField(null=True, help_text="When the last read that an event caused began.")
    max_active_calls = models.PositiveIntegerField(null=True, help_text="Overrides the policy's threshold.")
    calling_hours = models.ForeignKey(
        "CallingHoursRule",
        on_delete=models.PROTECT,
        null=True,
        related_name="campaigns",
        help_text="Overrides the default rule.",
    )
    subscription_id = models.CharField(max_length=100, blank=True)
    # Set before the request is sent: if the response is lost, the subscription may exist, and is searched for before
    # another one is created.
    subscription_asked = models.BooleanField(default=False)
    subscription_due_at = models.DateTimeField(
        null=True, help_text="When it may be asked for again; until then a worker asks, or the last try failed."
    )

    class Meta:
        ordering = ("name", "id")
        indexes = [
            models.Index(fields=["name", "id"]),
            models.Index(fields=["status", "name"]),
        ]
        permissions = [
            ("pause_campaign", "Can pause campaigns"),
            ("resume_campaign", "Can resume campaigns"),
            ("edit_schedule", "Can edit schedule windows"),
            ("manage_policy", "Can edit policy, reason codes and calling-hours rules"),
            ("manage_holidays", "Can edit holiday calendars"),
            ("manage_deliveries", "Can see deliveries and send them again"),
        ]

    def __str__(self) -> str:
        return self.name or self.id

    @property
    def is_paused(self) -> bool:
        return plain(self.status) == PAUSED

    @property
    def may_be_paused(self) -> bool:
        return may_be_paused(self.status)

    @property
    def may_be_resumed(self) -> bool:
        return may_be_resumed(self.status)


class SyncState(models.Model):
    """One row: the state of reading CXone. `version` is incremented by every change that a page would show."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveBigIntegerField(default=0)
    last_good_at = models.DateTimeField(null=True)
    interval_seconds = models.PositiveIntegerField(default=15, help_text="The interval in effect.")
    requests = models.PositiveIntegerField(default=0, help_text="Requests that the last good read took.")
    read_wanted_at = models.DateTimeField(
        null=True, help_text="Somebody waits for a full read that begins after this moment."
    )
    failing_since = models.DateTimeField(null=True)
    # The circuit breaker of all background reads.
    unanswered = models.PositiveIntegerField(default=0, db_default=0, help_text="Failures of CXone in a row.")
    unanswered_since = models.DateTimeField(null=True)
    probe_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=600, blank=True)
    clock_ahead_seconds = models.IntegerField(
        null=True, help_text="How far CXone's clock is ahead of the database's, at the last good read that told."
    )

    def __str__(self) -> str:
        return f"version {self.version}"

    @classmethod
    def current(cls) -> "SyncState":
        return cls.objects.get(pk=1)

    @classmethod
    def bump(cls) -> None:
        """Make the pages refresh."""
        # Call it late in a transaction: every writer updates this one row, and waits while another one holds it.
        cls.objects.filter(pk=1).update(version=F("version") + 1)
