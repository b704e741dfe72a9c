"""The pages of the campaign list: when the last one is reached, and what all of them say together. Pure."""

from collections.abc import Sequence
from itertools import chain

from campaigns.cxone.gateway import CampaignList, CampaignState
from campaigns.cxone.json_body import readable_entries
from campaigns.cxone.v2.wire import CampaignPage, WireCampaign


def is_last_page(pages: Sequence[CampaignPage]) -> bool:
    """Whether the newest page ends the list: because it says so, or because nothing more comes."""
    newest = pages[-1]
    if not newest.entities:
        return True
    if newest.page_count is not None:
        return len(pages) >= newest.page_count
    if newest.total is not None:
        return sum(len(page.entities) for page in pages) >= newest.total
    # A server that knows of no pages sends the same one again and again.
    return len(pages) > 1 and newest.entities == pages[-2].entities


def join_pages(pages: Sequence[CampaignPage]) -> CampaignList:
    """One list from the pages in the order of their arrival."""
    entries = list(chain.from_iterable(page.entities for page in pages))
    readable = readable_entries(entries, WireCampaign.model_validate)
    campaigns: dict[str, CampaignState] = {}
    for campaign in readable:
        # A campaign that moved between two reads is on two pages, and counts once.
        campaigns.setdefault(campaign.id, campaign.state())
    unreadable = len(entries) - len(readable)
    stated = pages[-1].total
    return CampaignList(
        campaigns=tuple(campaigns.values()),
        total=len(campaigns) + unreadable if stated is None else stated,
        unreadable=unreadable,
        complete=_pages_agree(pages) and is_last_page(pages) and _is_everything(len(campaigns), unreadable, stated),
    )


def _pages_agree(pages: Sequence[CampaignPage]) -> bool:
    """All describe the same list, and each is the page that was asked for, as far as they say."""
    last = pages[-1]
    for number, page in enumerate(pages, start=1):
        if page.page_number not in {None, number}:
            return False
        if (page.page_count, page.total) != (last.page_count, last.total):
            return False
    return True


def _is_everything(readable: int, unreadable: int, total: int | None) -> bool:
    # Without a total, an empty list is no proof that every campaign is gone.
    if total is None:
        return readable > 0 and unreadable == 0
    return readable == total
