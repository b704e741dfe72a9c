#!/usr/bin/env bash
# confusable_homoglyphs 3.3.1 (the library that django-registration uses to refuse look-alike names): look-alikes from
# right-to-left scripts are never found.
#
# Unicode's list (UTS #39, confusables.txt) has U+0661 ARABIC-INDIC DIGIT ONE beside the letter l, and is_confusable says
# so of hundreds of other characters. For those of right-to-left scripts it says False. Its table was read from the list's
# comments, in which such characters stand between two invisible marks (U+200E LEFT-TO-RIGHT MARK), so their keys are
# three characters long and no look-up of one character meets them. One would guess that a table made from Unicode's list
# has all of it. Who uses it has to take the marks out of both keys and values.
#
# Seen on 2026-11-28:
#   keys with U+200E in them: 1371 of 9619
#   U+0430 CYRILLIC SMALL LETTER A: True
#   U+0661 ARABIC-INDIC DIGIT ONE: False
#   U+05D5 HEBREW LETTER VAV: False
#   U+0661 between two U+200E is in the table: True
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv env
env/bin/pip install -q --disable-pip-version-check confusable-homoglyphs==3.3.1
env/bin/python - <<'PY'
import sys
import unicodedata

from confusable_homoglyphs.confusables import confusables_data, is_confusable

MARK = "\u200e"
marked = sum(MARK in key for key in confusables_data)
print(f"keys with U+200E in them: {marked} of {len(confusables_data)}")
found = {}
for character in ("\u0430", "\u0661", "\u05d5"):
    found[character] = bool(is_confusable(character, greedy=True))
    print(f"U+{ord(character):04X} {unicodedata.name(character)}: {found[character]}")
is_marked = f"{MARK}\u0661{MARK}" in confusables_data
print(f"U+0661 between two U+200E is in the table: {is_marked}")
sys.exit(0 if list(found.values()) == [True, False, False] and marked and is_marked else 1)
PY
