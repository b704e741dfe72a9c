"""Findings: facts about a campaign that somebody should act on."""

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign
from campaigns.models.holiday import Calendar


class FindingCode(models.TextChoices):
    """What was found, the most urgent first. The texts are in campaigns.attention."""

    DIALING_ON_HOLD = "dialing_on_hold", "Dialing although on hold"
    CAME_BACK = "came_back", "Came back after a pause"
    CALLS_OUTSIDE_HOURS = "calls_outside_hours", "Calls outside hours"
    DIALING_ON_HOLIDAY = "dialing_on_holiday", "Dialing on a holiday"
    OPERATION_UNCONFIRMED = "operation_unconfirmed", "Not confirmed"
    OPERATION_FAILED = "operation_failed", "Failed"
    OPERATION_STUCK = "operation_stuck", "Taking too long"
    CALLS_OVER_LIMIT = "calls_over_limit", "Calls over the limit"
    SCHEDULE_CONFLICT = "schedule_conflict", "Schedule conflict"
    CHANGED_IN_CXONE = "changed_in_cxone", "Changed in CXone"
    PAUSED_TOO_LONG = "paused_too_long", "Paused longer than planned"
    NO_CALENDAR_NEXT_YEAR = "no_calendar_next_year", "No calendar for next year"


class FindingEnd(models.TextChoices):
    GONE = "gone", "Its cause is gone"
    SUPERSEDED = "superseded", "A later operation of the same kind took its place"
    DISMISSED = "dismissed", "Dismissed by a person"


class Finding(models.Model):
    """Open while `ended_at` is empty. It is about a campaign, or about a calendar.

    `cause` names what it is about, an operation's id for instance: a finding that somebody dismissed returns only with
    another cause.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="findings")
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, null=True, related_name="findings")
    code = models.CharField(max_length=30, choices=FindingCode)
    cause = models.CharField(max_length=100)
    since = models.DateTimeField(help_text="When what was found began.")
    details = models.JSONField(default=dict, help_text="What its sentence is made of.")
    opened_at = models.DateTimeField(help_text="When we saw it.")
    # Somebody is on it: nobody else need be notified.
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=150, blank=True)
    notified_at = models.DateTimeField(null=True, help_text="When a notice was sent, since nobody attended to it.")
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, choices=FindingEnd, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True, help_text="Why it was dismissed.")

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "code"],
                condition=Q(ended_at=None, campaign__isnull=False),
                name="one_open_finding_of_a_kind_for_a_campaign",
            ),
            models.UniqueConstraint(
                fields=["calendar", "code"],
                condition=Q(ended_at=None, calendar__isnull=False),
                name="one_open_finding_of_a_kind_for_a_calendar",
            ),
            models.CheckConstraint(
                condition=Q(campaign__isnull=False, calendar=None) | Q(campaign=None, calendar__isnull=False),
                name="a_finding_is_about_a_campaign_or_a_calendar",
            ),
        ]
        indexes = [
            models.Index(fields=["code", "since"], condition=Q(ended_at=None), name="findings_open"),
            models.Index(fields=["campaign", "code", "cause"], name="findings_by_cause"),
            models.Index(fields=["campaign", "-opened_at"], name="findings_of_a_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.campaign_id or self.calendar_id}"
