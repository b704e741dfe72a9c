"""Handovers: what one shift leaves to the next, and who took it over."""

from django.db import models
from django.db.models import Q


class Handover(models.Model):
    """`snapshot`: the floor as it was when the handover was written; no later change reaches it."""

    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=150)
    note = models.TextField(max_length=4000, blank=True)
    snapshot = models.JSONField()
    key = models.CharField(max_length=64, unique=True, help_text="The form's own: two clicks write one.")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)

    class Meta:
        default_permissions = ("view",)
        ordering = ("-written_at", "-id")
        indexes = [models.Index(fields=["-written_at", "-id"], name="handovers_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by="")
                | Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by=""),
                name="a_handover_is_acknowledged_by_somebody",
            ),
        ]
        permissions = [("write_handover", "Can write and acknowledge handovers")]

    def __str__(self) -> str:
        return f"handover by {self.written_by} at {self.written_at:%Y-%m-%d %H:%M} UTC"
