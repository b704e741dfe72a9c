"""What all audited changes of rows have in common."""

import pytest
from django.db import IntegrityError

from audit.kinds import RecordKind
from audit.models import Record
from campaigns.audited_changes import lock, record_change, unless_taken
from campaigns.errors import Refusal
from campaigns.models import Calendar
from tests.factories import make_campaign

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db]

TAKEN = Refusal("The name is taken.", "name")


def test_deleted_row_is_not_locked() -> None:
    calendar = Calendar.objects.create(name="US")
    Calendar.objects.all().delete()
    with pytest.raises(Refusal, match="US was deleted meanwhile"):
        lock(calendar)


def test_row_is_locked_as_it_is_now() -> None:
    calendar = Calendar.objects.create(name="US")
    Calendar.objects.update(name="USA")
    assert lock(calendar, with_key=True).name == "USA"


def test_name_that_is_taken_is_refused() -> None:
    Calendar.objects.create(name="US")
    with pytest.raises(Refusal, match="The name is taken"), unless_taken(Calendar.objects.filter(name="US"), TAKEN):
        Calendar.objects.create(name="US")


def test_other_constraint_is_not_taken_for_the_name() -> None:
    calendar = Calendar.objects.create(name="US")
    with pytest.raises(IntegrityError), unless_taken(Calendar.objects.filter(name="Texas"), TAKEN):
        Calendar.objects.create(pk=calendar.pk, name="Utah")


def test_refused_change_leaves_nothing() -> None:
    def save_and_refuse() -> None:
        with unless_taken(Calendar.objects.filter(name="US"), TAKEN):
            Calendar.objects.create(name="Texas")
            raise Refusal("No.")

    with pytest.raises(Refusal, match="No"):
        save_and_refuse()
    assert not Calendar.objects.exists()


def test_record_leaves_out_what_there_is_none_of() -> None:
    campaign = make_campaign("c-1")
    record_change(
        RecordKind.POLICY_CHANGED, by="ada", campaign=campaign, did="changed", before=None, after={"rule": None}
    )
    record = Record.objects.get()
    assert (record.by, record.campaign_id, record.campaign_name) == ("ada", "c-1", campaign.name)
    assert record.details == {"did": "changed", "after": {"rule": None}}
