"""Periodic jobs with the time of their next run, and the heartbeats of the dispatchers that enqueue them."""

from django.db import models


class PeriodicJob(models.Model):
    name = models.CharField(max_length=40, primary_key=True)
    next_at = models.DateTimeField(db_index=True)
    # The dispatcher that enqueues a job advances `next_at` by this; the job itself may change it again.
    every_seconds = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a dispatcher last completed a round. `name`: its host and process id."""

    name = models.CharField(max_length=120, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
