"""The help page, and where people land."""

from collections.abc import Callable

import pytest
from django.test import Client

from campaigns.pages.help.glossary import glossary
from campaigns.states import LABELS, OPEN, State
from tests.pages.asking import words_of
from tests.pages.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", [state for state in State if state not in OPEN])
def test_every_end_of_an_operation_is_explained(state: State) -> None:
    terms = {word.term for _title, words in glossary() for word in words}
    assert LABELS[state] in terms


def test_words_are_true_where_cxone_only_stops(supervisor: Client, cxone_cannot: Callable[..., None]) -> None:
    assert "whatever its dialing window says" in words_of(supervisor.get("/help/"))
    cxone_cannot("holds_pauses", "pauses_at_once")
    page = supervisor.get("/help/")
    assert "whatever its dialing window says" not in words_of(page)
    for word in ("stopped", "superseded-by-a-resume"):
        assert f'<dt id="{word}">' in page.text


def test_word_can_be_linked_to(supervisor: Client) -> None:
    assert '<dt id="superseded-by-a-pause">' in supervisor.get("/help/").text


@pytest.mark.parametrize(
    ("role", "sections"),
    [
        ("supervisor", ["supervisors"]),
        ("reviewer", ["reviewers"]),
        ("admin", ["supervisors", "reviewers", "admins"]),
    ],
)
def test_each_role_reads_of_its_own_work(role: str, sections: list[str]) -> None:
    page = sign_in(role, "somebody").get("/help/").text
    assert [each for each in ("supervisors", "reviewers", "admins") if f'id="{each}"' in page] == sections


@pytest.mark.parametrize(
    ("role", "address"), [("supervisor", "/campaigns/"), ("reviewer", "/audit/"), ("admin", "/campaigns/")]
)
def test_each_role_lands_where_its_work_is(role: str, address: str) -> None:
    assert sign_in(role, "somebody").get("/")["Location"] == address


def test_lost_page_leads_a_reviewer_to_the_audit(reviewer: Client, supervisor: Client) -> None:
    assert "Go to the audit" in words_of(reviewer.get("/nowhere/"))
    assert "Go to the campaigns" in words_of(supervisor.get("/nowhere/"))
