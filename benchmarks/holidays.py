"""The cost of looking up each campaign's next holiday, which every refresh of the list does.

    .venv/bin/python -m benchmarks.holidays                      # this build
    .venv/bin/python -m benchmarks.holidays DIRECTORY            # and the build that is checked out there

50 campaigns in 50 time zones have all calendars; each holiday recurs every year. Each build gets a new SQLite database
in a temporary directory. "First" is the look-up after every calendar has changed, "refresh" the median of the
following ones, "new day" the first after midnight UTC. Times are CPU times of one process. The exit status is 1 if a
refresh costs more than twice as much with 900 holidays as with 45.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from tests.processes.product import environment_in

if TYPE_CHECKING:
    from campaigns.models import Campaign

ROOT = Path(__file__).parents[1]
CAMPAIGNS = 50
REFRESHES = 7
NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
# Pairs of a number of calendars, and of holidays in each.
SIZES = ((1, 45), (1, 900), (20, 300))
ZONES = ("", "America/New_York")


def main() -> int:
    if os.environ.get("MEASURED_HERE"):
        return int(_measure_all())
    status = _run(ROOT)
    for earlier in sys.argv[1:]:
        _run(Path(earlier))
    return status


def _run(build: Path) -> int:
    """Run this file with that build's modules."""
    print(f"\n{build}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        environment = environment_in(Path(directory)) | {"MEASURED_HERE": "1", "PYTHONPATH": str(build)}
        command = [sys.executable, str(Path(__file__))]
        return subprocess.run(command, env=environment, check=False, cwd=build).returncode


def _measure_all() -> bool:
    """Print a line for each size. Returns True if the target was missed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cxadmin.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    _add_campaigns()
    print(
        f"{'calendars':>10}{'holidays':>10}  {'days of':20}{'first':>10}{'refresh':>10}{'new day':>10}{'queries':>9}"
    )
    costs = {}
    for calendars, holidays in SIZES:
        for zone in ZONES:
            _fill(calendars, holidays, zone)
            costs[calendars, holidays, zone] = _measure(calendars, holidays, zone)
    return any(costs[1, 900, zone] > 2 * costs[1, 45, zone] for zone in ZONES)


def _measure(calendars: int, holidays: int, zone: str) -> float:
    """CPU milliseconds of a refresh."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from campaigns.models import Campaign

    campaigns = list(Campaign.objects.all())
    first = _look_up(campaigns, NOW)
    refresh = statistics.median(_look_up(campaigns, NOW + timedelta(seconds=5 * n)) for n in range(REFRESHES))
    new_day = _look_up(campaigns, NOW + timedelta(days=1))
    with CaptureQueriesContext(connection) as queries:
        _look_up(campaigns, NOW + timedelta(days=1))
    figures = "".join(f"{cost:>7.1f} ms" for cost in (first, refresh, new_day))
    print(f"{calendars:>10}{holidays:>10}  {zone or 'each campaign':20}{figures}{len(queries):>9}", flush=True)
    return refresh


def _look_up(campaigns: "list[Campaign]", now: datetime) -> float:
    from campaigns.holidays.lookups import next_of

    begun = time.process_time()
    found = next_of(campaigns, now)
    cost = (time.process_time() - begun) * 1000
    if len(found) != CAMPAIGNS:
        sys.exit(f"{len(found)} campaigns have a next holiday; all {CAMPAIGNS} should have one.")
    return cost


def _add_campaigns() -> None:
    from django.utils import timezone

    from campaigns.models import Campaign
    from tests.factories import SCHEDULE

    regions = [name for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/")]
    step = len(regions) // CAMPAIGNS
    Campaign.objects.bulk_create(
        Campaign(
            id=f"campaign-{number}",
            name=f"Campaign {number}",
            status="ACTIVE",
            schedule=SCHEDULE | {"timezone": regions[number * step]},
            timezone=regions[number * step],
            read_at=timezone.now(),
        )
        for number in range(CAMPAIGNS)
    )


def _fill(calendars: int, holidays: int, zone: str) -> None:
    from campaigns.models import Calendar, Campaign, Holiday

    Calendar.objects.all().delete()
    for number in range(calendars):
        calendar = Calendar.objects.create(name=f"Calendar {number}", zone=zone)
        calendar.campaigns.set(Campaign.objects.all())
        Holiday.objects.bulk_create(
            Holiday(
                calendar=calendar,
                name=f"Holiday {day}",
                date=date(2020, 1, 1) + timedelta(days=day),
                every_year=True,
                observed=day % 2 == 0,
            )
            for day in range(holidays)
        )


if __name__ == "__main__":
    sys.exit(main())
