"""Which database this is, and when it was found to be a restored or older copy of what the product had worked on."""

from django.db import models


class KnownDatabase(models.Model):
    """One row: the database as the dispatchers last saw it. A restored copy brings along the row of its original.

    `identity`: what PostgreSQL says of itself (campaigns.restoring.identity); {} until a dispatcher has looked.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    identity = models.JSONField(default=dict)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"database as seen at {self.seen_at}"


class NoticedRestore(models.Model):
    """The operations that were open then have ended. Open until somebody acknowledges it (`acknowledge_restore`)."""

    noticed_at = models.DateTimeField()
    cause = models.CharField(max_length=500, help_text="By what it was noticed, as a sentence.")
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"restore noticed at {self.noticed_at}"
