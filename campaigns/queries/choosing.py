"""Campaigns to choose from, where an admin gives them a calendar or a calling-hours rule."""

from dataclasses import dataclass
from typing import Self

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict

from campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class Search:
    """What they are narrowed to: it lives in the address."""

    q: str = ""
    zone: str = ""
    assigned: bool = False

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        return cls(
            q=query.get("q", "").replace("\0", "").strip()[:100],
            zone=query.get("zone", "").replace("\0", "")[:64],
            assigned=query.get("assigned") == "1",
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.zone or self.assigned)

    def narrow(self, campaigns: QuerySet[Campaign], assigned: Q) -> QuerySet[Campaign]:
        """Those that match, by name. `assigned`: what makes a campaign one that has been chosen already."""
        if self.q:
            campaigns = campaigns.filter(Q(name__icontains=self.q) | Q(id__icontains=self.q))
        if self.zone:
            campaigns = campaigns.filter(timezone=self.zone)
        if self.assigned:
            campaigns = campaigns.filter(assigned)
        return campaigns.order_by(Lower("name"), "id")


def zones() -> list[str]:
    """Those that campaigns are in."""
    return sorted(set(Campaign.objects.order_by().values_list("timezone", flat=True).distinct()) - {""})
