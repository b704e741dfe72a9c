"""The pages of the campaign list: what each holds, when the last one is reached, and what all of them say together.

Pure. Most reads find most pages as the one before did, so what was made of a page is kept by the SHA-256 of its bytes:
the same page is neither parsed nor checked again. On a page with other bytes the same goes for each of its entries.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

from campaigns.cxone.gateway import CampaignList, CampaignState
from campaigns.cxone.json_body import parse_json, readable_entries
from campaigns.cxone.v2.wire import CampaignPage, ListedCampaign


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A campaign on a page. `digest`: of its state."""

    campaign_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """`key`: the SHA-256 of its bytes, `keys`: that of each entry. `entries`: in order, None for one that can't be
    used."""

    key: bytes
    number: int | None
    count: int | None
    total: int | None
    keys: tuple[bytes, ...]
    entries: tuple[ListEntry | None, ...]


@dataclass(slots=True)
class KnownPages:
    """Those of the last list that was read to its end, by the SHA-256 of their bytes."""

    pages: Mapping[bytes, ListPage]

    def entries(self) -> dict[bytes, ListEntry | None]:
        known: dict[bytes, ListEntry | None] = {}
        for page in self.pages.values():
            known.update(zip(page.keys, page.entries, strict=True))
        return known


class ListReader:
    """One reading of the list. `pages`: what each holds, in the order of their arrival."""

    def __init__(self, known: KnownPages) -> None:
        self.pages: list[ListPage] = []
        self._bodies: list[bytes] = []
        self._known = known
        self._known_entries: dict[bytes, ListEntry | None] | None = None

    def is_known(self, body: bytes) -> bool:
        """Take in a page that the last list had, too. False: it is another one."""
        page = self._known.pages.get(_key(body))
        if page is None:
            return False
        self._add(page, body)
        return True

    def read(self, body: bytes, content: object) -> None:
        """Take in a page. `content`: what JSON makes of its body. ValidationError: it is none."""
        if self._known_entries is None:
            self._known_entries = self._known.entries()
        found = CampaignPage.model_validate(content)
        keys = tuple(_key(repr(entity).encode()) for entity in found.entities)
        entries = tuple(
            self._known_entries[key] if key in self._known_entries else _entry(entity)
            for key, entity in zip(keys, found.entities, strict=True)
        )
        page = ListPage(_key(body), found.page_number, found.page_count, found.total, keys, entries)
        self._add(page, body)

    def finish(self) -> CampaignList:
        """All of it, and from now on these are the known pages."""
        self._known.pages = {page.key: page for page in self.pages}
        return join_pages(self.pages, self._bodies)

    def _add(self, page: ListPage, body: bytes) -> None:
        self.pages.append(page)
        self._bodies.append(body)


def is_last_page(pages: Sequence[ListPage]) -> bool:
    """Whether the newest page ends the list: because it says so, or because nothing more comes."""
    newest = pages[-1]
    if not newest.entries:
        return True
    if newest.count is not None:
        return len(pages) >= newest.count
    if newest.total is not None:
        return sum(len(page.entries) for page in pages) >= newest.total
    # A server that knows of no pages sends the same one again and again.
    return len(pages) > 1 and newest.keys == pages[-2].keys


def join_pages(pages: Sequence[ListPage], bodies: Sequence[bytes]) -> CampaignList:
    """One list from the pages in the order of their arrival, each with its body."""
    digests: dict[str, str] = {}
    unreadable = 0
    for entry in chain.from_iterable(page.entries for page in pages):
        if entry is None:
            unreadable += 1
        else:
            # A campaign that moved between two reads is on two pages, and counts once.
            digests.setdefault(entry.campaign_id, entry.digest)
    stated = pages[-1].total
    return CampaignList(
        digests=digests,
        total=len(digests) + unreadable if stated is None else stated,
        unreadable=unreadable,
        complete=_pages_agree(pages) and is_last_page(pages) and _is_everything(len(digests), unreadable, stated),
        states=lambda wanted: _states(pages, bodies, wanted),
    )


def _states(pages: Sequence[ListPage], bodies: Sequence[bytes], wanted: Collection[str]) -> Iterator[CampaignState]:
    """Only pages with one of them are parsed, each when its turn comes."""
    missing = set(wanted)
    for page, body in zip(pages, bodies, strict=True):
        here = [(place, entry.campaign_id) for place, entry in enumerate(page.entries) if entry is not None]
        here = [(place, campaign_id) for place, campaign_id in here if campaign_id in missing]
        if not here:
            continue
        entities = CampaignPage.model_validate(parse_json(body)).entities
        for place, campaign_id in here:
            if campaign_id in missing:
                missing.discard(campaign_id)
                yield ListedCampaign.model_validate(entities[place]).state()


def _key(content: bytes) -> bytes:
    return sha256(content).digest()


def _entry(entity: object) -> ListEntry | None:
    for campaign in readable_entries([entity], ListedCampaign.model_validate):
        return ListEntry(campaign.id, campaign.state().digest)
    return None


def _pages_agree(pages: Sequence[ListPage]) -> bool:
    """All describe the same list, and each is the page that was asked for, as far as they say."""
    last = pages[-1]
    for number, page in enumerate(pages, start=1):
        if page.number not in {None, number}:
            return False
        if (page.count, page.total) != (last.count, last.total):
            return False
    return True


def _is_everything(readable: int, unreadable: int, total: int | None) -> bool:
    # Without a total, an empty list is no proof that every campaign is gone.
    if total is None:
        return readable > 0 and unreadable == 0
    return readable == total
