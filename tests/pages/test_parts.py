"""Parts of pages that are kept for the next reader: what belongs to one reader is never another one's."""

import re

import pytest
from django.test import Client

from campaigns.models import SavedView, SyncState
from tests.factories import make_bulk, make_campaign, make_user
from tests.pages.conftest import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def tokens_in(shown: str) -> set[str]:
    return set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]*)"', shown))


def test_each_reader_has_tokens_of_their_own() -> None:
    make_campaign()
    ann, bob = sign_in("supervisor", "ann"), sign_in("supervisor", "bob")
    tokens = [tokens_in(reader.get("/campaigns/").text) for reader in (ann, bob, ann)]
    assert all(tokens)
    assert len(set.union(*tokens)) == sum(map(len, tokens))


def test_token_of_a_kept_part_is_taken() -> None:
    make_campaign()
    sign_in("supervisor", "ann").get("/campaigns/")
    bob = Client(enforce_csrf_checks=True)
    bob.force_login(make_user("supervisor", "bob"))
    form = re.search(r'id="columns".*?name="csrfmiddlewaretoken" value="([^"]*)"', bob.get("/campaigns/").text, re.S)
    assert form
    sent = {"csrfmiddlewaretoken": form[1], "order": ["calls", "hours"], "column": ["hours"], "density": "dense"}
    assert bob.post("/campaigns/columns/", sent).status_code == 303


def test_refresh_holds_no_token() -> None:
    make_campaign()
    client = sign_in("supervisor", "ann")
    assert "csrfmiddlewaretoken" not in client.get("/campaigns/rows/", headers={"HX-Request": "true"}).text


def test_nobody_sees_what_others_may_do() -> None:
    bulk = make_bulk(make_campaign(), by="bob")
    supervisor, reviewer = sign_in("supervisor", "ann"), sign_in("reviewer", "rosa")
    pages = [reader.get("/campaigns/").text for reader in (supervisor, reviewer, supervisor)]
    assert ["/bulk/pause/?all=1" in page for page in pages] == [True, False, True]
    assert all(f"/bulk/{bulk.pk}/" in page for page in pages)


def test_nobody_sees_the_views_of_others() -> None:
    make_campaign()
    ann, bob = make_user("supervisor", "ann"), sign_in("supervisor", "bob")
    SavedView.objects.create(owner=ann, name="My own view", query="q=spring", columns=[])
    own = Client()
    own.force_login(ann)
    assert ["My own view" in reader.get("/campaigns/").text for reader in (own, bob)] == [True, False]


def test_density_and_columns_are_the_readers_own() -> None:
    make_campaign()
    ann, bob = sign_in("supervisor", "ann"), sign_in("supervisor", "bob")
    ann.post("/campaigns/columns/", {"order": ["age"], "column": ["age"], "density": "comfortable"})
    pages = [reader.get("/campaigns/").text for reader in (ann, bob, ann)]
    assert ["Data age</th>" in page for page in pages] == [True, False, True]
    assert ['value="comfortable" checked' in page for page in pages] == [True, False, True]


def test_new_version_is_drawn_anew() -> None:
    make_campaign()
    client = sign_in("supervisor", "ann")
    assert "All <b>1</b>" in client.get("/campaigns/").text
    make_campaign()
    SyncState.bump()
    assert "All <b>2</b>" in client.get("/campaigns/").text
