"""Changes of the policy by admins. Each saves its rows and one audit record, with before and after, in one
transaction; a call that changes nothing leaves no record.

`seen`: the facts that the person's form showed. If the row has others now, nothing is saved: FormOutdated. All
functions raise Refusal if somebody deleted the row meanwhile; those that return bool return False if there was nothing
to change.
"""

from collections.abc import Collection, Mapping
from datetime import date, time
from typing import Any, TypedDict, Unpack

from django.db import connection, transaction
from django.db.models import Max, Model, QuerySet
from django.db.models.functions import Collate

from audit.kinds import RecordKind
from campaigns.audited_changes import Row, deleted_meanwhile, lock, record_change, unless_taken
from campaigns.errors import FormOutdated, Refusal
from campaigns.models import (
    EMERGENCY,
    HOLIDAY,
    Calendar,
    CallingHoursRule,
    Campaign,
    Operation,
    Policy,
    ReasonCode,
    SyncState,
)

# A row's fields by name, as JSON values.
Facts = dict[str, Any]


class Thresholds(TypedDict):
    max_active_calls: int
    max_windows: int
    max_concurrent_pauses: int
    pause_patience_minutes: int
    late_minutes: int
    paused_too_long_days: int
    two_for_resume: bool
    two_for_bulk: bool
    two_for_schedule: bool
    approval_minutes: int


class Reason(TypedDict):
    code: str
    label: str
    overrides_calls_check: bool
    for_pause: bool
    for_resume: bool
    needs_note: bool
    retired: bool


class Hours(TypedDict):
    name: str
    days: list[str]
    earliest: time
    latest: time
    source: str
    valid_from: date | None
    valid_to: date | None


class OwnPolicy(TypedDict):
    """A campaign's own threshold and rule; None: the policy's threshold, the default rule."""

    max_active_calls: int | None
    calling_hours: CallingHoursRule | None


# The fields that forms show and audit records keep, in this order.
_FIELDS: dict[type[Model], tuple[str, ...]] = {
    Policy: (
        "max_active_calls",
        "max_windows",
        "max_concurrent_pauses",
        "pause_patience_minutes",
        "late_minutes",
        "paused_too_long_days",
        "two_for_resume",
        "two_for_bulk",
        "two_for_schedule",
        "approval_minutes",
    ),
    ReasonCode: ("code", "label", "overrides_calls_check", "for_pause", "for_resume", "needs_note", "retired"),
    CallingHoursRule: ("name", "days", "earliest", "latest", "source", "valid_from", "valid_to"),
    Campaign: ("max_active_calls", "calling_hours"),
}
# The collation by bytes, for one order of locks: the database's default collation may differ from machine to machine.
_BYTES = {"postgresql": "C", "sqlite": "BINARY"}


def facts_of(row: Model) -> Facts:
    """The facts of a row: what forms show and audit records keep."""
    return {name: fact_of(getattr(row, name)) for name in _FIELDS[type(row)]}


def fact_of(value: object) -> object:
    """A field's value as JSON: times as HH:MM, dates and other rows as text."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date | Model):
        return str(value)
    return value


def change_thresholds(*, seen: Facts, by: str, **values: Unpack[Thresholds]) -> bool:
    """False: nothing to change."""
    with transaction.atomic():
        return _edit(lock(Policy(pk=1)), values, seen=seen, by=by, what="the thresholds")


def change_campaign(*, campaign: Campaign, seen: Facts, by: str, **values: Unpack[OwnPolicy]) -> bool:
    """Set or remove a campaign's own threshold and rule."""
    with transaction.atomic():
        if values["calling_hours"]:
            lock(values["calling_hours"])
        locked = lock(campaign)
        return _edit(locked, values, seen=seen, by=by, what=f"the policy of {campaign}", campaign=locked)


def add_reason(*, by: str, **values: Unpack[Reason]) -> ReasonCode:
    """Add a reason code, as the last of those that are offered."""
    _let_the_stop_begin(values)
    same = ReasonCode.objects.filter(code=values["code"])
    last = ReasonCode.objects.aggregate(order=Max("order"))["order"] or 0
    with unless_taken(same, _code_taken(values["code"])):
        return _add(ReasonCode(**values, order=last + 1), same, by)


def change_reason(*, reason: ReasonCode, seen: Facts, by: str, **values: Unpack[Reason]) -> bool:
    """Change a reason code. Refusal: the new code is taken, operations use the old one, or it is the last one that
    pauses a busy campaign and would no longer do so, or the holiday guard or the emergency stop need it as it is."""
    _let_the_stop_begin(values)
    others = ReasonCode.objects.filter(code=values["code"]).exclude(pk=reason.pk)
    with unless_taken(others, _code_taken(values["code"])):
        locked, is_last = _lock_reason(reason)
        if values["code"] != locked.code and is_used(locked):
            raise Refusal(f"Operations on record have the code {locked.code}. Change the label instead.", "code")
        stays = values["overrides_calls_check"] and values["for_pause"] and not values["retired"]
        if is_last and not stays:
            raise _last(locked)
        if not (stays and values["code"] == locked.code):
            _keep_for_the_guard(locked)
        return _edit(locked, values, seen=seen, by=by, what=_named(locked))


