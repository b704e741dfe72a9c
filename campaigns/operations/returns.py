"""Campaigns that came back by themselves: they dial although they were paused here, and nobody here resumed them."""

from django.db.models import QuerySet

from campaigns.models import Campaign


def returned() -> QuerySet[Campaign]:
    """The latest first. Each stays until it is paused again, or somebody decides that it may dial."""
    found = Campaign.objects.filter(came_back_at__isnull=False, gone_at=None)
    return found.order_by("-came_back_at", "pk")
