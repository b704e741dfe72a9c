"""The models and the migrations say the same."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DjangoSessions
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign
from cxadmin.models import Person, Session
from tests.factories import make_campaign, make_user


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_first_sights_of_an_older_version_are_no_changes() -> None:
    make_campaign("found so", status="PAUSED", control="outside")
    make_campaign("seen to change", status="PAUSED", control="outside", status_since=timezone.now())
    import_module("campaigns.migrations.0011_first_sight").tell_first_sights(apps, connection.schema_editor())
    assert dict(Campaign.objects.values_list("pk", "control")) == {"found so": "before", "seen to change": "outside"}


@pytest.mark.django_db
def test_upgrade_signs_nobody_out() -> None:
    """Sessions of the version before are in Django's own table."""
    anna = make_user("supervisor", "anna")
    now = int(timezone.now().timestamp())
    store = DjangoSessions()
    store.update({SESSION_KEY: str(anna.pk), "touched": now, "began": now - 60})
    store.create()
    expired = DjangoSessions()
    expired.set_expiry(-1)
    expired.create()
    take_over = import_module("cxadmin.migrations.0005_take_over_sessions").take_over_sessions
    take_over(apps, connection.schema_editor())
    (session,) = Session.objects.all()
    assert (session.session_key, session.user, session.get_decoded()["touched"]) == (store.session_key, anna, now)
    assert Person.objects.get().seen_at.timestamp() == now
