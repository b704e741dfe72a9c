"""The action that a finding asks for, as data: a button that leads to the form which takes it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse

from campaigns.attention.findings import FindingView
from campaigns.models import Campaign, FindingCode, Operation, OperationKind
from campaigns.pages.access import EDIT_SCHEDULE, MANAGE_HOLIDAYS, PAUSE, RESUME, SEE_OPERATIONS
from campaigns.pages.actions import EDIT_HOURS, Action, Rights, change_of_dialing, retry_of

_RIGHTS = (EDIT_SCHEDULE, MANAGE_HOLIDAYS, PAUSE, RESUME, SEE_OPERATIONS)


@dataclass(frozen=True, slots=True)
class FindingStep:
    """`address` is that of a page, for whoever has the `right`."""

    label: str
    right: str
    address: str


def rights_for_steps(user: User | AnonymousUser) -> Rights:
    """Of those that steps ask for, the ones that somebody has."""
    return tuple(right for right in _RIGHTS if user.has_perm(right))


def first_step(view: FindingView, rights: Rights, in_progress: Operation | None) -> FindingStep | None:
    """What to do about the finding, offered to whoever may. `in_progress`: the operation on its campaign that is."""
    campaign = view.campaign
    step = _add_holidays(view) if campaign is None else _STEPS[view.code](view, campaign, in_progress)
    return step if step is not None and step.right in rights else None


def _add_holidays(view: FindingView) -> FindingStep:
    address = reverse("campaigns:holiday_import", args=[view.finding.calendar_id])
    return FindingStep("Add holidays", MANAGE_HOLIDAYS, address)


def _change_dialing(label: str) -> Callable[[FindingView, Campaign, Operation | None], FindingStep | None]:
    def step(view: FindingView, campaign: Campaign, in_progress: Operation | None) -> FindingStep | None:
        action = change_of_dialing(campaign, in_progress)
        if action is None:
            return None
        return _form(action, campaign, label.format(verb=action.verb))

    return step


def _stop(view: FindingView, campaign: Campaign, in_progress: Operation | None) -> FindingStep | None:
    action = change_of_dialing(campaign, in_progress)
    # What is paused already isn't stopped by a resume.
    if action is None or not campaign.may_be_paused:
        return None
    return _form(action, campaign, "Pause again" if view.code == FindingCode.CAME_BACK else "Pause now")


def _try_again(view: FindingView, campaign: Campaign, in_progress: Operation | None) -> FindingStep | None:
    kind = OperationKind(view.finding.details["kind"])
    if in_progress is not None and kind != OperationKind.PAUSE:
        return None
    action = retry_of(kind, campaign)
    return _form(action, campaign, action.label) if action else None


def _open_conflict(view: FindingView, campaign: Campaign, in_progress: Operation | None) -> FindingStep | None:
    address = reverse("campaigns:operation", args=[view.finding.details["operation"]])
    return FindingStep("Open the conflict", SEE_OPERATIONS, address)


def _open_operation(view: FindingView, campaign: Campaign, in_progress: Operation | None) -> FindingStep | None:
    address = reverse("campaigns:operation", args=[view.finding.details["operation"]])
    return FindingStep("Open the operation", SEE_OPERATIONS, address)


def _put_right(view: FindingView, campaign: Campaign, in_progress: Operation | None) -> FindingStep | None:
    if view.finding.details.get("status"):
        return _change_dialing("{verb} campaign")(view, campaign, in_progress)
    return _form(EDIT_HOURS, campaign, EDIT_HOURS.label)


def _form(action: Action, campaign: Campaign, label: str) -> FindingStep:
    return FindingStep(label, action.right, reverse(action.address, args=[campaign.pk]))


_STEPS: dict[FindingCode, Callable[[FindingView, Campaign, Operation | None], FindingStep | None]] = {
    FindingCode.DIALING_ON_HOLD: _stop,
    FindingCode.CAME_BACK: _stop,
    FindingCode.CALLS_OUTSIDE_HOURS: _stop,
    FindingCode.DIALING_ON_HOLIDAY: _stop,
    FindingCode.OPERATION_UNCONFIRMED: _try_again,
    FindingCode.OPERATION_FAILED: _try_again,
    FindingCode.OPERATION_STUCK: _open_operation,
    FindingCode.CALLS_OVER_LIMIT: _stop,
    FindingCode.SCHEDULE_CONFLICT: _open_conflict,
    FindingCode.CHANGED_IN_CXONE: _put_right,
    FindingCode.PAUSED_TOO_LONG: _change_dialing("{verb} campaign"),
}
