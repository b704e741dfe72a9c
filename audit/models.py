"""The ledger's rows, and what is derived from them.

`audit.ledger` alone writes records and the head; triggers refuse changes (audit/triggers.py). Rollups, spans, postings
and suggestions can be rebuilt from the records at any time; a watch holds what verification last found.
"""

from typing import Any

from django.db import models

from audit import chain, kinds, sentences


class Record(models.Model):
    """One fact, recorded once. Plain values instead of foreign keys: a record outlives what it describes."""

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
        """What happened, as one sentence in plain text."""
        return sentences.sentence_of(self)

    @property
    def kind_in_words(self) -> str:
        """A kind that isn't listed is shown as it is."""
        return kinds.LABELS.get(self.kind, self.kind)

    @property
    def parts(self) -> tuple[str, str, str]:
        """The sentence up to the campaign, the campaign, and the rest."""
        return sentences.sentence_parts(self)

    def shown(self) -> dict[str, Any]:
        """Every exported field as a JSON value, in the export's order."""
        values = {field: getattr(self, field) for field in chain.FIELDS}
        values["timestamp"] = chain.format_time(self.timestamp)
        values["operation"] = str(self.operation) if self.operation else None
        return values


class Head(models.Model):
    """Where the chain ends. The one row is locked by every append, which makes the numbers gapless."""

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
    # Which different ones there were, where that matters; a bounded list.
    seen = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["key", "window"], name="audit_one_tally_an_hour")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class FoldingProgress(models.Model):
    """How far the derived rows have come: they cover every record up to `number`. One row, locked while folding."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    # Another one when everything is rebuilt or a record comes late: what was cached under the old one is never read.
    generation = models.PositiveIntegerField(default=1)

    class Meta:
        default_permissions = ()
        db_table = "audit_progress"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_progress")]

    def __str__(self) -> str:
        return f"derived up to {self.number}"


class Rollup(models.Model):
    """What became of one hour's operations (UTC), of one campaign or, with no `campaign_id`, of all of them."""

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
    """The lowest and the highest number of the records whose time is in this hour (UTC)."""

    hour = models.DateTimeField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h: {self.first} to {self.last}"


class Posting(models.Model):
    """Which records of a block have a term (audit.search.index)."""

    pk = models.CompositePrimaryKey("block", "term")
    block = models.IntegerField()
    term = models.BinaryField()
    # The records' numbers within the block, as audit.search.bitmaps stores them.
    positions = models.BinaryField(db_column="places")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{bytes(self.term).decode(errors='replace')} in block {self.block}"


class Suggestion(models.Model):
    """A person or a campaign to suggest in a filter, its newest label, and the newest record that names it."""

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


class Watch(models.Model):
    """What verification last found. One row. No time: not yet; no `break_number`: no break is known."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    # The chain was walked from record 1 to here, in steps that may lie apart.
    checked_number = models.BigIntegerField(default=0)
    checked_digest = models.CharField(max_length=64, default=chain.GENESIS)
    checked_at = models.DateTimeField(null=True)
    # A second walk goes round and round over the old records: where it is, and when it last came to the end.
    round_number = models.BigIntegerField(default=0)
    round_digest = models.CharField(max_length=64, default=chain.GENESIS)
    round_ended_at = models.DateTimeField(null=True)
    round_records = models.BigIntegerField(default=0)
    # Somebody waits for the round to come to its end; it was begun anew for them.
    wanted_at = models.DateTimeField(null=True)
    wanted_by = models.CharField(max_length=150)
    break_number = models.BigIntegerField(null=True)
    break_fault = models.CharField(max_length=500)
    break_found_at = models.DateTimeField(null=True)
    checkpoint_number = models.BigIntegerField(default=0)
    checkpoint_at = models.DateTimeField(null=True)
    checkpoint_error = models.CharField(max_length=500)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_watch")]

    def __str__(self) -> str:
        return f"checked up to {self.checked_number}"

    @property
    def known_break(self) -> chain.Break | None:
        """Where the audit is known to be changed, and what is wrong there."""
        if self.break_number is None:
            return None
        return chain.Break(self.break_number, self.break_fault)
