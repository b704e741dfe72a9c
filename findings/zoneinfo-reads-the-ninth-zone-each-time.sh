#!/usr/bin/env bash
# Python 3.11's zoneinfo with tzdata 2026.2: with nine zones in turn, each ZoneInfo(name) reads its file again.
#
# One would guess that ZoneInfo("Europe/Berlin") is cheap after the first time, since it returns the same object: "the
# cache" of the documentation. That cache refers weakly to its zones, and only the last eight are held besides. A list of
# campaigns, flights or users in nine zones, which makes each row's zone from its name and keeps none, opens a file for
# every row; one zone fewer, and it opens none. Whoever works with many zones must keep them.
#
# Seen on 2026-11-29, 100 rows for each zone, after each had been used once:
#   8 zones: 0 files opened
#   9 zones: 900 files opened
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check tzdata==2026.2

cat > show.py <<'PY'
import sys
from zoneinfo import ZoneInfo

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/London", "Europe/Berlin",
    "Asia/Tokyo", "Asia/Manila", "Australia/Sydney",
)
opened = []
sys.addaudithook(lambda event, details: opened.append(details[0]) if event == "open" else None)
for number in (8, 9):
    zones = ZONES[:number]
    for name in zones:
        ZoneInfo(name)
    opened.clear()
    for _ in range(100):
        for name in zones:
            ZoneInfo(name)
    print(f"{number} zones: {len(opened)} files opened")
PY

cat > expected <<'TEXT'
8 zones: 0 files opened
9 zones: 900 files opened
TEXT

# The package's data, not the machine's, which may be in another form.
PYTHONTZPATH="" env/bin/python show.py | tee seen
diff expected seen
