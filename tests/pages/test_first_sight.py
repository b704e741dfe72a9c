"""What is read at first sight on every page is plain: no code, id, protocol word or value of a program.

Codes and ids are in folded details, in tooltips and in <code>, where somebody who needs them finds and copies them.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from campaigns.states import AT_REST, State
from tests.factories import make_user
from tests.pages.addresses import addresses
from tests.pages.everything import make_everything
from tests.pages.reading import ReadPage

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
FOREIGN = {
    "an id": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "a code": re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b"),
    "a state's code": re.compile(rf"\b(?:ACTIVE|PAUSED|{'|'.join(sorted({*State, *AT_REST}))})\b"),
    "a date for programs": re.compile(r"\d{4}-\d\d-\d\d"),
    # Whole dates have their weekday, as on every other page.
    "a date without its weekday": re.compile(rf"(?<!\w\w\w )\b\d\d? (?:{MONTHS})\b \d{{4}}"),
    "a protocol": re.compile(r"\bHTTP\b"),
    "a value of a program": re.compile(r"\b(?:True|False)\b|^None$|\bNone[,;)\]]|<\w+ object"),
    "a template": re.compile(r"\{\{|\{%|%\}"),
}
ROLES = ("supervisor", "reviewer", "admin")


@pytest.fixture(autouse=True)
def clocks(one_clock: None, enqueued: list[tuple[str, ...]]) -> None:
    """Pages go by the database's clock, and no worker takes what is made here."""


def read_pages(role: str) -> Iterator[tuple[str, ReadPage]]:
    client = Client()
    client.force_login(make_user(role, f"the-{role}"))
    for address in list(addresses()):
        response = client.get(address)
        assert response.status_code in {200, 302, 303, 403, 404, 422}, f"{address}: {response.status_code}"
        if response.status_code in {200, 403, 404, 422}:
            yield address, ReadPage(response.text)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_plain_and_in_order(role: str) -> None:
    make_everything()
    faults: dict[str, str] = {}
    for address, page in read_pages(role):
        for fault in faults_of(page):
            # Once for all rows of a kind.
            faults.setdefault(re.sub(r"[0-9a-f-]{36}|\d+", "…", fault), address)
    assert not faults, "\n".join(f"{fault}  [{address}]" for fault, address in faults.items())


def faults_of(page: ReadPage) -> Iterator[str]:
    for piece in [*page.words, *page.spoken]:
        # What CXone itself said is quoted as it said it.
        said = re.sub(r'"[^"]*"', "", piece)
        yield from (f"{what}: {said}" for what, pattern in FOREIGN.items() if pattern.search(said))
    headings = [" ".join(heading.split()) for heading in page.headings]
    if len(headings) != 1:
        yield f"headings: {headings}"
    elif not _title_of(page).startswith(headings[0]):
        yield f"title: {_title_of(page)!r} for {headings[0]!r}"
    if len(page.landmarks) != 1:
        yield f"main parts: {len(page.landmarks)}"
    yield from (f"no label: {control}" for control in page.unlabelled())


def _title_of(page: ReadPage) -> str:
    """Without the number of findings before it, and the word that a form was not sent."""
    return re.sub(r"^(\(\d+\) )?((?:Not|Nothing) [a-z ]+: )?", "", " ".join(page.title.split()), count=1)


def test_what_is_folded_away_is_not_read() -> None:
    page = ReadPage(
        "<p>a</p><details><summary>b</summary>c <details><summary>d</summary></details></details><code>e</code>"
    )
    assert page.words == ["a", "b"]
