#!/usr/bin/env bash
# dj-database-url 3.1.2: PostgreSQL's own way to name several servers in an address is refused; another one works.
#
# One would guess that it reads what libpq reads, since Django hands the parts to libpq: postgresql://a@h1:5432,h2:5433/db
# is the form of PostgreSQL's manual for a primary and its replica. In fact everything after the first colon is taken
# for one port. The same servers as parameters of the address arrive, and libpq tries them in turn.
#
# Seen on 2026-11-29:
#   libpq: h1,h2 5432,5433
#   before the path: ParseError
#   as parameters: h1,h2 5432,5433
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check dj-database-url==3.1.2 Django==5.2.19 "psycopg[binary]==3.3.9"

cat > show.py <<'PY'
import dj_database_url
import psycopg

MANUAL = "postgresql://anna@h1:5432,h2:5433/shop?target_session_attrs=read-write"
read = psycopg.conninfo.conninfo_to_dict(MANUAL)
print("libpq:", read["host"], read["port"])
try:
    print("before the path:", dj_database_url.parse(MANUAL))
except Exception as error:
    print("before the path:", type(error).__name__)
database = dj_database_url.parse("postgresql://anna@/shop?host=h1,h2&port=5432,5433&target_session_attrs=read-write")
options = database["OPTIONS"]
print("as parameters:", database["HOST"] or options["host"], database["PORT"] or options["port"])
PY
env/bin/python show.py | tee seen
diff <(printf '%s\n' "libpq: h1,h2 5432,5433" "before the path: ParseError" "as parameters: h1,h2 5432,5433") seen
