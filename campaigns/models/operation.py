"""Operations: everything that changes CXone, and each attempt at it."""

import uuid

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.states import IN_PROGRESS, TO_CARRY_OUT, State, WaitingFor


class OperationKind(models.TextChoices):
    PAUSE = "pause", "Pause"
    RESUME = "resume", "Resume"
    SCHEDULE = "schedule", "Schedule change"


class Origin(models.TextChoices):
    """Who asked: all ask for the same operations, which go the same way."""

    PERSON = "person", "A person"
    BULK = "bulk", "A bulk"
    GUARD = "guard", "The holiday guard"
    # It sees that a paused campaign dials again.
    WATCH = "watch", "The watch over confirmed pauses"


class Operation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=OperationKind)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="operations")
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=40, blank=True, help_text="A schedule change needs none.")
    note = models.CharField(max_length=500, blank=True)
    payload = models.JSONField(default=dict)
    # The result of a schedule change: the schedule that was sent, or the conflict (base, theirs and ours).
    applied = models.JSONField(null=True)
    conflict = models.JSONField(null=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    body_hash = models.CharField(max_length=64)
    override = models.BooleanField(default=False, help_text="The person confirmed to pause despite the calls.")

    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON, db_default=Origin.PERSON)
    bulk = models.ForeignKey("Bulk", on_delete=models.PROTECT, null=True, related_name="operations")
    # What this puts back as it was. A resume is carried out only while its campaign is still paused by that pause.
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    # The operation in progress whose place this pause takes as soon as a worker claims it; None after that.
    outranks = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="superseded")

    # The second person, where the policy wants one. It waits for them in the state PENDING.
    approved_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    approved_at = models.DateTimeField(null=True)

    # Held here until then: an instant, and the local time and zone in which it was entered, from which it is worked
    # out again when that zone's rules change. `entered_fold`: 1 for the second of two equal local times (PEP 495).
    not_before = models.DateTimeField(null=True)
    entered_local = models.CharField(max_length=19, blank=True, default="", db_default="")
    entered_fold = models.PositiveSmallIntegerField(default=0, db_default=0)
    entered_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    zone_data = models.CharField(max_length=20, blank=True, default="", db_default="")

    state = models.CharField(max_length=12, choices=[(s, s) for s in State], default=State.QUEUED)
    waiting_for = models.CharField(max_length=10, blank=True, default=WaitingFor.NOTHING)
    error = models.CharField(max_length=1000, blank=True)

    # When a worker may take it, or when it lapses while it waits for a second person. This, the lease and the wake-up
    # go by the database's clock, since machines' clocks differ.
    next_attempt_at = models.DateTimeField()
    enqueued_at = models.DateTimeField(null=True, db_column="rung_at")
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)

    failures = models.PositiveSmallIntegerField(default=0, help_text="Attempts that failed in a way worth a retry.")
    failing_since = models.DateTimeField(null=True, help_text="The first of the failures in a row until now.")
    retry_until = models.DateTimeField(null=True, help_text="Given up then, if it still fails.")
    requests = models.PositiveIntegerField(default=0)
    calls_before = models.PositiveIntegerField(null=True)
    calls_limit = models.PositiveIntegerField(null=True)
    compliance_check = models.CharField(max_length=20, blank=True)
    place_limit = models.PositiveSmallIntegerField(null=True)
    # The campaign's ETag at the last read; empty if CXone sent none.
    etag = models.TextField(blank=True, default="", db_default="")
    api_status = models.PositiveSmallIntegerField(null=True)
    payload_hash = models.CharField(max_length=64, blank=True)
    latency_ms = models.PositiveIntegerField(null=True)

    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    # The first request that CXone may have carried out. Empty again once it is known to have carried out none.
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="Read as asked for then, while a worker still had it.")
    accepted_at = models.DateTimeField(null=True)
    confirm_by = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(state__in=[str(s) for s in IN_PROGRESS], outranks=None),
                name="one_operation_in_progress_for_a_campaign",
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(state__in=[str(s) for s in IN_PROGRESS], outranks__isnull=False),
                name="one_pause_outranks_it",
            ),
            models.UniqueConstraint(
                fields=["campaign", "kind"],
                condition=Q(state=str(State.PENDING), not_before=None),
                name="one_of_a_kind_waits_for_a_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["-requested_at", "-id"]),
            models.Index(fields=["campaign", "-requested_at"]),
            models.Index(fields=["campaign", "-ended_at"], name="operations_by_end"),
            models.Index(fields=["by", "ended_at"], name="operations_of_a_person"),
            # Few of all. By no state: SQLite takes a partial index only for what it can tell without the parameters.
            models.Index(fields=["campaign"], condition=Q(ended_at=None), name="operations_not_ended"),
            models.Index(fields=["bulk", "state", "next_attempt_at"], name="operations_of_a_bulk"),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=[str(s) for s in TO_CARRY_OUT]),
                name="operations_due",
            ),
        ]
        permissions = [("cancel_operation", "Can cancel an operation that has sent nothing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.campaign_id} {self.state}"

    @property
    def in_progress(self) -> bool:
        return self.state in IN_PROGRESS


class AttemptOutcome(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"
    NOT_SENT = "not_sent", "Nothing happened"
    UNKNOWN = "unknown", "Outcome unknown"


class Attempt(models.Model):
    """One request that changes CXone, committed before its first byte is sent. No outcome: a worker died between the
    first byte and the response."""

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    fence = models.PositiveIntegerField()
    payload_hash = models.CharField(max_length=64)
    # The campaign's ETag that was read before this was sent; empty if CXone sent none.
    etag = models.TextField(blank=True, default="", db_default="")
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=AttemptOutcome, blank=True)
    api_status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("operation", "number")
        constraints = [models.UniqueConstraint(fields=["operation", "number"], name="attempt_numbers_are_unique")]

    def __str__(self) -> str:
        return f"attempt {self.number} {self.outcome or 'unanswered'}"


class PauseSlot(models.Model):
    """One of the concurrent pauses that the policy allows. Free if no operation holds it, or if its time is over."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    operation_id = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaigns_place"

    def __str__(self) -> str:
        return f"pause slot {self.number}"
