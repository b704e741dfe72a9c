"""Holiday calendars: which days a campaign should not dial, or only part of the day."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from campaigns.models.campaign import Campaign


class Calendar(models.Model):
    name = models.CharField(max_length=100, unique=True)
    zone = models.CharField(
        max_length=64, blank=True, help_text="Where its days begin and end; blank: in each campaign's own time zone."
    )
    # Renewed with each change of the calendar and of its holidays: names what was worked out from them.
    edition = models.UUIDField(default=uuid4, editable=False)
    campaigns = models.ManyToManyField(Campaign, blank=True, related_name="calendars")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    name = models.CharField(max_length=200)
    date = models.DateField()
    # Without these the whole day is restricted.
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
