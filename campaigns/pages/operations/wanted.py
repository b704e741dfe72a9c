"""What a list of operations is narrowed to: that of what is done, and that of what is to come."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from campaigns.models import Operation
from campaigns.selection import has_in_its_name


@dataclass(frozen=True, slots=True)
class WantedOperations:
    """What is "" or None narrows nothing. `campaign`: its id, or words of its name."""

    state: str = ""
    kind: str = ""
    by: str = ""
    campaign: str = ""
    bulk: UUID | None = None

    def narrow(self, operations: QuerySet[Operation]) -> QuerySet[Operation]:
        columns = {"state": self.state, "kind": self.kind, "by": self.by, "bulk": self.bulk}
        found = operations.filter(**{name: value for name, value in columns.items() if value})
        if self.campaign:
            found = found.filter(Q(campaign_id=self.campaign) | has_in_its_name(self.campaign, "campaign__"))
        return found
