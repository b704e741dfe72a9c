"""The shared request budget as rows: a slot for each request, usable again 61 s after its last use."""

from django.db import models


class RequestSlot(models.Model):
    """Slot 0 is the gate: while its time lies ahead, no lane is open."""

    number = models.PositiveIntegerField(primary_key=True)
    # For a slot: free from then on. For the gate: closed until then.
    free_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"slot {self.number}"
