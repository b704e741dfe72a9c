"""Campaigns to choose from, where an admin gives them a calendar or a calling-hours rule."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from campaigns.errors import Refusal
from campaigns.models import Campaign
from campaigns.pages.responses import SeeOther
from campaigns.schedule import names_of, zone_key
from campaigns.selection import has_in_its_name, is_tag, known_tags, with_tag

CAMPAIGNS_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Search:
    """What they are narrowed to: it lives in the address."""

    q: str = ""
    zone: str = ""
    assigned: bool = False
    tag: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        return cls(
            q=query.get("q", "").replace("\0", "").strip()[:100],
            zone=zone_key(query.get("zone", "").replace("\0", "").strip()[:64]),
            assigned=query.get("assigned") == "1",
            tag=tag if is_tag(tag := query.get("tag", "").replace("\0", "").strip()[:200]) else "",
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.zone or self.assigned or self.tag)

    def narrow(self, campaigns: QuerySet[Campaign], assigned: Q) -> QuerySet[Campaign]:
        """Those that match, by name. `assigned`: what makes a campaign one that has been chosen already."""
        if self.q:
            campaigns = campaigns.filter(has_in_its_name(self.q) | Q(id__icontains=self.q))
        if self.zone:
            campaigns = campaigns.filter(timezone__in=names_of(self.zone))
        if self.tag:
            campaigns = campaigns.filter(pk__in=with_tag(self.tag))
        if self.assigned:
            campaigns = campaigns.filter(assigned)
        return campaigns.order_by(Lower("name"), "id")


def pick_campaigns(
    request: HttpRequest,
    find: Callable[[Search], QuerySet[Campaign]],
    assign: Callable[[Mapping[str, Collection[str]]], str],
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """A page of those that match; only what the person changed on it is changed, or all that match at once.

    `assign` is given what `chosen` returns, and returns what became of it, in a sentence. What it refuses is for the
    caller, since then the calendar or the rule itself is gone.
    """
    search = Search.read(request.GET)
    if request.method == "POST":
        try:
            asked = chosen(request.POST, find(search))
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, assign(asked))
        return SeeOther(request.get_full_path())
    page = Paginator(find(search), CAMPAIGNS_A_PAGE).get_page(request.GET.get("page", ""))
    offered = {"search": search, "page": page, "zones": zones(), "tags": known_tags()}
    return render(request, template, context | offered)


def chosen(form: QueryDict, matching: QuerySet[Campaign]) -> Mapping[str, Collection[str]]:
    """What a page of campaigns asks for, as ids to `add` and to `remove`: what changed on it, or all that match.

    Refusal: all that match are no longer as many as the person saw, or the page has changes that would be lost.
    """
    asked = form.get("all")
    if asked not in {"add", "remove"}:
        return changes_in(form)
    if any(changes_in(form).values()):
        sentence = "Ticks on the page were changed. Save them first, then choose all that match. Nothing was changed."
        raise Refusal(sentence)
    found = list(matching.values_list("pk", flat=True))
    if form.get("matching") != str(len(found)):
        raise Refusal(f"{len(found):,} campaigns match now, not as many as you saw. Nothing was changed.")
    return {asked: found}


def changes_in(form: QueryDict) -> dict[str, set[str]]:
    """The ids of campaigns to `add` and to `remove`, by what was ticked when the page was sent and when it was made.
    No campaign has an id with a NUL, and PostgreSQL refuses to look for one."""
    ticked, were = ({pk for pk in form.getlist(name) if "\0" not in pk} for name in ("ticked", "were"))
    return {"add": ticked - were, "remove": were - ticked}


def zones() -> list[str]:
    """Those that campaigns are in, each by its current name."""
    names = Campaign.objects.order_by().values_list("timezone", flat=True).distinct()
    return sorted({zone_key(name) for name in names} - {""})
