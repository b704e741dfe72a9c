#!/usr/bin/env bash
# Django 5.2.19, PostgreSQL: bulk_update stores a text that is too long for its CharField cut short, without an error.
#
# One would guess that a value which save, update and bulk_create refuse is refused here, too. In fact bulk_update casts
# its CASE to the column's type on PostgreSQL, and an explicit cast to varchar(n) cuts, as SQL says, where an assignment
# fails. Nothing is logged, the instance in memory keeps the whole text, and the row has its beginning. Whoever writes
# what others send by bulk_update must check lengths first.
#
# Seen on 2026-11-29 with PostgreSQL 16.2:
#   save: value too long for type character varying(5)
#   update: value too long for type character varying(5)
#   bulk_create: value too long for type character varying(5)
#   bulk_update: stored 'longe'
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export XDG_RUNTIME_DIR=$work
python3 -m venv env
# pgserver brings PostgreSQL's programs.
env/bin/pip install -q --disable-pip-version-check django==5.2.19 'psycopg[binary]==3.3.9' pgserver==0.1.4

cat > show.py <<'PY'
from urllib.parse import parse_qs, urlsplit

import django
import pgserver
from django.conf import settings

server = pgserver.get_server("data")
folder = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
database = {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "postgres", "HOST": folder}
settings.configure(DATABASES={"default": database}, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import DataError, connection, models  # noqa: E402


class Note(models.Model):
    title = models.CharField(max_length=5)

    class Meta:
        app_label = "shown"


with connection.schema_editor() as editor:
    editor.create_model(Note)
note = Note.objects.create(title="short")
note.title = "longer than five"
ways = {
    "save": note.save,
    "update": lambda: Note.objects.update(title=note.title),
    "bulk_create": lambda: Note.objects.bulk_create([Note(title=note.title)]),
    "bulk_update": lambda: Note.objects.bulk_update([note], ["title"]),
}
for way, store in ways.items():
    try:
        store()
        print(f"{way}: stored {Note.objects.get().title!r}")
    except DataError as error:
        print(f"{way}: {str(error).splitlines()[0]}")
connection.close()
server.cleanup()
PY

cat > expected <<'TEXT'
save: value too long for type character varying(5)
update: value too long for type character varying(5)
bulk_create: value too long for type character varying(5)
bulk_update: stored 'longe'
TEXT

env/bin/python show.py | tee seen
diff expected seen
