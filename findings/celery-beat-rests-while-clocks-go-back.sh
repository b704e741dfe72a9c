#!/usr/bin/env bash
# Celery 5.6.3: a task that beat sends every 900 seconds isn't sent for 75 minutes when the clocks go back.
#
# One would guess that an interval has nothing to do with clocks, and that a crontab of minute="*/15" runs four times
# more in the hour that occurs twice. In fact beat adds the interval to the last run's local time: after 1:45 comes 2:00,
# which is then an hour and a quarter away. Crontab compares local times, too. Every schedule rests, even one of five
# seconds, whenever `timezone` is a zone that changes its clocks, such as Django's TIME_ZONE; enable_utc, the default,
# makes no difference. What must not rest needs timezone = "UTC".
#
# celery/celery#6438 and #10107 report it for crontab.
#
# Seen on 2026-11-29, from 5:30 to 7:15 UTC on 1 November 2026 (New York: 1:00 to 2:00 EDT, then 1:00 EST again):
#   crontab in New York: 01:30-0400 01:45-0400 02:00-0500 02:15-0500
#   900 seconds in New York: 01:30-0400 01:45-0400 02:00-0500 02:15-0500
#   900 seconds in UTC: 05:30+0000 05:45+0000 06:00+0000 06:15+0000 06:30+0000 06:45+0000 07:00+0000 07:15+0000
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check celery==5.6.3 tzdata==2026.6

cat > show.py <<'PY'
from datetime import UTC, datetime, timedelta

from celery import Celery
from celery.schedules import crontab, schedule

FIRST, LAST = datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 15, tzinfo=UTC)


def runs(title, zone, made):
    """Asks once a minute what beat asks: whether the task is due."""
    app = Celery("shop", broker="memory://", set_as_current=False)
    app.conf.timezone = zone
    now = FIRST
    asked = made(app=app, nowfun=lambda: now.astimezone(app.timezone))
    last_run, found = (FIRST - timedelta(minutes=15)).astimezone(app.timezone), []
    while now <= LAST:
        if asked.is_due(last_run).is_due:
            last_run = now.astimezone(app.timezone)
            found.append(f"{last_run:%H:%M%z}")
        now += timedelta(minutes=1)
    print(f"{title}:", *found)


def quarters(**given):
    return crontab(minute="*/15", **given)


def seconds(**given):
    return schedule(900, **given)


runs("crontab in New York", "America/New_York", quarters)
runs("900 seconds in New York", "America/New_York", seconds)
runs("900 seconds in UTC", "UTC", seconds)
PY
env/bin/python show.py | tee seen
diff seen - <<'SEEN'
crontab in New York: 01:30-0400 01:45-0400 02:00-0500 02:15-0500
900 seconds in New York: 01:30-0400 01:45-0400 02:00-0500 02:15-0500
900 seconds in UTC: 05:30+0000 05:45+0000 06:00+0000 06:15+0000 06:30+0000 06:45+0000 07:00+0000 07:15+0000
SEEN