def delete_reason(*, reason: ReasonCode, by: str) -> None:
    """Delete a reason code. Refusal: operations use it, it is the last one that pauses a busy campaign, or the holiday
    guard needs it."""
    with transaction.atomic():
        locked, is_last = _lock_reason(reason)
        if is_used(locked):
            raise Refusal(f"Operations on record give the reason “{locked.label}”, so it stays. Retire it instead.")
        if is_last:
            raise _last(locked)
        _keep_for_the_guard(locked)
        _delete(locked, by)


def move_reason(*, reason: ReasonCode, up: bool, by: str) -> bool:
    """Swap a reason that is offered with the one above or below it. False: it is first or last already, or retired."""
    with transaction.atomic():
        locked = ReasonCode.objects.select_for_update(no_key=True).order_by("pk")
        codes = sorted(locked, key=lambda code: (code.retired, code.order, code.code))
        before = [code.code for code in codes]
        if reason.code not in before:
            raise deleted_meanwhile(f"The reason “{reason.label}”")
        here = before.index(reason.code)
        there = here - 1 if up else here + 1
        # Those that are retired come last, whatever their order.
        offered = sum(not code.retired for code in codes)
        if not (here < offered and 0 <= there < offered):
            return False
        codes[here], codes[there] = codes[there], codes[here]
        for order, code in enumerate(codes, start=1):
            code.order = order
        ReasonCode.objects.bulk_update(codes, ["order"])
        after = [code.code for code in codes]
        _record(by, "changed", "the order of the reason codes", {"order": before}, {"order": after})
    return True


def is_used(reason: ReasonCode) -> bool:
    return Operation.objects.filter(reason=reason.code).exists()


def add_rule(*, by: str, **values: Unpack[Hours]) -> CallingHoursRule:
    same = CallingHoursRule.objects.filter(name=values["name"])
    with unless_taken(same, _rule_taken(values["name"])):
        return _add(CallingHoursRule(**values), same, by)


def change_rule(*, rule: CallingHoursRule, seen: Facts, by: str, **values: Unpack[Hours]) -> bool:
    others = CallingHoursRule.objects.filter(name=values["name"]).exclude(pk=rule.pk)
    with unless_taken(others, _rule_taken(values["name"])):
        locked = lock(rule)
        if locked.is_default and (values["valid_from"] or values["valid_to"]):
            raise Refusal("The default rule applies on every day: leave both dates empty.", "valid_from")
        return _edit(locked, values, seen=seen, by=by, what=_named(locked))


def make_default_rule(*, rule: CallingHoursRule, seen: Facts, by: str) -> bool:
    """Make `rule` the rule of all campaigns without one of their own. Refusal: it is only valid between certain
    dates."""
    with transaction.atomic():
        # All of them, in one order, so that two such changes can't wait for each other: the default one may be another
        # by the time that this one has its lock.
        every = CallingHoursRule.objects.select_for_update(no_key=True).order_by("pk")
        rules = {found.pk: found for found in every}
        if rule.pk not in rules:
            raise deleted_meanwhile(str(rule))
        locked = rules[rule.pk]
        if locked.is_default:
            return False
        if facts_of(locked) != seen:
            raise FormOutdated(facts_of(locked))
        if locked.valid_from or locked.valid_to:
            raise Refusal("The default rule applies on every day. Remove this rule’s dates first.")
        before = next((found.name for found in rules.values() if found.is_default), None)
        # The old one first: a unique constraint allows one default rule at any time.
        CallingHoursRule.objects.filter(is_default=True).update(is_default=False)
        CallingHoursRule.objects.filter(pk=rule.pk).update(is_default=True)
        _record(by, "changed", "the default calling-hours rule", {"rule": before}, {"rule": locked.name})
    return True


def delete_rule(*, rule: CallingHoursRule, by: str) -> None:
    """Delete a calling-hours rule. Refusal: it is the default, or campaigns have it."""
    with transaction.atomic():
        # With its key, so that no campaign gets the rule between the count and the deletion.
        locked = lock(rule, with_key=True)
        if locked.is_default:
            raise Refusal(f"{locked} is the default rule. Make another one the default first.")
        if number := locked.campaigns.count():
            campaigns = f"{number:,} campaign{'' if number == 1 else 's'}"
            raise Refusal(f"{locked} applies to {campaigns}. Remove it from them first.")
        _delete(locked, by)


