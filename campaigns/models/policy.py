"""Policy: what an admin decides. Seeded by a migration with the product's defaults."""

from django.db import models


class ReasonCode(models.Model):
    code = models.CharField(max_length=40, primary_key=True)
    label = models.CharField(max_length=100)
    overrides_calls_check = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "code")

    def __str__(self) -> str:
        return self.code


class Policy(models.Model):
    """One row of thresholds."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    max_active_calls = models.PositiveIntegerField(default=50)
    max_windows = models.PositiveSmallIntegerField(default=5)
    max_concurrent_pauses = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name_plural = "policy"

    def __str__(self) -> str:
        return "policy"

    @classmethod
    def current(cls) -> "Policy":
        return cls.objects.get(pk=1)
