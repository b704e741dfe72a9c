#!/usr/bin/env bash
# phonenumbers 9.0.43 (Google's libphonenumber in Python): three area codes that were laid over older ones are an hour
# off for much of their land, and only one zone is returned.
#
# An overlay serves the same towns as the code it was laid over. Where a code lies in two zones, the library knows many
# exchanges by town, and for Idaho it returns both zones for numbers it can't place. So one would guess that a number of
# an overlay has the zones of the older code, and that one zone alone means the library is sure. In fact 448, 364 and
# 930 have no entries by exchange: every number there is in New York's zone, although most towns it knows of 850
# (Pensacola) and 270 (Bowling Green), and a quarter of 812's (Evansville), are in Chicago's. A dialer that opens at 8:00
# by this zone calls them at 7:00, an hour before US rules allow it (47 CFR 64.1200(c)). Whoever dials by area code needs
# a table that lists both zones, or the customer's address.
#
# The data is libphonenumber's own (resources/timezones/map_data.txt); google/libphonenumber#991 is about another code.
#
# Seen on 2026-11-29:
#   850, by known town: America/Chicago 128, America/New_York 57
#   448, every exchange: America/New_York 800
#   270, by known town: America/Chicago 114, America/New_York 20
#   364, every exchange: America/New_York 800
#   812, by known town: America/New_York 125, America/Chicago 45
#   930, every exchange: America/New_York 800
#   986, every exchange: America/Boise or America/Los_Angeles 800
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check phonenumbers==9.0.43

cat > show.py <<'PY'
from collections import Counter

import phonenumbers
from phonenumbers import geocoder, timezone


def numbers(code):
    return [phonenumbers.parse(f"+1{code}{exchange}0123") for exchange in range(200, 1000)]


def in_known_town(number):
    return "," in geocoder.description_for_number(number, "en")


def show(title, numbers):
    zones = Counter(" or ".join(timezone.time_zones_for_number(number)) for number in numbers)
    print(f"{title}:", ", ".join(f"{zone} {count}" for zone, count in zones.most_common()))


for code, overlay in (("850", "448"), ("270", "364"), ("812", "930")):
    show(f"{code}, by known town", filter(in_known_town, numbers(code)))
    show(f"{overlay}, every exchange", numbers(overlay))
show("986, every exchange", numbers("986"))
PY
env/bin/python show.py | tee seen
diff seen - <<'SEEN'
850, by known town: America/Chicago 128, America/New_York 57
448, every exchange: America/New_York 800
270, by known town: America/Chicago 114, America/New_York 20
364, every exchange: America/New_York 800
812, by known town: America/New_York 125, America/Chicago 45
930, every exchange: America/New_York 800
986, every exchange: America/Boise or America/Los_Angeles 800
SEEN
