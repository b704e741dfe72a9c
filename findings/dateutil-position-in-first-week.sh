#!/usr/bin/env bash
# python-dateutil 2.9.0.post0: the n-th day of a week is counted from the first event on in the first week, and from the
# beginning of the week in all others.
#
# RFC 5545 (3.3.10) says of BYSETPOS that "a set of recurrence instances starts at the beginning of the interval defined
# by the FREQ rule part". dateutil does so for months and years: a month whose first Monday or Tuesday lies before the
# first event has none. One would guess the same of weeks. But for FREQ=WEEKLY it makes the set of the first week
# out of the days from the first event on only, so that a later day of that week becomes "the first" and is added to the
# series. Begun one week earlier, on the same day of the week, the same rule doesn't have that day.
#
# The rule here: weeks begin on Tuesday; of Monday and Tuesday the first, which is always the Tuesday.
#
# Seen on 2026-11-28:
#   begun Wednesday 2024-01-03: Mon 2024-01-08, Tue 2024-01-09, Tue 2024-01-16
#   begun Wednesday 2023-12-27, from 2024-01-03 on: Tue 2024-01-09, Tue 2024-01-16
#   by months, begun Wednesday 2024-01-03: Thu 2024-02-01, Fri 2024-03-01
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check python-dateutil==2.9.0.post0

cat > try.py <<'PY'
from datetime import datetime

from dateutil.rrule import rrulestr


def shown(rule, start, most):
    found = rrulestr(rule, dtstart=start).between(datetime(2024, 1, 3), datetime(2024, 3, 20), inc=True)
    return ", ".join(f"{at:%a %Y-%m-%d}" for at in found[:most])


weekly = "FREQ=WEEKLY;WKST=TU;BYDAY=MO,TU;BYSETPOS=1"
print("begun Wednesday 2024-01-03:", shown(weekly, datetime(2024, 1, 3), 3))
print("begun Wednesday 2023-12-27, from 2024-01-03 on:", shown(weekly, datetime(2023, 12, 27), 2))
monthly = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"
print("by months, begun Wednesday 2024-01-03:", shown(monthly, datetime(2024, 1, 3), 3))
PY
env/bin/python try.py | tee seen
diff seen - <<'SEEN'
begun Wednesday 2024-01-03: Mon 2024-01-08, Tue 2024-01-09, Tue 2024-01-16
begun Wednesday 2023-12-27, from 2024-01-03 on: Tue 2024-01-09, Tue 2024-01-16
by months, begun Wednesday 2024-01-03: Thu 2024-02-01, Fri 2024-03-01
SEEN
