"""What a person can do to a campaign or an operation, as data: a page offers what is possible and allowed.

A new action is one more row here; the pages draw whatever they are given.
"""

from dataclasses import dataclass, replace

from django.contrib.auth.models import AnonymousUser, User

from campaigns.models import Campaign, Operation, OperationKind
from campaigns.operations.four_eyes import SecondWanted
from campaigns.operations.hours_back import hours_before
from campaigns.operations.labels import is_cancellable
from campaigns.operations.rank import gives_way_to_resume
from campaigns.pages.access import CANCEL, EDIT_SCHEDULE, HOLD, PAUSE, RESUME
from campaigns.policy.holds import stops
from campaigns.states import State

# The rights that somebody has, of those that actions ask for; sorted, so that equal rights are equal values.
Rights = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """`key` is the id of its element on the page; `verb` names it where there is no room for `label`.

    `right` is the Django permission that it needs, `address` the name of the address that carries it out, at once
    where it is `by_post`, and otherwise after a form. That of a change of an operation is `of_operation`; other forms
    are about its campaign. `waits`: it only asks a second person to approve it. `shortcut`: the key that presses its
    button, or goes to it where it is `by_post`.
    """

    key: str
    verb: str
    label: str
    right: str
    address: str
    by_post: bool = False
    waits: bool = False
    of_operation: bool = False
    shortcut: str = ""


PAUSE_CAMPAIGN = Action("pause", "Pause", "Pause campaign", PAUSE, "campaigns:pause", shortcut="p")
RESUME_CAMPAIGN = Action("resume", "Resume", "Resume campaign", RESUME, "campaigns:resume", shortcut="p")
PAUSE_LATER = Action("later", "Pause", "Schedule a pause", PAUSE, "campaigns:pause")
RESUME_LATER = Action("later", "Resume", "Schedule a resume", RESUME, "campaigns:resume")
EDIT_HOURS = Action("schedule", "Edit", "Edit dialing hours", EDIT_SCHEDULE, "campaigns:schedule", shortcut="e")
PLACE_HOLD = Action("place-hold", "Hold", "Place a hold", HOLD, "campaigns:hold")
LIFT_HOLD = Action("lift-hold", "Lift", "Lift the hold", HOLD, "campaigns:hold_lift")
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
UNDO_OPERATION = {
    OperationKind.PAUSE: Action(
        "undo", "Undo", "Undo: resume it", RESUME, "campaigns:undo", by_post=True, shortcut="u"
    ),
    OperationKind.RESUME: Action(
        "undo", "Undo", "Undo: pause it again", PAUSE, "campaigns:undo", by_post=True, shortcut="u"
    ),
}
CANCEL_BULK = Action("cancel", "Cancel", "Cancel it", CANCEL, "campaigns:bulk_cancel", by_post=True)
RESUME_EXACTLY = Action(
    "resume-exactly",
    "Resume exactly these",
    "Resume exactly what this paused",
    RESUME,
    "campaigns:bulk_undo",
    shortcut="u",
)
RETRY_OPERATION = {
    OperationKind.PAUSE: Action("again", "Pause", "Try to pause again", PAUSE, "campaigns:pause"),
    OperationKind.RESUME: Action("again", "Resume", "Try to resume again", RESUME, "campaigns:resume"),
    OperationKind.SCHEDULE: Action(
        "again", "Edit", "Edit these hours and try again", EDIT_SCHEDULE, "campaigns:schedule"
    ),
}
PUT_HOURS_BACK = Action(
    "hours-back", "Undo", "Put the old hours back", EDIT_SCHEDULE, "campaigns:hours_back", by_post=True, shortcut="u"
)
# What takes a change back, where the policy wants two people for that.
ASK_TO_UNDO = {
    OperationKind.PAUSE: replace(
        UNDO_OPERATION[OperationKind.PAUSE], verb="Ask to undo", label="Ask to undo: resume it", waits=True
    ),
    OperationKind.SCHEDULE: replace(
        PUT_HOURS_BACK, verb="Ask to undo", label="Ask to put the old hours back", waits=True
    ),
}
# On campaigns that somebody selects in the list.
ON_MANY = (
    Action("pause-many", "Pause", "Pause selected", PAUSE, "campaigns:bulk_pause", shortcut="P"),
    Action("resume-many", "Resume", "Resume selected", RESUME, "campaigns:bulk_resume", shortcut="R"),
    Action("hold-many", "Hold", "Hold selected", HOLD, "campaigns:bulk_hold"),
)
_ALL = (PAUSE_CAMPAIGN, RESUME_CAMPAIGN, EDIT_HOURS, PLACE_HOLD, *CANCEL_OPERATION.values(), *RETRY_OPERATION.values())


