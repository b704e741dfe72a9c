"""The models and the migrations say the same."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from campaigns.models import Campaign
from tests.factories import make_campaign


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_first_sights_of_an_older_version_are_no_changes() -> None:
    make_campaign("found so", status="PAUSED", control="outside")
    make_campaign("seen to change", status="PAUSED", control="outside", status_since=timezone.now())
    import_module("campaigns.migrations.0011_first_sight").tell_first_sights(apps, connection.schema_editor())
    assert dict(Campaign.objects.values_list("pk", "control")) == {"found so": "before", "seen to change": "outside"}
