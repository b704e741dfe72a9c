"""The emergency stop: what, one reason, go. One page, without a second question."""

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from campaigns.errors import OperationRefusal
from campaigns.models import EMERGENCY, Bulk, Operation, OperationKind, ReasonCode
from campaigns.operations.bulk.requests import MOST_CAMPAIGNS, request_bulk
from campaigns.pages.access import PAUSE, require
from campaigns.pages.bulk.scopes import LISTED, StopScope, StopScopes, read_scopes
from campaigns.pages.freshness import read_freshness
from campaigns.pages.operations.forms import ReasonedForm
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.selection import CampaignSelection
from campaigns.states import State

NO_SCOPE = "Choose what to stop. Nothing was stopped yet."
SCOPE_LEFT = "Nothing there can be stopped any more: all of it is paused or gone. Choose again."


class StopForm(ReasonedForm):
    """`scope`: the key of what is to stop. Only reasons that override the calls check are offered: nothing else stops
    a campaign for certain."""

    offered_for = "for_pause"
    scope = forms.CharField(max_length=300, error_messages=dict.fromkeys(("required", "max_length"), NO_SCOPE))

    def __init__(self, data: dict[str, str] | None, scopes: StopScopes) -> None:
        super().__init__(data)
        self.scopes = scopes

    @property
    def reasons(self) -> list[ReasonCode]:
        return [each for each in super().reasons if each.overrides_calls_check]

    @property
    def chosen_reason(self) -> str:
        """Emergency, or else the first that is offered: one that needs no note, if there is any."""
        if came := self.data.get("reason"):
            return str(came)
        best = min(self.reasons, key=lambda reason: (reason.code != EMERGENCY, reason.needs_note), default=None)
        return best.code if best else ""

    @property
    def chosen_scope(self) -> str:
        """What was chosen, or what the list showed from which the person came."""
        if self.is_bound:
            return str(self.data.get("scope", ""))
        return LISTED if self.scopes.listed else ""

    def clean_scope(self) -> StopScope:
        scope = self.scopes.get(self.cleaned_data["scope"])
        if scope is None or not scope.number:
            raise forms.ValidationError(SCOPE_LEFT)
        return scope

    def find_sent(self) -> Bulk | None:
        """The bulk that this form has asked for already, before a second click."""
        key = self.cleaned_data.get("key")
        return Bulk.objects.defer("campaign_ids").filter(idempotency_key=str(key)).first() if key else None


@allow_get_or_post
@never_cache
def stop_many(request: HttpRequest) -> HttpResponse:
    require(request.user, PAUSE)
    listed = CampaignSelection.read(request.GET)
    scopes = read_scopes(listed, read_freshness())
    if request.method != "POST":
        return _show(request, StopForm(None, scopes), listed)
    form = StopForm(request.POST.dict(), scopes)
    is_valid = form.is_valid()
    if sent := form.find_sent():
        return SeeOther(reverse("campaigns:bulk", args=[sent.pk]))
    if not is_valid:
        return _show(request, form, listed, status=422)
    try:
        bulks = _stop(form, by=request.user.get_username())
    except OperationRefusal as refusal:
        return _show(request, form, listed, status=409, refusal=refusal)
    if len(bulks) > 1:
        return SeeOther(reverse("campaigns:bulks"))
    return SeeOther(reverse("campaigns:bulk", args=[bulks[0].pk]))


def _stop(form: StopForm, *, by: str) -> list[Bulk]:
    """One bulk, or several where there are more campaigns than one may have: a stop is never refused for its size."""
    scope: StopScope = form.cleaned_data["scope"]
    ids = scope.campaign_ids
    asked = {"kind": OperationKind.PAUSE, "by": by, "selection": scope.on_record, **form.asked}
    key = asked.pop("key")
    bulks = []
    # Whatever breaks off leaves no part behind: a second click would find it, and take it for the whole stop.
    with transaction.atomic():
        try:
            for first in range(0, len(ids), MOST_CAMPAIGNS):
                # The first part has the form's own key, by which a second click finds it.
                part_key = f"{key}-{first}" if first else key
                bulks.append(request_bulk(campaign_ids=ids[first : first + MOST_CAMPAIGNS], key=part_key, **asked))
        except OperationRefusal as refusal:
            refused = refusal
        else:
            return bulks
    # Only now, so that its record stays.
    raise refused


def _show(
    request: HttpRequest,
    form: StopForm,
    listed: CampaignSelection,
    *,
    status: int = 200,
    refusal: OperationRefusal | None = None,
) -> HttpResponse:
    scheduled = Operation.objects.filter(state=State.SCHEDULED, kind=OperationKind.RESUME).count()
    context = {"form": form, "scopes": form.scopes, "refusal": refusal, "scheduled": scheduled, "listed": listed.query}
    return render(request, "bulk/stop.html", context, status=status)
