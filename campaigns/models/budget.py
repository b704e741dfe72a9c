"""The request budget that all processes share: a row for each request of a minute."""

from django.db import models


class RequestSlot(models.Model):
    """A request that may be sent, usable again 61 s after its last use. Slot 0 is the gate: all lanes are closed while
    its time is in the future. Beyond the largest rate there is one for background reads alone.

    `uses`: how often it was, so that all together tell how many requests were sent.
    """

    number = models.PositiveIntegerField(primary_key=True)
    # By the database's clock. A slot is free from then on; the gate is closed until then, after a Retry-After.
    free_at = models.DateTimeField(db_index=True)
    uses = models.BigIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"slot {self.number}"
