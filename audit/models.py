"""The ledger's tables, and those derived from them.

Only `audit.ledger` writes records and the head; triggers reject changes (audit/triggers.py). Rollups, spans, postings
and suggestions can be rebuilt from the records at any time; the watch has the state of the verification.
"""

from typing import Any

from django.db import models

from audit import chain, kinds, sentences


class Record(models.Model):
    """One event, recorded once. Fields as in docs/audit.md, and `body`, the bytes that were hashed.

    It has values instead of foreign keys, since a record outlives what it describes.
    """

    number = models.BigIntegerField(primary_key=True)
    timestamp = models.DateTimeField()
    kind = models.CharField(max_length=40)
    action = models.CharField(max_length=40)
    status = models.CharField(max_length=10)
    by = models.CharField(max_length=150)
    campaign_id = models.CharField(max_length=100)
    campaign_name = models.CharField(max_length=300)
    operation = models.UUIDField(null=True, db_index=True)
    reason = models.CharField(max_length=500)
    latency_ms = models.BigIntegerField(null=True)
    payload_hash = models.CharField(max_length=64)
    api_response_status = models.BigIntegerField(null=True)
    compliance_check = models.CharField(max_length=200)
    concurrent_pause_limit = models.BigIntegerField(null=True)
    webhook_subscription_id = models.CharField(max_length=100)
    error = models.CharField(max_length=2000)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()

    class Meta:
        default_permissions = ("view",)
        permissions = [("export_record", "Can export the audit"), ("verify_record", "Can verify the audit")]
        indexes = [
            models.Index(fields=["campaign_id", "-number"], name="audit_by_campaign"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """What happened, as one sentence in plain text, with reason codes as they are."""
        return sentences.sentence_of(self)

    @property
    def kind_in_words(self) -> str:
        """The kind's label; for a kind that isn't listed, its value."""
        return kinds.LABELS.get(self.kind, self.kind)

    @property
    def parts(self) -> tuple[str, str, str]:
        """The sentence before the campaign, the campaign, and the rest."""
        return sentences.sentence_parts(self)

    def shown(self) -> dict[str, Any]:
        """All exported fields as JSON values, in the export's order."""
        values = {field: getattr(self, field) for field in chain.FIELDS}
        values["timestamp"] = chain.format_time(self.timestamp)
        values["operation"] = str(self.operation) if self.operation else None
        return values


class Head(models.Model):
    """The end of the chain. Every append locks this single row, so numbers have no gaps."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head")]

    def __str__(self) -> str:
        return f"head at {self.number}"


class Tally(models.Model):
    """How often something happened in one hour (audit.flood_limit)."""

    key = models.CharField(max_length=200)
    window = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=0)
    # The distinct values in this hour, if the caller wants each recorded once. At most 200.
    seen = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="audit_one_tally_an_hour")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class FoldingProgress(models.Model):
    """The watermark of folding: derived rows include every record up to `number`. One row, locked while folding."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    # Changes with a rebuild and with a late record, so that what was cached under the old one is never read again.
    generation = models.PositiveIntegerField(default=1)

    class Meta:
        default_permissions = ()
        db_table = "audit_progress"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_progress")]

    def __str__(self) -> str:
        return f"derived up to {self.number}"


class Rollup(models.Model):
    """The figures of one hour (UTC) and action, for one campaign or (empty `campaign_id`) for all of them."""

    hour = models.DateTimeField()
    campaign_id = models.CharField(max_length=100)
    action = models.CharField(max_length=40)
    # As audit.statistics.figures stores them.
    figures = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["campaign_id", "hour", "action"], name="audit_one_rollup_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.campaign_id or 'all'} in {self.hour:%Y-%m-%d %H}h"


class Span(models.Model):
    """The lowest and the highest number of the records of one hour (UTC)."""

    hour = models.DateTimeField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h: {self.first} to {self.last}"


class Posting(models.Model):
    """The set of a block's records that have a term (audit.search.index)."""

    pk = models.CompositePrimaryKey("block", "term")
    block = models.IntegerField()
    term = models.BinaryField()
    # The records' positions in the block, in the stored form of audit.search.bitmaps.
    positions = models.BinaryField(db_column="places")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{bytes(self.term).decode(errors='replace')} in block {self.block}"


class Suggestion(models.Model):
    """A person or campaign to suggest in a filter, with its newest label and the number of the newest record."""

    column = models.CharField(max_length=20)
    value = models.CharField(max_length=150)
    label = models.CharField(max_length=300)
    number = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        db_table = "audit_name"
        constraints = [models.UniqueConstraint(fields=["column", "value"], name="audit_one_name_a_value")]
        indexes = [models.Index(fields=["column", "-number"], name="audit_newest_names")]

    def __str__(self) -> str:
        return f"{self.value}: {self.label}"


class CampaignName(models.Model):
    """A name that a campaign has on record, with the number of the newest record: campaigns are found by their names.

    `folded`: the name in lower case, as it is compared.
    """

    campaign_id = models.CharField(max_length=100)
    name = models.CharField(max_length=300)
    folded = models.TextField()
    number = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["campaign_id", "name"], name="audit_one_row_a_campaign_name")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.name}"


class PauseBegan(models.Model):
    """Since when a campaign has been paused, according to the records: for the time that it was paused."""

    campaign_id = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.campaign_id} since {self.at:%Y-%m-%d %H:%M}"


class Watch(models.Model):
    """The state of the verification, in one row. A time of None: never yet. `break_number` None: no known break."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    # New records have been checked up to here, from record 1 on, in separate steps.
    checked_number = models.BigIntegerField(default=0)
    checked_digest = models.CharField(max_length=64, default=chain.GENESIS)
    checked_at = models.DateTimeField(null=True)
    # Old records are checked in rounds: where the present round is, and when the last one ended.
    round_number = models.BigIntegerField(default=0)
    round_digest = models.CharField(max_length=64, default=chain.GENESIS)
    round_ended_at = models.DateTimeField(null=True)
    round_records = models.BigIntegerField(default=0)
    # From the request to the end; None if nobody requested it: such a round goes on a little each minute.
    round_seconds = models.FloatField(null=True)
    # Who requested the present round, and when. It began at record 1.
    wanted_at = models.DateTimeField(null=True)
    wanted_by = models.CharField(max_length=150)
    break_number = models.BigIntegerField(null=True)
    break_fault = models.CharField(max_length=500)
    break_found_at = models.DateTimeField(null=True)
    checkpoint_number = models.BigIntegerField(default=0)
    checkpoint_at = models.DateTimeField(null=True)
    checkpoint_error = models.CharField(max_length=500)
    # Acknowledged restores, as the checkpoints say (audit.integrity.restores).
    restores = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_watch")]

    def __str__(self) -> str:
        return f"checked up to {self.checked_number}"

    @property
    def known_break(self) -> chain.Break | None:
        """The break that was found and not yet cleared, if any."""
        if self.break_number is None:
            return None
        return chain.Break(self.break_number, self.break_fault)
