"""Which campaigns a bulk is for: those that were ticked in the list, or all that match its filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict

from campaigns.models import Calendar, Campaign, Policy
from campaigns.operations.descriptions import join_words
from campaigns.selection import EVERYTHING, GONE, CampaignSelection, matching_campaigns


@dataclass(frozen=True, slots=True)
class BulkSelection:
    """`ids` were ticked one by one; or all that match the filter `matching` are meant, however many those are.

    `listed`: what the list's address said when the ticks were made.
    """

    ids: tuple[str, ...] = ()
    matching: CampaignSelection | None = None
    listed: CampaignSelection = EVERYTHING

    @classmethod
    def read(cls, address: QueryDict) -> "BulkSelection":
        """From an address's parameters. No campaign has an id with a NUL, and PostgreSQL refuses to look for one."""
        if address.get("all") == "1":
            matching = CampaignSelection.read(address)
            return cls(matching=matching, listed=matching)
        ids = (pk for pk in address.getlist("id") if pk and "\0" not in pk)
        return cls(ids=tuple(dict.fromkeys(ids)), listed=CampaignSelection.read(QueryDict(address.get("listed", ""))))

    @property
    def query(self) -> str:
        """The address's parameters that say the same."""
        if self.matching is None:
            listed = [("listed", self.listed.query)] if self.listed.query else []
            return urlencode([*(("id", pk) for pk in self.ids), *listed])
        return "&".join(filter(None, ("all=1", self.matching.query)))

    def find(self, policy: Policy, now: datetime) -> QuerySet[Campaign]:
        if self.matching is not None:
            return matching_campaigns(self.matching, policy, now)
        return Campaign.objects.filter(pk__in=self.ids).order_by(Lower("name"), "id")

    @property
    def on_record(self) -> dict[str, Any]:
        """What was chosen, for people who read of it later: a calendar by its name then."""
        if self.matching is None:
            return {"ids": len(self.ids)}
        chosen = self.matching
        filters: dict[str, Any] = {"status": chosen.status, "q": chosen.q, "zone": chosen.zone}
        if chosen.calendar:
            calendar = Calendar.objects.filter(pk=int(chosen.calendar)).first()
            filters["calendar"] = calendar.name if calendar else f"number {chosen.calendar}"
        filters["attention"] = chosen.attention
        return {"filter": {name: value for name, value in filters.items() if value}}


_CONDITIONS = {
    "status": "status {}",
    "q": "name or id with “{}”",
    "zone": "time zone {}",
    "calendar": "holidays of {}",
}


def selection_in_words(chosen: Mapping[str, Any]) -> str:
    """What a bulk has on record as chosen: "selected one by one", "all that match: status ACTIVE"."""
    if "paused_by" in chosen:
        return "exactly what a bulk has paused, and nobody has touched since"
    if "failed_of" in chosen:
        return "what a bulk did not bring about, tried again"
    filters = chosen.get("filter")
    if filters is None:
        return "selected one by one"
    conditions = _conditions(filters)
    if conditions:
        return f"all that match: {join_words(conditions)}"
    return "all in the list"


def _conditions(filters: Mapping[str, Any]) -> list[str]:
    words = [words.format(filters[name]) for name, words in _CONDITIONS.items() if filters.get(name)]
    if filters.get("status") == GONE:
        words[0] = "not in CXone"
    if filters.get("attention"):
        words.append("needs attention")
    return words
