"""Which campaigns a bulk is for: those that were ticked in the list, or all that match its filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict

from campaigns.dialect import word_of_status
from campaigns.dialing import LABELS
from campaigns.models import Campaign, FindingCode
from campaigns.operations.phrases import join_words
from campaigns.selection import EVERYTHING, GONE, NEEDS_YOU, CampaignSelection, by_name, matching_campaigns


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

    def find(self, now: datetime) -> QuerySet[Campaign]:
        if self.matching is not None:
            return matching_campaigns(self.matching, now)
        return Campaign.objects.filter(pk__in=self.ids).order_by(Lower("name"), "id")

    @property
    def on_record(self) -> dict[str, Any]:
        """What was chosen, for people who read of it later."""
        if self.matching is None:
            return {"ids": len(self.ids)}
        return {"filter": self.matching.on_record}


_STATES = {NEEDS_YOU: "needs you", **{state.value: label.lower() for state, label in LABELS.items()}}
_CONDITIONS = {
    "state": "{}",
    "q": "name or id with “{}”",
    "zone": "time zone {}",
    "calendar": "holidays of {}",
    "finding": "with the finding “{}”",
    "starred": "starred by {}",
}


def selection_in_words(chosen: Mapping[str, Any]) -> str:
    """What a bulk has on record as chosen: "selected one by one", "all that match: active in CXone"."""
    if "paused_by" in chosen:
        return "exactly what was paused then, and nobody has touched since"
    if "failed_of" in chosen:
        return "what failed before, tried again"
    if "emergency" in chosen:
        return f"emergency stop of {_within_sentence(chosen['emergency'])}"
    filters = chosen.get("filter")
    if filters is None:
        return "selected one by one"
    conditions = _conditions(filters)
    if conditions:
        return f"all that match: {join_words(conditions)}"
    return "all in the list"


def _within_sentence(scope: str) -> str:
    """ "Region: Florida" as "region Florida", "Every campaign" as "every campaign"."""
    group, _, label = scope.partition(": ")
    words = f"{group} {label}" if label else group
    # "CXone campaign" stays as it is.
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def _conditions(filters: Mapping[str, Any]) -> list[str]:
    said = {name: words.format(filters[name]) for name, words in _CONDITIONS.items() if filters.get(name)}
    if filters.get("state"):
        said["state"] = _STATES[filters["state"]]
    if filters.get("status") == GONE:
        said["status"] = "not in CXone"
    elif filters.get("status"):
        said["status"] = f"{word_of_status(filters['status'])} in CXone"
    if filters.get("finding") in FindingCode.values:
        said["finding"] = f"with the finding “{FindingCode(filters['finding']).label}”"
    for name, texts in by_name(filters.get("tags", ())).items():
        said[f"tag {name}"] = f"{name} {' or '.join(texts)}"
    # Of bulks that were asked for before findings were kept.
    if filters.get("attention"):
        said["attention"] = "needs attention"
    return list(said.values())
