"""What the bar under the head says, without a browser."""

import pytest
from django.test import Client

from campaigns.models import SyncState
from tests.pages.reading import ReadPage

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1 campaign of CXone can’t be shown: its entry in CXone’s list can’t be read."),
        (2000, "2,000 campaigns of CXone can’t be shown: their entries in CXone’s list can’t be read."),
    ],
)
def test_campaigns_that_no_page_shows_are_counted(supervisor: Client, number: int, said: str) -> None:
    SyncState.objects.update(unreadable=number)
    page = ReadPage(supervisor.get("/operations/").content.decode())
    assert said in " ".join(" ".join(page.words).split())


def test_refresh_tells_that_the_notices_are_others(supervisor: Client) -> None:
    rows = {"HX-Request": "true"}
    before = supervisor.get("/campaigns/rows/", headers=rows)["X-Notices"]
    SyncState.objects.update(unreadable=1)
    assert supervisor.get("/campaigns/rows/", headers=rows)["X-Notices"] != before
