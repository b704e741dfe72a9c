"""How often one click asks the database: each statement is a round trip, and time that a campaign dials on."""

import re
from uuid import UUID

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from campaigns.models import Operation
from campaigns.operations.runner import execution
from campaigns.simulator import Simulator
from campaigns.states import State
from campaigns.sync import full_read
from tests.factories import make_user
from tests.simulator.transport import SimulatorTransport
from tests.statements import recorded

pytestmark = [pytest.mark.data_layer, pytest.mark.django_db(transaction=True)]

# SQLite takes two statements more for each record, three for the claim.
TO_PUT = 26 if settings.SQLITE else 21
TO_CONFIRMED = 44 if settings.SQLITE else 38


@pytest.fixture
def person(cxone: Simulator, enqueued: list[tuple[str, ...]], client: Client) -> Client:
    """Somebody signed in, in a product that has paused a campaign before."""
    cxone.add(id="autumn", name="Autumn", calls=7)
    full_read.read_all_campaigns()
    client.force_login(make_user())
    send(client, "autumn", open_form(client, "autumn"))
    work(enqueued)
    return client


def open_form(person: Client, campaign_id: str) -> dict[str, str]:
    page = person.get(f"/campaigns/{campaign_id}/pause/").text
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return dict(hidden) | {"reason": "MAINTENANCE", "note": ""}


def send(person: Client, campaign_id: str, form: dict[str, str]) -> None:
    # As at the beginning of each request, and of each task.
    connection.close_if_unusable_or_obsolete()
    assert person.post(f"/campaigns/{campaign_id}/pause/", form).status_code == 303


def work(enqueued: list[tuple[str, ...]]) -> None:
    """What a worker does that hears the newest wake-up."""
    connection.close_if_unusable_or_obsolete()
    assert execution.advance_operation(UUID(enqueued[-1][1]))


def test_click_takes_few_statements(
    person: Client, enqueued: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    to_put: list[str] = []
    handle = SimulatorTransport.handle_request

    def note_put(transport: SimulatorTransport, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            to_put.extend(so_far())
        return handle(transport, request)

    monkeypatch.setattr(SimulatorTransport, "handle_request", note_put)
    form = open_form(person, "spring")
    with recorded() as so_far:
        send(person, "spring", form)
        work(enqueued)
        to_confirmed = so_far()
    assert Operation.objects.latest("requested_at").state == State.CONFIRMED
    assert len(to_put) == TO_PUT, "\n".join(to_put)
    assert len(to_confirmed) == TO_CONFIRMED, "\n".join(to_confirmed)
