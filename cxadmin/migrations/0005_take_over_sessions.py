from datetime import UTC, datetime

from django.db import migrations
from django.db.models.functions import Now


def take_over_sessions(apps, schema_editor):
    """Nobody is signed out by the upgrade: sessions that are open are copied from Django's own table. They stay there
    for the pages of the previous version, which are still served while the new ones start."""
    from django.contrib.sessions.backends.db import SessionStore

    users = set(apps.get_model("auth", "User").objects.values_list("pk", flat=True))
    old = apps.get_model("sessions", "Session").objects.filter(expire_date__gt=Now())
    sessions, seen = [], {}
    for row in old:
        # {} if it was signed with another key.
        data = SessionStore().decode(row.session_data)
        user_id = int(data.get("_auth_user_id", 0))
        if user_id in users and "touched" in data:
            copied = _copied(apps, row, user_id, data)
            sessions.append(copied)
            seen[user_id] = max(copied.seen_at, seen.get(user_id, copied.seen_at))
    apps.get_model("cxadmin", "Session").objects.bulk_create(sessions)
    person = apps.get_model("cxadmin", "Person")
    person.objects.bulk_create(person(user_id=user_id, seen_at=at) for user_id, at in seen.items())


def _copied(apps, row, user_id, data):
    seen_at = datetime.fromtimestamp(data["touched"], UTC)
    return apps.get_model("cxadmin", "Session")(
        session_key=row.session_key,
        session_data=row.session_data,
        expire_date=row.expire_date,
        user_id=user_id,
        began_at=datetime.fromtimestamp(data.get("began", data["touched"]), UTC),
        seen_at=seen_at,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('cxadmin', '0004_people'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(take_over_sessions, migrations.RunPython.noop),
    ]
