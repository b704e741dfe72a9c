"""What a browser sends back from the forms that pause and resume."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

from django.test import Client

from campaigns.models import Campaign


def fill(campaign: Campaign, **typed: str) -> dict[str, str]:
    """The form as it went out, with a reason; `typed` adds and replaces, "" leaves out."""
    fields = {"reason": "WFM_OVERRIDE", "note": "", "key": str(uuid4()), "seen": campaign.status} | typed
    return {name: value for name, value in fields.items() if value or name == "note"}


def ask(client: Client, verb: str, campaign: Campaign, **typed: str) -> Any:
    return client.post(f"/campaigns/{campaign.pk}/{verb}/", fill(campaign, **typed))


def chosen_in(response: Any) -> str:
    """The code of the reason whose card is chosen."""
    chosen = r'name="reason" value="(\w+)" required autocomplete="off"\s+(?:data-overrides\s+)?checked'
    codes = re.findall(chosen, response.text)
    return codes[0] if codes else ""


def words_of(response: Any) -> str:
    """A page as it is read: entities and unbreakable spaces resolved."""
    return " ".join(unescape(response.text).replace("\xa0", " ").split())
