"""The one tenant of CXone that a database is about, and what CXone says of it as a whole."""

from django.db import models


class CXoneTenant(models.Model):
    """One row. `connection`: where it is, and as whom it is asked, in words (campaigns.tenancy); "" until a process
    has begun. The full read writes the rest, in dialects that say anything of the kind. `zone_problem`: why no
    schedule can be written, for people; "" if one can.

    `counted_from`: how many requests had ever been sent when `counted_day` began (UTC).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    connection = models.CharField(max_length=500, blank=True, default="", db_default="")
    zone = models.CharField(max_length=100, blank=True)
    zone_problem = models.CharField(max_length=400, blank=True)
    daily_limit = models.PositiveBigIntegerField(null=True, help_text="Requests a day before CXone raises an alert.")
    counted_day = models.DateField(null=True)
    counted_from = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"tenant in {self.zone}"
