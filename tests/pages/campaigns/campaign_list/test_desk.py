"""What a person arranges for themselves in the list: stars, views, columns; and the list as a file."""

import csv
import io
import re
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.test import Client

from audit.kinds import RecordKind
from audit.models import Record
from audit.pages.kept import forget_all
from campaigns.models import Preferences, SavedView, Star
from campaigns.pages.campaigns import desk_views
from campaigns.selection import CampaignSelection
from tests.factories import make_campaign, make_user
from tests.pages.campaigns.campaign_list.reading import client_of, page

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def send(client: Client, address: str, **fields: object) -> str:
    """Where it leads."""
    response: HttpResponse = client.post(address, fields)  # type: ignore[assignment]
    assert response.status_code == 303
    return response["Location"]


# --- Stars ---


def test_star_comes_and_goes(client: Client) -> None:
    make_campaign("c-1", name="Spring")
    assert send(client, "/campaigns/star/", star="c-1", listed="q=Spring") == "/campaigns/?q=Spring"
    assert re.search(r'aria-labelledby="w-star n-[^ "]+" aria-pressed="true"', page(client))
    send(client, "/campaigns/star/", star="c-1")
    assert not Star.objects.exists()


def test_star_is_ones_own(client: Client) -> None:
    make_campaign("c-1")
    send(client, "/campaigns/star/", star="c-1")
    assert "aria-pressed" not in page(client_of("supervisor"))


# --- Views ---


def test_view_keeps_filter_order_and_columns(client: Client) -> None:
    send(client, "/campaigns/views/", name="North", listed="q=North&sort=name&columns=calls,client&page=3")
    view = SavedView.objects.get()
    assert (view.query, view.columns, view.shared) == ("q=North&sort=name", ["calls", "client"], False)
    assert 'href="/campaigns/?q=North&amp;sort=name&amp;columns=calls,client"' in page(client)


def test_shown_view_is_the_current_one(client: Client) -> None:
    send(client, "/campaigns/views/", name="North", listed="q=North&columns=calls")
    shown = page(client, q="North", columns="calls")
    assert '?q=North&amp;columns=calls" aria-current="page">North</a>' in shown


def test_shared_view_is_everybodys_and_changed_by_its_owner(client: Client) -> None:
    send(client, "/campaigns/views/", name="North", shared="1")
    other = client_of("reviewer")
    view = SavedView.objects.get()
    assert f"by {view.owner.username}" in page(other)
    assert other.post(f"/campaigns/views/{view.pk}/", {"do": "delete"}).status_code == 404
    assert SavedView.objects.exists()


def test_view_of_ones_own_is_nobody_elses(client: Client) -> None:
    send(client, "/campaigns/views/", name="North")
    assert "North" not in page(client_of("reviewer"))


def test_view_is_renamed_shared_and_deleted(client: Client) -> None:
    send(client, "/campaigns/views/", name="North")
    pk = SavedView.objects.get().pk
    send(client, f"/campaigns/views/{pk}/", name="Far North", shared="1")
    assert SavedView.objects.filter(name="Far North", shared=True).exists()
    send(client, f"/campaigns/views/{pk}/", do="delete")
    assert not SavedView.objects.exists()


def test_view_needs_a_name_of_its_own(client: Client) -> None:
    send(client, "/campaigns/views/", name="North")
    send(client, "/campaigns/views/", name="South")
    send(client, "/campaigns/views/", name="  ")
    assert "Give it a name." in page(client)
    south = SavedView.objects.get(name="South")
    send(client, f"/campaigns/views/{south.pk}/", name="North")
    assert "Another one of yours is called North." in page(client)
    assert SavedView.objects.count() == 2


def test_view_keeps_a_filter_however_long(client: Client) -> None:
    tags = [f"client:{'北' * 100}{number}" for number in range(3)]
    listed = urlencode({"tag": tags}, doseq=True)
    send(client, "/campaigns/views/", name="North", listed=listed)
    view = SavedView.objects.get()
    # SQLite would keep what a column of PostgreSQL has no room for.
    view.full_clean()
    assert CampaignSelection.read(QueryDict(view.query)).tags == tuple(tags)


