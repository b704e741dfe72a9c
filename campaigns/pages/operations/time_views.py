"""Another time for an operation that is held for one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from campaigns.errors import OperationRefusal
from campaigns.models import Operation
from campaigns.operations.rescheduling import change_time, problem_of_change, why_not_held
from campaigns.operations.timed import due_in_words
from campaigns.pages.access import PAUSE, RESUME, SEE_OPERATIONS, get_operation_for, require
from campaigns.pages.due_fields import DueForm, TypedTime, choice_field, clock_field, date_field
from campaigns.pages.freshness import read_freshness
from campaigns.pages.responses import SeeOther, allow_get_or_post
from campaigns.schedule.due_times import DueTime
from campaigns.states import State

RIGHTS = {"pause": PAUSE, "resume": RESUME}
NO_SEEN = "This form was incomplete, so nothing was saved. It is complete now: check it and send it again."


class ChangeTimeForm(DueForm):
    """`seen`: the time that the person changes."""

    at_date, at_time, at_choice = date_field(), clock_field(), choice_field()
    seen = forms.DateTimeField(error_messages=dict.fromkeys(("required", "invalid"), NO_SEEN))

    def __init__(self, data: Mapping[str, Any] | None, operation: Operation) -> None:
        self.operation, self.campaign = operation, operation.campaign
        self.due: DueTime | None = None
        super().__init__(data, initial=self._times_of(operation))

    def _times_of(self, operation: Operation) -> dict[str, str]:
        if operation.not_before is None:
            return {}
        local = operation.not_before.astimezone(self.zone)
        return {"at_date": f"{local:%Y-%m-%d}", "at_time": f"{local:%H:%M}", "at_choice": local.isoformat()}

    @property
    def typed_at(self) -> TypedTime:
        return self.typed("at")

    @property
    def now_due(self) -> str:
        """The time that it has, for `seen`."""
        return self.operation.not_before.isoformat() if self.operation.not_before else ""

    def clean(self) -> dict[str, Any]:
        self.due = self.clean_due("at")
        if self.due and (problem := problem_of_change(self.operation, self.due.at)):
            self.add_error("at_time", problem)
        return self.cleaned_data


@allow_get_or_post
@never_cache
def edit_time(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    operation = get_operation_for(request.user, operation_id, SEE_OPERATIONS)
    require(request.user, RIGHTS.get(operation.kind, PAUSE))
    if operation.state != State.SCHEDULED:
        messages.warning(request, why_not_held(operation))
        return SeeOther(reverse("campaigns:operation", args=[operation_id]))
    form = ChangeTimeForm(request.POST if request.method == "POST" else None, operation)
    refusal = None
    if form.is_valid() and form.due:
        seen = form.cleaned_data["seen"].astimezone(timezone.get_default_timezone())
        try:
            change_time(operation=operation, due=form.due, seen=seen, by=request.user.get_username())
        except OperationRefusal as caught:
            refusal = caught
            operation.refresh_from_db()
        else:
            return SeeOther(reverse("campaigns:operation", args=[operation_id]))
    status = 200
    if form.is_bound:
        status = 409 if refusal else 422
    context = {"form": form, "refusal": refusal, "operation": operation, "due": due_in_words(operation)}
    return render(request, "operations/time.html", context | {"freshness": read_freshness()}, status=status)
