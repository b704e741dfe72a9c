"""Holiday calendars: the days and hours in which a campaign should not dial."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign


class Calendar(models.Model):
    name = models.CharField(max_length=100, unique=True)
    zone = models.CharField(
        max_length=64, blank=True, help_text="Where its days begin and end; blank: in each campaign's own time zone."
    )
    # Replaced with each change of the calendar or of its holidays. Processes cache what they compute from both under
    # this key, so that a cached result is never stale.
    edition = models.UUIDField(default=uuid4, editable=False)
    guarded = models.BooleanField(
        default=False, db_default=False, help_text="The holiday guard pauses its campaigns while a holiday lasts."
    )
    campaigns = models.ManyToManyField(Campaign, blank=True, related_name="calendars")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    name = models.CharField(max_length=200)
    date = models.DateField()
    # Without hours the whole day is restricted. A time of day can't be 24:00: 23:59 as an end means midnight.
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    every_year = models.BooleanField(default=False)
    observed = models.BooleanField(default=False, help_text="Saturday moves to Friday, Sunday to Monday.")
    uid = models.CharField(max_length=255, blank=True, help_text="Of the calendar file that it came from.")

    class Meta:
        ordering = ("date", "name")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date", "name"], name="a_holiday_is_named_once_a_day"),
            models.CheckConstraint(
                condition=Q(starts=None, ends=None) | Q(starts__lt=models.F("ends")),
                name="restricted_hours_end_after_they_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.date}"


class AssignmentRule(models.Model):
    """Campaigns that get the calendar by themselves: those for which all that is given holds."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="rules")
    name_part = models.CharField(max_length=100, blank=True, help_text="Their name contains it, in any case.")
    zone = models.CharField(max_length=64, blank=True, help_text="By the zone's current name.")
    tag = models.CharField(max_length=200, blank=True, help_text='As in "region:Florida".')
    made_by = models.CharField(max_length=150)
    # A campaign that somebody has taken out since then stays out.
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("made_at", "pk")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "name_part", "zone", "tag"], name="an_assignment_rule_is_made_once"
            ),
            models.CheckConstraint(
                condition=~Q(name_part="", zone="", tag=""), name="an_assignment_rule_has_a_condition"
            ),
        ]

    def __str__(self) -> str:
        """As in "name contains “renewal”, tag region: Florida"."""
        said = []
        if self.name_part:
            said.append(f"name contains “{self.name_part}”")
        if self.zone:
            said.append(f"time zone {self.zone}")
        if self.tag:
            said.append("tag " + self.tag.replace(":", ": ", 1))
        return ", ".join(said)
