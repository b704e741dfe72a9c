#!/usr/bin/env bash
# ical.js 2.2.1 (Thunderbird's own library): two yearly rules fall on days other than RFC 5545 says.
#
# 1. An event of 29 February that recurs yearly. RFC 5545 (3.3.10): recurrences "with an invalid date (e.g., February 30)
#    … MUST be ignored", so it comes in leap years alone; python-dateutil does so. ical.js has it on 1 March in all other
#    years. With BYMONTH=2;BYMONTHDAY=29 written out, which says the same, it skips those years.
# 2. FREQ=YEARLY;BYMONTHDAY=14 without BYMONTH. By the RFC's table a yearly rule is expanded by BYMONTHDAY, so it comes
#    every month, as python-dateutil has it. ical.js has it once a year: mostly what the writer meant, and a reason why
#    programs that are tested with it alone go on writing such rules.
#
# One would guess that a library which has read calendars for fifteen years agrees with the others on FREQ=YEARLY.
#
# Seen on 2026-11-28:
#   ical.js, 29 February: 2024-02-29 2025-03-01 2026-03-01 2027-03-01 2028-02-29
#   ical.js, 29 February written out: 2024-02-29 2028-02-29 2032-02-29 2036-02-29 2040-02-29
#   ical.js, day 14: 2026-02-14 2027-02-14 2028-02-14 2029-02-14 2030-02-14
#   dateutil, 29 February: 2024-02-29 2028-02-29 2032-02-29 2036-02-29 2040-02-29
#   dateutil, day 14: 2026-02-14 2026-03-14 2026-04-14 2026-05-14 2026-06-14
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund ical.js@2.2.1
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check python-dateutil==2.9.0.post0

cat > try.mjs <<'JS'
import ICAL from "ical.js";

function show(name, rule, start) {
  const iterator = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString(start));
  const found = [];
  while (found.length < 5) found.push(iterator.next().toString());
  console.log(`ical.js, ${name}: ${found.join(" ")}`);
}

show("29 February", "FREQ=YEARLY", "2024-02-29");
show("29 February written out", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2024-02-29");
show("day 14", "FREQ=YEARLY;BYMONTHDAY=14", "2026-02-14");
JS
cat > try.py <<'PY'
from datetime import datetime
from itertools import islice

from dateutil.rrule import rrulestr


def show(name, rule, start):
    found = islice(rrulestr(rule, dtstart=start), 5)
    print(f"dateutil, {name}:", *(f"{at:%Y-%m-%d}" for at in found))


show("29 February", "FREQ=YEARLY", datetime(2024, 2, 29))
show("day 14", "FREQ=YEARLY;BYMONTHDAY=14", datetime(2026, 2, 14))
PY
{ node try.mjs; env/bin/python try.py; } | tee seen
diff seen - <<'SEEN'
ical.js, 29 February: 2024-02-29 2025-03-01 2026-03-01 2027-03-01 2028-02-29
ical.js, 29 February written out: 2024-02-29 2028-02-29 2032-02-29 2036-02-29 2040-02-29
ical.js, day 14: 2026-02-14 2027-02-14 2028-02-14 2029-02-14 2030-02-14
dateutil, 29 February: 2024-02-29 2028-02-29 2032-02-29 2036-02-29 2040-02-29
dateutil, day 14: 2026-02-14 2026-03-14 2026-04-14 2026-05-14 2026-06-14
SEEN
