"""Policy: what admins decide. A migration creates the product's defaults."""

from django.db import models

# The reason with which the holiday guard pauses and resumes.
HOLIDAY = "HOLIDAY"
# The reason that is chosen when the emergency stop is opened.
EMERGENCY = "EMERGENCY"
# A hold pauses with this one, while it is offered for that.
COMPLIANCE_HOLD = "COMPLIANCE_HOLD"


class ReasonCode(models.Model):
    code = models.CharField(max_length=40, primary_key=True)
    label = models.CharField(max_length=100)
    overrides_calls_check = models.BooleanField(default=False)
    for_pause = models.BooleanField(default=True, help_text="Offered for a pause.")
    for_resume = models.BooleanField(default=True, help_text="Offered for a resume.")
    needs_note = models.BooleanField(
        default=False, db_default=False, help_text="People who give it must say more in a note."
    )
    order = models.PositiveSmallIntegerField(default=0)
    retired = models.BooleanField(default=False, help_text="No longer offered; operations on record keep it.")

    class Meta:
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.code

    @classmethod
    def labels(cls) -> dict[str, str]:
        """The labels of all codes, retired ones included: records have the codes."""
        return dict(cls.objects.values_list("code", "label"))

    @property
    def serves_the_guard(self) -> bool:
        """The holiday guard can pause any campaign with it."""
        return self.code == HOLIDAY and self.for_pause and self.overrides_calls_check and not self.retired


class CallingHoursRule(models.Model):
    """The weekdays and, in the campaign's time zone, the hours in which calls are lawful. `source`: the law."""

    name = models.CharField(max_length=100, unique=True)
    days = models.JSONField(help_text='The weekdays on which dialing is lawful: ["MON", "TUE", …].')
    earliest = models.TimeField()
    latest = models.TimeField()
    source = models.CharField(max_length=200)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ("-is_default", "name")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_calling_hours_rule"
            ),
            models.CheckConstraint(
                condition=models.Q(earliest__lt=models.F("latest")), name="calling_hours_end_after_they_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Policy(models.Model):
    """One row: the thresholds for all campaigns."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # A pause is rejected while more calls are in progress: a campaign may have a limit of its own.
    max_active_calls = models.PositiveIntegerField(default=50)
    # What the CXone licence tier allows in one schedule: five, for a working week of five days.
    max_windows = models.PositiveSmallIntegerField(default=5)
    # Further pauses wait for a slot. It is sent with each pause as `maxConcurrentPauses`.
    max_concurrent_pauses = models.PositiveSmallIntegerField(default=1)
    # How long a pause keeps trying while CXone can't be reached or fails.
    pause_patience_minutes = models.PositiveSmallIntegerField(default=30, db_default=30)
    # What fell due while all was down is still carried out if it is at most this late.
    late_minutes = models.PositiveSmallIntegerField(default=60, db_default=60)
    # A pause that a person asked for without an end is found to last too long after so many days.
    paused_too_long_days = models.PositiveSmallIntegerField(default=7, db_default=7)

    # What waits for a second person, and for how many minutes. A pause never does.
    two_for_resume = models.BooleanField(default=False, db_default=False)
    two_for_bulk = models.BooleanField(default=False, db_default=False)
    two_for_schedule = models.BooleanField(default=False, db_default=False)
    approval_minutes = models.PositiveSmallIntegerField(default=30, db_default=30)

    class Meta:
        verbose_name_plural = "policy"

    def __str__(self) -> str:
        return "policy"

    @classmethod
    def current(cls) -> "Policy":
        return cls.objects.get(pk=1)
