"""What a person can do to a campaign or an operation, as data: a page offers what is possible and allowed.

A new action is one more row here; the pages draw whatever they are given.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from campaigns.models import Campaign, Operation, OperationKind
from campaigns.operations.descriptions import is_cancellable
from campaigns.pages.access import CANCEL, EDIT_SCHEDULE, PAUSE, RESUME
from campaigns.states import State

# The rights that somebody has, of those that actions ask for; sorted, so that equal rights are equal values.
Rights = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """`key` is the id of its element on the page; `verb` names it where there is no room for `label`.

    `right` is the Django permission that it needs, `address` the name of the address that carries it out, at once
    where it is `by_post`, and otherwise after a form. That of a change of an operation is `of_operation`; other forms
    are about its campaign.
    """

    key: str
    verb: str
    label: str
    right: str
    address: str
    by_post: bool = False
    of_operation: bool = False


PAUSE_CAMPAIGN = Action("pause", "Pause", "Pause campaign", PAUSE, "campaigns:pause")
RESUME_CAMPAIGN = Action("resume", "Resume", "Resume campaign", RESUME, "campaigns:resume")
PAUSE_LATER = Action("later", "Pause", "Schedule a pause", PAUSE, "campaigns:pause")
RESUME_LATER = Action("later", "Resume", "Schedule a resume", RESUME, "campaigns:resume")
EDIT_HOURS = Action("schedule", "Edit", "Edit dialing hours", EDIT_SCHEDULE, "campaigns:schedule")
CANCEL_OPERATION = {
    kind: Action("cancel", "Cancel", f"Cancel this {kind.label.lower()}", CANCEL, "campaigns:cancel", by_post=True)
    for kind in OperationKind
}
CHANGE_TIME = {
    OperationKind.PAUSE: Action(
        "time", "Change", "Change its time", PAUSE, "campaigns:operation_time", of_operation=True
    ),
    OperationKind.RESUME: Action(
        "time", "Change", "Change its time", RESUME, "campaigns:operation_time", of_operation=True
    ),
}
RETRY_OPERATION = {
    OperationKind.PAUSE: Action("again", "Pause", "Try to pause again", PAUSE, "campaigns:pause"),
    OperationKind.RESUME: Action("again", "Resume", "Try to resume again", RESUME, "campaigns:resume"),
    OperationKind.SCHEDULE: Action(
        "again", "Edit", "Edit these hours and try again", EDIT_SCHEDULE, "campaigns:schedule"
    ),
}
# On campaigns that somebody selects in the list.
ON_MANY = (
    Action("pause-many", "Pause", "Pause selected", PAUSE, "campaigns:bulk_pause"),
    Action("resume-many", "Resume", "Resume selected", RESUME, "campaigns:bulk_resume"),
)
_ALL = (PAUSE_CAMPAIGN, RESUME_CAMPAIGN, EDIT_HOURS, *CANCEL_OPERATION.values(), *RETRY_OPERATION.values())


def rights_of(user: User | AnonymousUser) -> Rights:
    return tuple(sorted({action.right for action in _ALL if user.has_perm(action.right)}))


def change_of_dialing(campaign: Campaign, in_progress: Operation | None) -> Action | None:
    """The pause or resume that the campaign's state admits. `in_progress`: the operation on it that is, if one is."""
    if campaign.gone_at:
        return None
    if in_progress is not None:
        return _stop(campaign, in_progress)
    if campaign.may_be_resumed:
        return RESUME_CAMPAIGN
    if campaign.may_be_paused:
        return PAUSE_CAMPAIGN
    return None


def _stop(campaign: Campaign, in_progress: Operation) -> Action | None:
    """Nothing but a pause may be asked for while an operation is in progress, and not beside another pause."""
    if in_progress.kind == OperationKind.PAUSE:
        return None
    if campaign.may_be_paused or in_progress.kind == OperationKind.RESUME:
        return PAUSE_CAMPAIGN
    return None


def actions_on_many(rights: Rights) -> list[Action]:
    return [action for action in ON_MANY if action.right in rights]


def later_change(campaign: Campaign, rights: Rights) -> Action | None:
    """What its state doesn't admit now, and may be wanted at a time."""
    if campaign.gone_at:
        return None
    later = PAUSE_LATER if campaign.is_paused else RESUME_LATER
    return later if later.right in rights else None


def actions_on_campaign(campaign: Campaign, rights: Rights, in_progress: Operation | None) -> list[Action]:
    possible = [change_of_dialing(campaign, in_progress)]
    if not campaign.gone_at:
        possible.append(EDIT_HOURS)
    return [action for action in possible if action and action.right in rights]


def actions_on_operation(operation: Operation, rights: Rights, *, is_trouble: bool) -> list[Action]:
    """`is_trouble`: it ended, or is about to end, in a way that somebody may want to put right."""
    kind = OperationKind(operation.kind)
    possible = []
    if operation.state == State.SCHEDULED:
        possible.append(CHANGE_TIME[kind])
    if is_cancellable(operation):
        possible.append(CANCEL_OPERATION[kind])
    elif is_trouble and not operation.conflict:
        # A conflict is resolved on the page itself, by choosing between the two sides.
        possible.append(RETRY_OPERATION[kind])
    return [action for action in possible if action.right in rights]
