"""Bulks for those who have the shell: chosen by filters, asked for and run in the command's own process."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db.models import F
from django.db.models.functions import Now

from audit.os_user import os_user
from campaigns import tenancy
from campaigns.cxone.gateway import status_of
from campaigns.errors import OperationRefusal
from campaigns.management import shell
from campaigns.models import Bulk, Campaign, Operation, OperationKind, ReasonCode, SyncState
from campaigns.operations.bulk import requests
from campaigns.operations.bulk.preview import Effect, Preview, preview
from campaigns.operations.bulk.progress import BulkProgress, read_progress
from campaigns.operations.phrases import calls_are
from campaigns.operations.runner import execution
from campaigns.operations.runner.bulks import reading, work
from campaigns.operations.runner.claim import is_left_to_its_bulk
from campaigns.queueing.rows import database_now
from campaigns.schedule import zone_key
from campaigns.selection import CampaignSelection, is_tag, matching_campaigns
from campaigns.states import IN_PROGRESS, State
from campaigns.sync import full_read

# How often progress is printed, and how long this sleeps at most before it looks what is due.
PRINT_SECONDS = 1.0
MOST_SLEEP_SECONDS = 1.0
COUNTED = (
    State.CONFIRMED,
    State.SKIPPED,
    State.REJECTED,
    State.FAILED,
    State.UNCONFIRMED,
    State.CANCELLED,
    State.SUPERSEDED,
    State.PENDING,
)
DONE = {OperationKind.PAUSE: "paused", OperationKind.RESUME: "resumed"}
EFFECTS = {
    Effect.ALREADY: "need no change",
    Effect.OVER_LIMIT: "have more calls in progress than their limit",
    Effect.IN_THE_WAY: "have another operation in progress",
    Effect.AT_REST: "can’t be, by their status",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """`on_record`: what was chosen, as bulks have it on record."""

    campaigns: list[Campaign]
    on_record: dict[str, Any]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", required=True, metavar="CODE")
    parser.add_argument("--status", default="", help="only those with this status, e.g. ACTIVE")
    parser.add_argument("--search", default="", metavar="TEXT", help="only those with it in their name or id")
    parser.add_argument("--zone", default="", help="only those in this time zone, e.g. America/New_York")
    parser.add_argument("--calendar", default="", metavar="NAME", help="only those with this holiday calendar")
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="NAME:TEXT",
        help="only those with this tag, e.g. client:Northwind; any number",
    )
    parser.add_argument("--campaign", action="append", default=[], metavar="ID", help="only this one; any number")
    parser.add_argument("--note", default="")
    parser.add_argument("--yes", action="store_true", help="do it; without, only say what would happen")
    add_by(parser)


def add_by(parser: ArgumentParser) -> None:
    parser.add_argument("--by", default=os_user(), help="who is named on record (default: the system’s user)")


FILTERS = ("status", "search", "zone", "calendar", "tag", "campaign")


def filters_in(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a command's options that `choose` takes."""
    return {name: options[name] for name in FILTERS}


def choose(
    *,
    status: str = "",
    search: str = "",
    zone: str = "",
    calendar: str = "",
    tag: Sequence[str] = (),
    campaign: Sequence[str] = (),
) -> Chosen:
    """The campaigns that match all of these, by name. CommandError: an unknown calendar, or nothing matches."""
    # Left out, a misspelt one would widen what is chosen.
    for each in tag:
        if not is_tag(each):
            raise CommandError(f"{each!r} isn’t a tag: write NAME:TEXT, as client:Northwind.", returncode=2)
    by_calendar = shell.find_calendar(calendar) if calendar else None
    selection = CampaignSelection(
        q=search.strip(),
        status=status_of(status),
        zone=zone_key(zone),
        calendar=str(by_calendar.pk) if by_calendar else "",
        tags=tuple(tag),
    )
    found = matching_campaigns(selection, database_now()).filter(gone_at=None)
    if campaign:
        found = found.filter(pk__in=campaign)
    campaigns = list(found)
    if not campaigns:
        raise CommandError("No campaign matches. See list_campaigns; nothing was requested.", returncode=2)
    if campaign:
        return Chosen(campaigns, {"ids": len(campaigns)})
    filters = {
        "status": selection.status,
        "q": selection.q,
        "zone": selection.zone,
        "calendar": calendar,
        "tags": list(selection.tags),
    }
    return Chosen(campaigns, {"filter": {name: value for name, value in filters.items() if value}})


