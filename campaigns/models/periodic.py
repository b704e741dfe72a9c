"""Periodic work as rows with a next time, and the heartbeats of the dispatchers that enqueue it."""

from django.db import models


class PeriodicJob(models.Model):
    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField(db_index=True)
    # The dispatcher that enqueues a job moves `next_at` on by this; the job itself may move it again.
    every_seconds = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a dispatcher last went round, by its host and process id."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
