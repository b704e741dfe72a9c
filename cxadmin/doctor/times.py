"""This machine's clock beside the database's and CXone's, and the data of time zones."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import Error, connection

from campaigns.models import Campaign
from campaigns.queueing.rows import as_moment
from campaigns.schedule.zones import ZONE_DATA, known_zones
from campaigns.sync.full_read import CLOCKS_DIFFER
from cxadmin.doctor.cxone import Visit
from cxadmin.doctor.results import CheckResult, failed, not_looked_at, passed

# Seconds. Machines that keep time by NTP differ by milliseconds; what is here also waits for an answer.
MOST_APART = 5.0
MOST_NAMED = 3
_KEEP_TIME = "Have both machines keep their time by NTP; ask whoever runs them."


def compare_with_database(database: CheckResult) -> CheckResult:
    name = "clock_database"
    if not database.ok:
        return not_looked_at(name, "the database can’t be used", "Correct what the check of the database says first.")
    try:
        with connection.cursor() as cursor:
            began = monotonic()
            cursor.execute("SELECT CURRENT_TIMESTAMP")
            (theirs,) = cursor.fetchone()
            took = monotonic() - began
    except Error as error:
        return failed(name, f"The database doesn’t say what time it is ({error}).", "Check DATABASE_URL.")
    # When within the exchange it looked at its clock is unknown: the middle is off by half of it at most.
    ours = datetime.now(UTC) - timedelta(seconds=took / 2)
    ahead = (as_moment(theirs) - ours).total_seconds()
    # SQLite's time has whole seconds.
    if abs(ahead) > MOST_APART:
        return failed(name, f"The database’s clock is {_in_words(ahead)} this machine’s.", _KEEP_TIME)
    return passed(name, f"The database’s clock is within {MOST_APART:.0f} s of this machine’s.")


def compare_with_cxone(visit: Visit) -> CheckResult:
    name = "clock_cxone"
    if visit.clock is None:
        return not_looked_at(
            name, "CXone hasn’t shown its clock", "Correct what the check of CXone’s token says first."
        )
    ahead = (visit.clock - datetime.now(UTC)).total_seconds()
    if abs(ahead) > CLOCKS_DIFFER:
        return failed(
            name,
            f"CXone’s clock is {_in_words(ahead)} this machine’s.",
            "Have this machine keep its time by NTP; ask whoever runs it. CXone’s own clock is rarely wrong.",
        )
    return passed(name, f"CXone’s clock is within {CLOCKS_DIFFER} s of this machine’s.")


def look_at_zone_data(*, has_tables: bool) -> CheckResult:
    name = "zone_data"
    try:
        ZoneInfo("America/New_York")
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        return failed(name, f"It can’t be read ({error}).", "Install this version again: make clean, then make run.")
    if has_tables:
        zones = set(Campaign.objects.filter(gone_at=None).exclude(timezone="").values_list("timezone", flat=True))
        if unknown := sorted(zones - known_zones()):
            return failed(
                name,
                f"Release {ZONE_DATA} knows no {', '.join(unknown[:MOST_NAMED])}, which campaigns have.",
                "Correct the campaigns’ zones in CXone; if they are right, install a version of this product with "
                "newer zone data.",
            )
    return passed(name, f"Release {ZONE_DATA}, {len(known_zones())} names.")


def _in_words(ahead: float) -> str:
    return f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'}"