def rights_of(user: User | AnonymousUser) -> Rights:
    return tuple(sorted({action.right for action in _ALL if user.has_perm(action.right)}))


def change_of_dialing(campaign: Campaign, in_progress: Operation | None) -> Action | None:
    """The pause or resume that the campaign's state, and its hold, admit. `in_progress`: the operation on it that is,
    if one is."""
    action = _change_of_state(campaign, in_progress)
    return None if action is RESUME_CAMPAIGN and stops(OperationKind.RESUME, campaign) else action


def _change_of_state(campaign: Campaign, in_progress: Operation | None) -> Action | None:
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
    """Nothing but a pause may be asked for while an operation is in progress, and not beside another pause; and a
    resume that takes back an accepted stop."""
    if in_progress.kind == OperationKind.PAUSE:
        return RESUME_CAMPAIGN if gives_way_to_resume(in_progress) else None
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
    if later is RESUME_LATER and stops(OperationKind.RESUME, campaign):
        return None
    return later if later.right in rights else None


def actions_on_campaign(campaign: Campaign, rights: Rights, in_progress: Operation | None) -> list[Action]:
    possible = [change_of_dialing(campaign, in_progress)]
    if campaign.hold_id is not None:
        possible.append(LIFT_HOLD)
    elif not campaign.gone_at:
        possible += [EDIT_HOURS, PLACE_HOLD]
    return [action for action in possible if action and action.right in rights]


def retry_of(kind: OperationKind, campaign: Campaign) -> Action | None:
    """None where CXone would only refuse it again, or a hold does."""
    if stops(kind, campaign):
        return None
    if campaign.is_at_rest and kind != OperationKind.SCHEDULE:
        return None
    return RETRY_OPERATION[kind]


def undo_of_kind(kind: OperationKind, wanted: SecondWanted) -> Action:
    """What takes a change of that kind back. To pause a campaign again never waits."""
    waits = {OperationKind.PAUSE: wanted.resumes, OperationKind.SCHEDULE: wanted.schedules}
    if waits.get(kind):
        return ASK_TO_UNDO[kind]
    return PUT_HOURS_BACK if kind == OperationKind.SCHEDULE else UNDO_OPERATION[kind]


def actions_on_operation(
    operation: Operation, rights: Rights, wanted: SecondWanted, *, is_trouble: bool, may_undo: bool = False
) -> list[Action]:
    """`is_trouble`: it ended, or is about to end, in a way that somebody may want to put right. `may_undo`: it was
    confirmed a moment ago, and still stands."""
    kind = OperationKind(operation.kind)
    possible: list[Action | None] = []
    if operation.state == State.SCHEDULED:
        possible.append(CHANGE_TIME[kind])
    if is_cancellable(operation):
        possible.append(CANCEL_OPERATION[kind])
    elif may_undo:
        possible.append(undo_of_kind(kind, wanted))
    elif is_trouble and not operation.conflict:
        # A conflict is resolved on the page itself, by choosing between the two sides.
        possible.append(retry_of(kind, operation.campaign))
    if hours_before(operation) is not None and not stops(kind, operation.campaign):
        possible.append(undo_of_kind(kind, wanted))
    return [action for action in possible if action and action.right in rights]
