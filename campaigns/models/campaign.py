"""Campaigns as last read from CXone, and how current that is."""

from collections.abc import Collection

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower
from django.db.models.lookups import In

from campaigns.cxone.fields import is_tag_name
from campaigns.prepared import bump_version
from campaigns.schedule.due_times import in_words
from campaigns.states import PAUSED, may_be_paused, may_be_resumed, plain


def has_tag(name: str, texts: Collection[str]) -> Q | In:
    """Campaigns that have one of `texts` under that name. None has a name that is no tag's, which a database may not
    even be asked for."""
    if not is_tag_name(name):
        return Q(pk__in=())
    return In(KeyTextTransform(name, "tags"), texts)


class Control(models.TextChoices):
    """Who caused the campaign's current status."""

    SCHEDULE = "schedule", "the schedule"
    PERSON = "person", "a person"
    OUTSIDE = "outside", "changed in CXone"
    BEFORE = "before", "since before we looked"


class Campaign(models.Model):
    id = models.CharField("CXone id", max_length=100, primary_key=True)
    name = models.CharField(max_length=300)
    status = models.CharField(max_length=60)
    schedule = models.JSONField(default=dict)
    timezone = models.CharField(max_length=64, blank=True)
    # Words to group campaigns by, such as {"client": "Northwind", "region": "Florida"}; {} if CXone gives none.
    tags = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    # Of the state in CXone that name, status, schedule and tags were stored from. "": from somewhere else, so that the
    # next full read compares them.
    state_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    active_calls = models.PositiveIntegerField(default=0)
    # Whether a dialing window is open, and until when that is certain: worked out whenever the schedule is read and
    # each time that moment comes. None: nobody can say.
    window_open = models.BooleanField(null=True)
    window_changes_at = models.DateTimeField(null=True, db_index=True)
    # More calls than its limit since then; None while there aren't.
    over_limit_since = models.DateTimeField(null=True)
    # How urgently somebody should look at it; 0 without an open finding. Written together with its findings.
    urgency = models.PositiveSmallIntegerField(default=0, db_default=0)
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
    # The compliance hold in force. Its row is locked where one is placed or lifted, and by whoever sends a resume or a
    # schedule change: so that of the two, one sees the other.
    hold = models.ForeignKey("Hold", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
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
            # As people read names: the list in their order needn't sort all of them.
            models.Index(Lower("name"), "id", name="campaigns_by_name"),
            models.Index(fields=["status", "name"]),
            models.Index(fields=["-urgency", "-active_calls", "name"], name="campaigns_by_urgency"),
            # All that the counts above the list look at, so that counting thousands doesn't read their rows. No column
            # that is filtered by elsewhere comes first: SQLite would choose it for a page, and then sort that.
            models.Index(
                fields=["active_calls", "urgency", "status", "window_open", "window_changes_at", "gone_at"],
                name="campaigns_by_state",
            ),
            models.Index(
                fields=["came_back_at"], condition=Q(came_back_at__isnull=False), name="campaigns_that_came_back"
            ),
            models.Index(fields=["hold"], condition=Q(hold__isnull=False), name="campaigns_on_hold"),
        ]
        permissions = [
            ("pause_campaign", "Can pause campaigns"),
            ("resume_campaign", "Can resume campaigns"),
            ("edit_schedule", "Can edit schedule windows"),
            ("hold_campaign", "Can place and lift compliance holds"),
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

    @property
    def hold_until(self) -> str:
        """When its hold ends by itself, as clocks show it where the campaign is; "" if somebody is to lift it."""
        until = self.hold.until if self.hold else None
        return in_words(until, self.timezone) if until else ""

    @property
    def is_at_rest(self) -> bool:
        """CXone takes neither a pause nor a resume of it."""
        return not (self.is_paused or self.may_be_paused)


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
    unreadable = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Entries of CXone's list that couldn't be read, at the last good read."
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
        bump_version()
