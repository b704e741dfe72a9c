"""What monitoring needs to know of the findings."""

from django.db.models import Count

from campaigns.models import Finding, FindingCode


def count_findings() -> dict[str, int]:
    """Of each code, how many findings are open."""
    rows = Finding.objects.filter(ended_at=None).order_by().values_list("code").annotate(Count("pk"))
    return dict.fromkeys(FindingCode.values, 0) | dict(rows)
