"""What a browser sends back from the forms about many campaigns."""

import re
from typing import Any

from django.test import Client

from tests.pages.asking import words_of

PAUSE, RESUME = "/bulk/pause/", "/bulk/resume/"


def open_form(client: Client, address: str) -> dict[str, str]:
    """Its hidden fields, as it went out."""
    page = client.get(address)
    fields = re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)">', page.text)
    return dict(fields)


def send(client: Client, address: str, **typed: str) -> Any:
    """The form, opened and filled in at once; `typed` adds and replaces."""
    return client.post(address, {**open_form(client, address), "reason": "MAINTENANCE", "note": ""} | typed)


def alert_of(page: Any) -> str:
    """What the page says first, to somebody whose form was refused."""
    found = re.search(r'<div id="problems"[^>]*>(.*?)\n</div>\n', page.text, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found[1])).strip()


def shown(page: Any) -> str:
    """All of the page, as it is read."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", words_of(page)))
