#!/usr/bin/env bash
# holidays 0.109 (Python): the list of a whole country leaves out days that every one of its parts keeps.
#
# One would guess that a day which all states of Australia have is in Australia's list, and that Great Britain's has
# Easter Monday and the August bank holiday, which most of it keeps. In fact a list without `subdiv` holds only what the
# library's author put into the country's own method: Australia's lacks Monday 27 and Tuesday 28 December 2027 (the days
# in place of Christmas and Boxing Day), which are in all nine of its parts; a do-not-call calendar that is filled by
# country alone leaves them open. Ask for each part, too, and compare.
#
# Seen on 2026-11-28:
#   AU 2027, in all 9 parts, not in the country: 2027-03-28 Easter Sunday, 2027-12-27 Christmas Day (observed), 2027-12-28 Boxing Day (observed)
#   GB 2027, in 3 of 4 parts, not in the country: 2027-03-29 Easter Monday, 2027-08-30 Late Summer Bank Holiday
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check holidays==0.109

cat > show.py <<'PY'
import holidays


def missing(country, parts_of_it):
    """Days that so many parts keep and the country's own list hasn't."""
    whole = holidays.country_holidays(country, years=2027, language="en_US")
    kept = {}
    for part in whole.subdivisions:
        own = holidays.country_holidays(country, subdiv=part, years=2027, language="en_US")
        for day in own:
            if day not in whole:
                kept.setdefault(day, []).append(own[day])
    return [f"{day} {names[0]}" for day, names in sorted(kept.items()) if len(names) == parts_of_it]


australia, britain = missing("AU", 9), missing("GB", 3)
print("AU 2027, in all 9 parts, not in the country:", ", ".join(australia))
print("GB 2027, in 3 of 4 parts, not in the country:", ", ".join(britain))
seen = any("2027-12-27" in day for day in australia) and any("Easter Monday" in day for day in britain)
raise SystemExit(not seen)
PY
env/bin/python show.py
