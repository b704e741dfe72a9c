#!/usr/bin/env bash
# Django 5.2.19, SQLite: a JSONField isn't found by a key that holds a double quote, though it was just saved.
#
# One would guess that `data__<key>="v"` and `has_key` find a row by any key that a dictionary may have, as they do on
# PostgreSQL. On SQLite the key becomes part of a JSON path in quotes, in which a quote is escaped as JSON escapes it,
# and SQLite compares the path's label with that spelling literally: the filter matches nothing, silently. Apostrophes,
# dots, backslashes and accents are fine. Keys that come from outside (tags, labels) must be kept free of quotes, or be
# rows instead of keys.
#
# Seen on 2026-11-28, SQLite 3.40.1:
#   plain: data__key 1, has_key 1
#   it's: data__key 1, has_key 1
#   a.b: data__key 1, has_key 1
#   say "hi": data__key 0, has_key 0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv env
env/bin/pip install -q --disable-pip-version-check django==5.2.19

cat > show.py <<'PY'
import django
from django.conf import settings

database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(DATABASES={"default": database}, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import connection, models  # noqa: E402


class Document(models.Model):
    data = models.JSONField()

    class Meta:
        app_label = "shown"


with connection.schema_editor() as editor:
    editor.create_model(Document)
for key in ("plain", "it's", "a.b", 'say "hi"'):
    Document.objects.all().delete()
    Document.objects.create(data={key: "v"})
    by_key = Document.objects.filter(**{f"data__{key}": "v"}).count()
    print(f"{key}: data__key {by_key}, has_key {Document.objects.filter(data__has_key=key).count()}")
PY

cat > expected <<'TEXT'
plain: data__key 1, has_key 1
it's: data__key 1, has_key 1
a.b: data__key 1, has_key 1
say "hi": data__key 0, has_key 0
TEXT

env/bin/python show.py | tee seen
diff expected seen