def run_chosen(
    kind: OperationKind, chosen: Chosen, reason: ReasonCode, *, by: str, note: str, yes: bool, **values: Any
) -> Bulk:
    """Ask for the bulk and see it to its end. Not `yes`: say what would happen instead, and exit."""
    shell.check_fits("by", by, 150)
    shell.check_fits("note", note, 500)
    shell.check_note(reason, note)
    override = kind == OperationKind.PAUSE and reason.overrides_calls_check
    if not yes:
        sys.stderr.write(f"{_words(kind, preview(kind, chosen.campaigns, override))}\nAdd --yes to do it.\n")
        sys.exit(2)

    def ask(key: str) -> Bulk:
        return requests.request_bulk(
            kind=kind,
            campaign_ids=[campaign.pk for campaign in chosen.campaigns],
            by=by,
            reason=reason,
            note=note,
            selection=chosen.on_record,
            key=key,
            enqueue=False,
            **values,
        )

    return run_asked(ask)


def run_asked(ask: Callable[[str], Bulk]) -> Bulk:
    """Ask for a bulk and see it to its end."""
    tenancy.refuse_other_settings()
    try:
        bulk = ask(uuid4().hex)
    except OperationRefusal as refusal:
        raise CommandError(refusal.sentence, returncode=2) from refusal
    return _finish(bulk)


def find_bulk(number: str) -> Bulk:
    try:
        return Bulk.objects.get(pk=number)
    except (Bulk.DoesNotExist, ValidationError):
        raise CommandError(f"No bulk has the id {number!r}. Nothing was requested.", returncode=2) from None


def bulk_line(bulk: Bulk) -> str:
    """One line of JSON, as scripts know it."""
    progress = read_progress(bulk)
    took = (bulk.ended_at or database_now()) - bulk.requested_at
    return json.dumps(
        {
            "bulk": str(bulk.pk),
            "campaigns": progress.total,
            **{state.lower(): progress.count(state) for state in COUNTED},
            "requests": progress.requests,
            "seconds": round(took.total_seconds(), 1),
        }
    )


def exit_status(bulk: Bulk) -> int:
    """0: all are as asked for, or it waits for a second person; 3: the others were rejected; 1: anything else."""
    progress = read_progress(bulk)
    good = progress.count(State.CONFIRMED, State.SKIPPED)
    if bulk.pending or good == progress.total:
        return 0
    if good + progress.count(State.REJECTED) == progress.total:
        return 3
    return 1


def _finish(bulk: Bulk) -> Bulk:
    """Run it whenever it is due. Should this process be killed, the dispatcher goes on with it."""
    said, said_at = "", 0.0
    if bulk.pending:
        shell.say_waiting(bulk)
        return bulk
    while True:
        work.advance_bulk(bulk.pk)
        for key in _due_singles(bulk):
            execution.advance_operation(key)
        _read_if_needed(bulk)
        bulk.refresh_from_db()
        words = _progress_in_words(read_progress(bulk))
        if words != said and (bulk.ended_at or time.monotonic() - said_at >= PRINT_SECONDS):
            sys.stderr.write(f"{words}\n")
            said, said_at = words, time.monotonic()
        if bulk.ended_at:
            return bulk
        due_in = (bulk.next_attempt_at - database_now()).total_seconds()
        time.sleep(min(max(0.0, due_in), MOST_SLEEP_SECONDS))


def _due_singles(bulk: Bulk) -> list[UUID]:
    """What the bulk has left to single workers, which nobody else may be running."""
    left = Operation.objects.filter(~is_left_to_its_bulk(), bulk=bulk, state__in=IN_PROGRESS, lease_until=None)
    return list(left.filter(next_attempt_at__lte=Now()).values_list("pk", flat=True)[:10])


def _read_if_needed(bulk: Bulk) -> None:
    """No other process may be reading: then nothing would be seen to have happened."""
    in_progress = Operation.objects.filter(bulk=bulk, state__in=IN_PROGRESS)
    awaits_only_that = in_progress.exists() and not in_progress.exclude(state=State.ACCEPTED).exists()
    if not (awaits_only_that or reading.is_wanted(SyncState.current())):
        return
    if found := full_read.read_if_old():
        Bulk.objects.filter(pk=bulk.pk, ended_at=None).update(requests=F("requests") + found.requests)


def _progress_in_words(progress: BulkProgress) -> str:
    counts = [f"{number} {state.lower()}" for state, number in progress.counts.items() if number]
    left = f", about {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
    return f"{progress.ended} of {progress.total} have ended: {', '.join(counts)}{left}"


def _words(kind: OperationKind, found: Preview) -> str:
    sent = found.count(Effect.SENT)
    words = f"{len(found.expected)} campaigns: {sent} would be {DONE[kind]}"
    if kind == OperationKind.PAUSE:
        words += f" ({calls_are(found.calls)} in progress on them)"
    others = [f"{found.count(effect)} {what}" for effect, what in EFFECTS.items() if found.count(effect)]
    return f"{'; '.join([words, *others])}."
