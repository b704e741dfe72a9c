#!/usr/bin/env bash
# zoneinfo of Python 3.11 to 3.14 with tzdata 2026.6 (IANA 2026f): a pinned tzdata package is used only for zones that the
# system's own database lacks, however old that is. Debian 12 as released for 2025 has IANA 2025b.
#
# One would guess that `tzdata==2026.6` in requirements.txt decides by which rules times are converted, since a package
# that is pinned with hashes is what is imported everywhere else. But zoneinfo.TZPATH (/usr/share/zoneinfo first) comes
# before the package (PEP 615), so that two machines with the same lock file differ by an hour: from November 2026 on,
# British Columbia, Alberta and Manitoba no longer change their clocks. zoneinfo.reset_tzpath(()) before a zone is used
# makes the package the only source; PYTHONTZPATH= (empty) does the same from outside.
#
# The older data is that of tzdata 2025.2 (2025b) here, so that this doesn't depend on the machine; a folder in
# PYTHONTZPATH takes the place of /usr/share/zoneinfo.
#
# Seen on 2026-11-28 (names whose offset differs between 1 January 2026 and 31 December 2027):
#   20:00 UTC on 1 December 2026 in Vancouver: 12:00 with the package pinned, 13:00 by the package alone
#   13 names differ: Africa/Casablanca, Africa/El_Aaiun, America/Edmonton, America/Havana, America/Inuvik,
#   America/Rainy_River, America/Vancouver, America/Winnipeg, America/Yellowknife, Canada/Central, Canada/Mountain,
#   Canada/Pacific, Cuba
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check tzdata==2026.6
env/bin/pip install -q --disable-pip-version-check --target old tzdata==2025.2

cat > show.py <<'PY'
import sys
import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

FIRST, DAYS = datetime(2026, 1, 1, 12, tzinfo=UTC), 2 * 365
NAMES = Path("old/tzdata/zones").read_text().split()


def offsets(name):
    zone = ZoneInfo(name)
    return [(FIRST + timedelta(days=day)).astimezone(zone).utcoffset() for day in range(DAYS)]


def hour():
    return datetime(2026, 12, 1, 20, tzinfo=UTC).astimezone(ZoneInfo("America/Vancouver")).hour


by_path, old = hour(), {name: offsets(name) for name in NAMES}
zoneinfo.reset_tzpath(())
ZoneInfo.clear_cache()
by_package, new = hour(), {name: offsets(name) for name in NAMES}
print(f"20:00 UTC on 1 December 2026 in Vancouver: {by_path}:00 with the package pinned, {by_package}:00 by the package alone")
differing = sorted(name for name in NAMES if old[name] != new[name])
print(f"{len(differing)} names differ:", ", ".join(differing))
sys.exit(0 if (by_path, by_package) == (12, 13) and "America/Edmonton" in differing else 1)
PY
PYTHONTZPATH="$work/old/tzdata/zoneinfo" env/bin/python show.py
