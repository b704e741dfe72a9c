"""The pages of the list of skills, and of their activity: what each holds, and what all of them say together.

Pure. Most reads find most pages as the one before did, so what was made of a page is kept by the SHA-256 of its bytes.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import chain

from campaigns.cxone.gateway import CampaignList, CampaignState, Counts, Schedule
from campaigns.cxone.json_body import parse_json
from campaigns.cxone.published import wire


@dataclass(frozen=True, slots=True)
class Row:
    """A skill on a page. `digest`: of its state, "" for one that can't be used; None: it is no campaign of ours."""

    skill_id: str
    digest: str | None


@dataclass(frozen=True, slots=True)
class SkillPage:
    key: bytes
    total: int | None
    rows: tuple[Row, ...]


def read_page(key: bytes, content: object) -> SkillPage:
    """ValueError: it is none."""
    rows = tuple(map(_row, wire.entries(content, "skills")))
    return SkillPage(key, wire.total_of(content), rows)


def _row(entry: object) -> Row:
    skill = wire.read_listed_skill(entry)
    if not skill.dials:
        return Row(skill.skill_id, None)
    return Row(skill.skill_id, skill.state.digest if skill.state else "")


def is_doubtful(total: int, rows: int, pages: int, page_size: int) -> bool:
    """Whether that total may be of the page alone, as some servers have it: then another page tells. All that came is
    one full page of exactly as many, or more than it says."""
    return rows > total or (pages == 1 and rows == total == page_size)


class SkillList:
    """One reading of the list. `known`: the pages of the last one, by their keys. `page_size`: what was asked for."""

    def __init__(self, known: Mapping[bytes, SkillPage], page_size: int) -> None:
        self._page_size = page_size
        self.pages: list[SkillPage] = []
        self.is_whole = True
        # Bytes of all pages.
        self.size = 0
        self._bodies: list[bytes] = []
        self._known = known

    @property
    def rows(self) -> int:
        """How many have come: where the next page begins."""
        return sum(len(page.rows) for page in self.pages)

    @property
    def ended(self) -> bool:
        """The newest page is the last, because all have come or nothing more does."""
        if not self.pages:
            return False
        newest = self.pages[-1]
        if not newest.rows:
            return True
        if newest.total is not None and not self._is_doubtful(newest.total):
            return self.rows >= newest.total
        # A server that can't skip sends the same page again and again.
        return len(self.pages) > 1 and newest.key == self.pages[-2].key

    def _is_doubtful(self, total: int) -> bool:
        return is_doubtful(total, self.rows, len(self.pages), self._page_size)

    def is_known(self, body: bytes) -> bool:
        """Take a page that the last list had, too. False: it is another one."""
        page = self._known.get(sha256(body).digest())
        if page is not None:
            self._add(page, body)
        return page is not None

    def take(self, body: bytes, content: object) -> None:
        """Take a page. `content`: what JSON makes of its body. ValueError: it is none."""
        self._add(read_page(sha256(body).digest(), content), body)

    def take_nothing(self) -> None:
        """An answer without a body: there are no more."""
        self._add(SkillPage(b"", self.pages[-1].total if self.pages else 0, ()), b"")

    def _add(self, page: SkillPage, body: bytes) -> None:
        self.pages.append(page)
        self._bodies.append(body)
        self.size += len(body)

    def by_key(self) -> dict[bytes, SkillPage]:
        return {page.key: page for page in self.pages}

    def campaign_ids(self) -> set[str]:
        """Of what can be used."""
        return {row.skill_id for row in self._all_rows() if row.digest}

    def _all_rows(self) -> list[Row]:
        return list(chain.from_iterable(page.rows for page in self.pages))

    def finish(self, schedules: Mapping[str, Schedule]) -> CampaignList:
        """All of it, with the schedules that were read this time."""
        rows = self._all_rows()
        digests: dict[str, str] = {}
        for row in rows:
            if row.digest:
                # One that is on two pages counts once, as the first has it.
                digests.setdefault(row.skill_id, row.digest)
        for skill_id in schedules.keys() & digests.keys():
            digests[skill_id] += _half_of(schedules[skill_id])
        unreadable = sum(row.digest == "" for row in rows)
        return CampaignList(
            digests=digests,
            total=len(digests) + unreadable,
            unreadable=unreadable,
            complete=self._is_complete(rows) and not unreadable,
            states=lambda wanted: self._states(wanted, schedules),
        )

    def _is_complete(self, rows: list[Row]) -> bool:
        totals = {page.total for page in self.pages}
        if not self.is_whole or len(totals) != 1 or not self.ended:
            return False
        # The same one on two pages: another has moved in between, and was on none.
        if any(number > 1 for number in Counter(row.skill_id for row in rows if row.skill_id).values()):
            return False
        (total,) = totals
        # Without a total, an empty list is no proof that every campaign is gone.
        return len(rows) == total if total is not None else bool(rows)

    def _states(self, wanted: Collection[str], schedules: Mapping[str, Schedule]) -> Iterator[CampaignState]:
        """Only pages with one of them are parsed, each when its turn comes."""
        missing = set(wanted)
        for page, body in zip(self.pages, self._bodies, strict=True):
            here = [place for place, row in enumerate(page.rows) if row.digest and row.skill_id in missing]
            if not here:
                continue
            listed = wire.entries(parse_json(body), "skills")
            for place in here:
                state = wire.read_listed_skill(listed[place]).state
                if state and state.campaign_id in missing:
                    missing.discard(state.campaign_id)
                    yield replace(state, schedule=schedules.get(state.campaign_id))


def _half_of(schedule: Schedule) -> str:
    """What a schedule adds to the digest of a state."""
    without = CampaignState("", "", "", None).digest
    return CampaignState("", "", "", schedule).digest[len(without) :]


class Activity:
    """One reading of the calls in progress of all skills. `page_size`: what was asked for."""

    def __init__(self, page_size: int) -> None:
        self._page_size = page_size
        self._pages = 0
        # Of the skills that have calls.
        self.counts = Counts()
        # How many have come: where the next page begins.
        self.rows = 0
        self.is_whole = True
        self.seen: set[str] = set()
        # Without those that an earlier page had: each of them has moved, and another was on none.
        self._named = 0
        self._total: int | None = None
        self._ended = False

    @property
    def ended(self) -> bool:
        if self._ended or self._total is None:
            return self._ended
        return self.rows >= self._total and not is_doubtful(self._total, self.rows, self._pages, self._page_size)

    @property
    def is_short(self) -> bool:
        """It named fewer than there are: one that is missing may well have calls."""
        return not self.is_whole or (self._total is not None and self._named < self._total)

    def take(self, content: object) -> None:
        """ValueError: it is no page, or a count can't be read."""
        rows = [wire.calls_of(row) for row in wire.entries(content, "skillActivity", "skills")]
        new = {skill_id for skill_id, _ in rows} - self.seen
        # A server that can't skip sends the same page again and again.
        self._ended = not new
        self._named += sum(skill_id in new for skill_id, _ in rows)
        for skill_id, calls in rows:
            if calls:
                # A skill on two pages has the calls of the larger count.
                self.counts[skill_id] = max(self.counts[skill_id], calls)
        self.seen |= new
        self._pages += 1
        self.rows += len(rows)
        self._total = wire.total_of(content)

    def take_nothing(self) -> None:
        self._ended = True
