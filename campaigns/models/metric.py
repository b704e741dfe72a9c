"""Counts for monitoring that no other row has, and how far the audit was counted for them."""

from django.db import models


class MetricCount(models.Model):
    """How often something has happened so far: of one metric with these values of its labels, or in one bucket of a
    histogram. Whichever process adds to it, it only ever grows.

    `labels`: their values as a JSON list; of a bucket, its upper bound. `total`: the sum of what a bucket has counted.
    """

    metric = models.CharField(max_length=80)
    labels = models.CharField(max_length=120)
    count = models.BigIntegerField(default=0)
    total = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "labels"], name="one_count_for_the_same_labels")]

    def __str__(self) -> str:
        return f"{self.metric} {self.labels}: {self.count}"


class CountedRecords(models.Model):
    """One row: up to which number the audit's records are in those counts."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return f"counted up to {self.number}"