def test_view_is_updated_when_there_is_room_for_no_other(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_views, "MOST_VIEWS", 1)
    send(client, "/campaigns/views/", name="North", listed="q=North")
    send(client, "/campaigns/views/", name="North", listed="q=Arctic")
    send(client, "/campaigns/views/", name="South")
    assert "You have 1 views; delete one first." in page(client)
    assert SavedView.objects.get().query == "q=Arctic"


# --- Columns ---


def test_columns_are_remembered_in_their_order(client: Client) -> None:
    send(client, "/campaigns/columns/", order=["last", "calls", "region"], column=["region", "last"])
    assert Preferences.objects.get().columns == ["last", "region"]
    make_campaign(tags={"region": "Florida"})
    shown = page(client)
    assert '<td class="tag">Florida</td>' in shown
    assert 'class="hours' not in shown


def test_column_moves_to_the_left(client: Client) -> None:
    order = ["calls", "hours", "last"]
    send(client, "/campaigns/columns/", order=order, column=order, earlier="last")
    assert Preferences.objects.get().columns == ["calls", "last", "hours"]


def test_usual_columns_come_back(client: Client) -> None:
    send(client, "/campaigns/columns/", order=["last"], column=["last"])
    send(client, "/campaigns/columns/", do="reset", density="comfortable")
    own = Preferences.objects.get()
    assert (own.columns, own.density) == ([], "comfortable")
    assert "list-page comfortable" in page(client)


def test_own_columns_take_the_place_of_a_views(client: Client) -> None:
    listed = "q=North&columns=calls"
    assert send(client, "/campaigns/columns/", order=["last"], column=["last"], listed=listed) == "/campaigns/?q=North"


# --- As a file ---


def download(client: Client, listed: str = "") -> list[list[str]]:
    response: StreamingHttpResponse = client.post("/campaigns/list.csv", {"listed": listed})  # type: ignore[assignment]
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_file_has_all_that_match_and_the_shown_columns(client: Client) -> None:
    for number in range(60):
        make_campaign(f"c-{number}", name=f"Spring {number}", active_calls=number)
    make_campaign(name="Autumn")
    head, *lines = download(client, "q=Spring&columns=calls&page=2")
    assert head == ["Campaign", "Campaign id", "State", "Status in CXone", "Time zone", "Calls", "Limit", "On hold"]
    assert len(lines) == 60
    assert lines[0] == ["Spring 59", "c-59", "Dialing", "ACTIVE", "America/New_York", "59", "50", ""]


def test_file_has_all_tags_once(client: Client) -> None:
    make_campaign(name="Spring", tags={"client": "Northwind", "CXone campaign": "Q4 Outreach"})
    make_campaign(name="Autumn", tags={"region": "Texas"})
    head, *lines = download(client, "columns=client&sort=name")
    assert head[5:] == ["Client", "CXone campaign", "Region", "On hold"]
    assert [line[5:] for line in lines] == [["", "", "Texas", ""], ["Northwind", "Q4 Outreach", "", ""]]


def test_columns_of_tags_that_no_campaign_has_are_not_offered(client: Client) -> None:
    make_campaign(tags={"CXone campaign": "Q4 Outreach"})
    forget_all()
    shown = page(client)
    assert 'value="cxone-campaign"' in shown
    assert 'value="region"' not in shown


def test_view_keeps_its_tags(client: Client) -> None:
    send(client, "/campaigns/views/", name="Ours", listed="tag=CXone+campaign:Q4+Outreach")
    make_campaign(name="Spring", tags={"CXone campaign": "Q4 Outreach"})
    make_campaign(name="Autumn", tags={"CXone campaign": "Q3"})
    shown = client.get(f"/campaigns/?{SavedView.objects.get().query}").text
    assert "Spring" in shown
    assert "Autumn" not in shown


def test_file_runs_no_formula(client: Client) -> None:
    make_campaign(name="=1+1")
    assert download(client)[1][0] == "'=1+1"


def test_file_goes_on_record(client: Client) -> None:
    make_campaign(name="Spring")
    download(client, "q=Spring")
    record = Record.objects.get(kind=RecordKind.LIST_EXPORTED)
    assert record.sentence.endswith("exported the list of 1 campaign as CSV.")
    assert record.details["filter"] == {"q": "Spring"}


def test_stranger_to_campaigns_gets_no_file() -> None:
    browser = Client()
    browser.force_login(make_user(""))
    assert browser.post("/campaigns/list.csv").status_code == 403
