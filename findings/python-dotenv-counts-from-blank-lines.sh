#!/usr/bin/env bash
# python-dotenv 1.2.4: the line number of a statement (dotenv.parser's Binding.original.line, and the warning "could not
# parse statement starting at line N") is that of the first blank line before it.
#
# One would guess that the warning names the line that can't be parsed. In fact blank lines belong to the statement that
# follows them, so in a file with its settings in groups the number points at the end of the group before.
#
# Seen on 2026-11-28 (the line that can't be parsed is line 6):
#   python-dotenv could not parse statement starting at line 2
#   C: line 7
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check python-dotenv==1.2.4

printf 'A=1\n\n\n\n\nB: 2\nC=3\n' > .env
cat > show.py <<'PY'
import logging
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

lines = []
handler = logging.Handler()
handler.emit = lambda record: lines.append(record.getMessage())
logging.getLogger("dotenv").addHandler(handler)
dotenv_values(".env")
print(lines[0])
[binding] = [binding for binding in parse_stream(StringIO(Path(".env").read_text())) if binding.key == "C"]
print(f"C: line {binding.original.line}")
raise SystemExit(not lines[0].endswith("line 2"))
PY
env/bin/python show.py
