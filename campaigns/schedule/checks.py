"""All checks of a schedule: one function for the live check, the save and the commands."""

from datetime import datetime

from campaigns.schedule.findings import Finding
from campaigns.schedule.surroundings import Surroundings


def check(schedule: object, around: Surroundings, now: datetime) -> tuple[Finding, ...]:
    """What is wrong with a wire schedule, or worth knowing, at `now` (aware); the gravest first. Never raises,
    whatever `schedule` is."""
    raise NotImplementedError
