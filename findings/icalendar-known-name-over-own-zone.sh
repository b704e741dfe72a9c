#!/usr/bin/env bash
# vobject 0.9.9 and icalendar 7.3.0: a calendar file that one writes is an hour off when the other reads it.
#
# vobject names a zone by its abbreviation in winter and defines it in the file: New York becomes TZID:EST, with a
# VTIMEZONE that has both standard and daylight time. RFC 5545 (3.2.19) says that TZID refers to that definition, so one
# would guess that a reader takes it, all the more as icalendar does so for names that it doesn't know. But "EST" is also
# a name of the IANA database, a fixed offset of five hours behind UTC, and icalendar looks there first: the definition
# that came along is passed over without a word. Any event in summer is then read an hour later than it was written. A
# name that nobody else uses would have been read correctly.
#
# Seen on 2026-11-28:
#   written: 2026-07-03 09:00 in New York = 13:00 UTC, as TZID=EST with daylight time defined: True
#   read: 2026-07-03 09:00:00-05:00 = 14:00 UTC
#   under another name: 2026-07-03 09:00:00-04:00 = 13:00 UTC
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check vobject==0.9.9 icalendar==7.3.0 python-dateutil==2.9.0.post0 tzdata==2026.6

cat > try.py <<'PY'
from datetime import UTC, datetime

import icalendar
import vobject
from dateutil import tz

calendar = vobject.iCalendar()
event = calendar.add("vevent")
event.add("summary").value = "Early closing"
start = datetime(2026, 7, 3, 9, tzinfo=tz.gettz("America/New_York"))
event.add("dtstart").value = start
event.add("dtend").value = datetime(2026, 7, 3, 12, tzinfo=tz.gettz("America/New_York"))
written = calendar.serialize()


def read(text):
    begins = icalendar.Calendar.from_ical(text).events[0].start
    return f"{begins} = {begins.astimezone(UTC):%H:%M} UTC"


is_defined = "DTSTART;TZID=EST:" in written and "BEGIN:DAYLIGHT" in written
print(f"written: {start:%Y-%m-%d %H:%M} in New York = {start.astimezone(UTC):%H:%M} UTC, as TZID=EST with daylight time defined: {is_defined}")
print(f"read: {read(written)}")
print(f"under another name: {read(written.replace('TZID:EST', 'TZID:Ours').replace('TZID=EST', 'TZID=Ours'))}")
PY
env/bin/python try.py 2>/dev/null | tee seen
diff seen - <<'SEEN'
written: 2026-07-03 09:00 in New York = 13:00 UTC, as TZID=EST with daylight time defined: True
read: 2026-07-03 09:00:00-05:00 = 14:00 UTC
under another name: 2026-07-03 09:00:00-04:00 = 13:00 UTC
SEEN
