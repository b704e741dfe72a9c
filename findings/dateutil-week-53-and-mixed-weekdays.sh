#!/usr/bin/env bash
# python-dateutil 2.9.0.post0: week 53 comes in years without one, and weekdays with and without a number in one rule
# find nothing.
#
# 1. FREQ=YEARLY;BYWEEKNO=53. RFC 5545 (3.3.10) counts weeks as ISO 8601 does, so one would guess the years that have a
#    week 53, 2020 and 2026. In fact 1 and 2 January 2022 are there too: they end week 52 of 2021, which dateutil takes
#    for a 53rd because 2020 had one.
# 2. FREQ=MONTHLY;BYDAY=MO,1FR, every Monday and the first Friday. RFC 5545 has one list, in which each day may have a
#    number. dateutil makes two conditions of it, and a day must meet both: the rule is accepted, and is empty.
#
# Both are silent, and a calendar of holidays or closing days made from such a rule has a day too many or none at all.
#
# Seen on 2026-11-29:
#   week 53, Friday to Sunday: 2021-01-01 (2020 week 53), 2021-01-02 (2020 week 53), 2021-01-03 (2020 week 53), 2022-01-01 (2021 week 52), 2022-01-02 (2021 week 52), 2027-01-01 (2026 week 53)
#   January 2027, BYDAY=MO: 4 11 18 25
#   January 2027, BYDAY=1FR: 1
#   January 2027, BYDAY=MO,1FR: none
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check python-dateutil==2.9.0.post0

cat > show.py <<'PY'
from datetime import datetime
from itertools import islice

from dateutil.rrule import rrulestr

weeks = rrulestr("FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR,SA,SU", dtstart=datetime(2020, 12, 1))
found = [f"{at:%Y-%m-%d} ({at:%G week %V})" for at in islice(weeks, 6)]
print("week 53, Friday to Sunday:", ", ".join(found))
for days in ("MO", "1FR", "MO,1FR"):
    rule = rrulestr(f"FREQ=MONTHLY;BYDAY={days}", dtstart=datetime(2027, 1, 1))
    january = rule.between(datetime(2027, 1, 1), datetime(2027, 1, 31), inc=True)
    print(f"January 2027, BYDAY={days}:", *[at.day for at in january] or ["none"])
PY
env/bin/python show.py | tee seen
diff seen - <<'SEEN'
week 53, Friday to Sunday: 2021-01-01 (2020 week 53), 2021-01-02 (2020 week 53), 2021-01-03 (2020 week 53), 2022-01-01 (2021 week 52), 2022-01-02 (2021 week 52), 2027-01-01 (2026 week 53)
January 2027, BYDAY=MO: 4 11 18 25
January 2027, BYDAY=1FR: 1
January 2027, BYDAY=MO,1FR: none
SEEN
