#!/usr/bin/env bash
# httpx 0.28.1: `import httpx` imports its command line too, with rich, pygments and click, wherever these happen to be
# installed.
#
# One would guess that these matter only to those who install httpx[cli] and run `httpx`. In fact the package imports its
# _main at once and falls back to a stub only if one of them is missing. So a developer's environment, in which a
# formatter or a type checker has brought rich along, starts every process that uses httpx more slowly and larger than
# production does: what was measured there is not what runs elsewhere.
#
# Seen on 2026-11-29 (Python 3.11), after `import httpx`:
#   alone: rich no, click no, 178 modules
#   beside rich and click: rich yes, click yes, 280 modules
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for name in alone beside; do
    python3 -m venv "$name"
    "$name/bin/pip" install -q --disable-pip-version-check httpx==0.28.1
done
beside/bin/pip install -q --disable-pip-version-check rich==14.2.0 click==8.3.0

show() {
    "$1/bin/python" -c '
import sys, httpx
print(*("yes" if name in sys.modules else "no" for name in ("rich", "click")), len(sys.modules))'
}
read -r rich click alone < <(show alone)
echo "alone: rich $rich, click $click, $alone modules"
[[ "$rich $click" == "no no" ]]
read -r rich click beside < <(show beside)
echo "beside rich and click: rich $rich, click $click, $beside modules"
[[ "$rich $click" == "yes yes" ]]
((beside * 10 > alone * 12))