def assign_rule(
    *, rule: CallingHoursRule, add: Collection[str] = (), remove: Collection[str] = (), by: str
) -> tuple[int, int]:
    """Assign the rule to campaigns, by id, and remove it from others. Returns how many campaigns of each changed."""
    with transaction.atomic():
        locked = lock(rule)
        chosen = _lock_campaigns({*add, *remove})
        given = {c.pk: c.calling_hours_id for c in chosen if c.pk in set(add) and c.calling_hours_id != locked.pk}
        taken = [c.pk for c in chosen if c.pk in set(remove) - set(add) and c.calling_hours_id == locked.pk]
        if given or taken:
            before = locked.campaigns.count()
            Campaign.objects.filter(pk__in=given).update(calling_hours=locked)
            Campaign.objects.filter(pk__in=taken).update(calling_hours=None)
            _record_assigned(locked, before, given, taken, by)
    return len(given), len(taken)


def _record_assigned(
    rule: CallingHoursRule, before: int, given: dict[str, int | None], taken: list[str], by: str
) -> None:
    """`given`: by campaign id, the primary key of the rule that it had before; None if it had none of its own."""
    names = dict(CallingHoursRule.objects.values_list("pk", "name"))
    _record(
        by,
        "changed",
        f"the campaigns of {_named(rule)}",
        {"campaigns": before},
        {"campaigns": before + len(given) - len(taken)},
        given={pk: names[had] if had else None for pk, had in given.items()},
        taken=taken,
    )


def _lock_campaigns(ids: Collection[str]) -> list[Campaign]:
    # Always in the same order: two transactions that lock the same rows in different orders are a deadlock.
    chosen = Campaign.objects.select_for_update(no_key=True).filter(pk__in=ids)
    return list(chosen.order_by(Collate("id", _BYTES[connection.vendor])))


def _lock_reason(reason: ReasonCode) -> tuple[ReasonCode, bool]:
    """The reason code, locked, and whether it is the last one that pauses a busy campaign."""
    # All codes are locked, so that two people can't remove the last two at the same time.
    codes = {code.pk: code for code in ReasonCode.objects.select_for_update(no_key=True).order_by("pk")}
    if reason.pk not in codes:
        raise deleted_meanwhile(f"The reason “{reason.label}”")
    offered = [code for code in codes.values() if code.for_pause and not code.retired]
    overriding = [code.pk for code in offered if code.overrides_calls_check]
    return codes[reason.pk], overriding == [reason.pk]


def _last(reason: ReasonCode) -> Refusal:
    return Refusal(
        f"“{reason.label}” is the last reason that pauses a busy campaign, and a busy campaign must be stoppable. "
        "Let another one override the calls limit first."
    )


def _keep_for_the_guard(reason: ReasonCode) -> None:
    """Refusal: the holiday guard pauses with this reason, and guards a calendar."""
    # Whoever switches the guard on locks the reason first, so nobody does so between this and the commit.
    guarded = Calendar.objects.filter(guarded=True).first() if reason.code == HOLIDAY else None
    if guarded:
        raise Refusal(
            f"The holiday guard pauses with the reason “{reason.label}”, and it is on for the calendar {guarded}. "
            "Switch it off for every calendar first, or leave the reason offered for pauses and overriding the calls "
            "limit."
        )


def _let_the_stop_begin(values: Reason) -> None:
    """Refusal: the emergency stop, which begins with this reason, would wait for a note."""
    if values["code"] == EMERGENCY and values["needs_note"]:
        raise Refusal(
            "The emergency stop begins with this reason, and must not wait for a note. Leave the note optional.",
            "needs_note",
        )


def _code_taken(code: str) -> Refusal:
    return Refusal(f"There is a reason code {code} already. Choose another code.", "code")


def _rule_taken(name: str) -> Refusal:
    return Refusal(f"There is a calling-hours rule {name} already. Choose another name.", "name")


def _add(row: Row, same: QuerySet[Row], by: str) -> Row:
    """Save a new row, or return the equal one that exists."""
    # A double click sends the form twice: the second request gets the row of the first.
    found = same.first()
    if found and facts_of(found) == facts_of(row):
        return found
    row.save(force_insert=True)
    _record(by, "added", _named(row), after=facts_of(row))
    return row


def _edit(
    row: Model, values: Mapping[str, Any], *, seen: Facts, by: str, what: str, campaign: Campaign | None = None
) -> bool:
    before = facts_of(row)
    after = {name: fact_of(value) for name, value in values.items()}
    if after == before:
        return False
    if seen != before:
        raise FormOutdated(before)
    type(row)._default_manager.filter(pk=row.pk).update(**values)
    _record(by, "changed", what, before, after, campaign=campaign)
    return True


def _delete(row: Model, by: str) -> None:
    before, name = facts_of(row), _named(row)
    row.delete()
    _record(by, "deleted", name, before)


def _named(row: Model) -> str:
    noun = "reason code" if isinstance(row, ReasonCode) else "calling-hours rule"
    return f"the {noun} {row}"


def _record(
    by: str, did: str, what: str, before: Facts | None = None, after: Facts | None = None, **rest: Any
) -> None:
    SyncState.bump()
    record_change(RecordKind.POLICY_CHANGED, by=by, did=did, what=what, before=before, after=after, **rest)
