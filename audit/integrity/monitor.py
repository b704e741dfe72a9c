"""The background check of the audit: a little of everything each minute, so that a change is detected soon.

It checks new records as they come, goes through the old ones in rounds, compares the checkpoints with the ledger, and
writes a checkpoint when one is due. How far each of these has come is in a row that whoever can write records can
write too: it is a hint, and the place that it names must itself match the ledger.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from audit import chain, clock
from audit.integrity import checkpoints, full_check, known_break, partial_walk
from audit.integrity.checkpoints import Checkpoint
from audit.models import Watch

# Records that a step checks of the new ones, and of the round: a round of a million takes less than two hours.
STEP = 10_000
# Records before a checkpoint, and in each step of a round that somebody waits for.
LONG_STEP = 100_000
# How much history somebody who rewrites the chain at once could hide.
CHECKPOINT_EVERY = timedelta(minutes=5)


def run_step() -> None:
    """Do one step of everything. Reads in small pieces, and keeps no transaction open."""
    known_break.repair_row()
    check_new()
    walk_old()
    checked = _check_checkpoints(newest_file=True)
    if checked is None:
        return
    if checked.found:
        known_break.report_break(checked.found)
    # Only a checkpoint that was written ends the trouble with writing them: it is tried each minute until then.
    if _is_due(checked.newest) or known_break.read_row().checkpoint_error:
        # What prevents it has been reported already.
        with suppress(checkpoints.NotWritten):
            checkpoints.write(LONG_STEP)


def check_new(most: int | None = None) -> partial_walk.PartialWalk:
    """Check the records added since the last time, at most `most` (by default `STEP`), and report a break."""
    row = known_break.read_row()
    place = chain.Head(row.checked_number, row.checked_digest)
    walked = _continue_from(place, STEP if most is None else most)
    if walked.found:
        known_break.report_break(walked.found)
    else:
        _move(row, "checked", walked.reached, checked_at=clock.now())
    return walked


def walk_old() -> None:
    """Check the next old records; at the end of a round compare all checkpoints with them, and start over."""
    row = known_break.read_row()
    place = chain.Head(row.round_number, row.round_digest)
    walked = _continue_from(place, LONG_STEP if row.wanted_at else STEP)
    if walked.found or not walked.left:
        _end_round(row, walked)
    else:
        _move(row, "round", walked.reached)


def request_full_walk(by: str) -> None:
    """Start a round at record 1 for somebody (a user name), with long steps. Its result replaces what is known.

    Does nothing while such a round is under way.
    """
    Watch.objects.filter(wanted_at=None).update(
        round_number=chain.START.number, round_digest=chain.START.digest, wanted_at=clock.now(), wanted_by=by
    )


def settle_break(found: chain.Break | None, *, since: datetime | None, by: str = "") -> None:
    """Replace what is known by what a complete verification found.

    `since`: when the break was found that was known as the verification began. One that was found later stays.
    """
    if found:
        known_break.replace_break(found, by=by)
    else:
        known_break.clear_break(since, by=by)


def settle_full_check(result: full_check.FullCheckResult, *, since: datetime | None, by: str) -> None:
    """The same for `full_check`. If everything holds, the background check goes on from there."""
    settle_break(result.first_break, since=since, by=by)
    _note_newest(result.newest)
    if result.ok and result.head:
        now = clock.now()
        _move(known_break.read_row(), "checked", result.head, checked_at=now)
        _move(known_break.read_row(), "round", chain.START, round_ended_at=now, round_records=result.records)


def _continue_from(place: chain.Head, most: int) -> partial_walk.PartialWalk:
    found = partial_walk.check_still_holds(place)
    if found:
        return partial_walk.PartialWalk(found, place, place)
    return partial_walk.walk_part(place, most)


def _end_round(row: Watch, walked: partial_walk.PartialWalk) -> None:
    checked = _check_checkpoints(newest_file=False)
    found = walked.found or (checked.found if checked else None)
    if row.wanted_at and checked:
        # A round that somebody asked for began at record 1 and has now checked everything.
        settle_break(found, since=row.break_found_at, by=row.wanted_by)
    elif found:
        known_break.report_break(found)

    if found:
        # An ordinary round stays at the break and meets it again each minute, until a complete verification clears it.
        if row.wanted_at:
            _move(row, "round", chain.START, wanted_at=None)
        return

    now = clock.now()
    _move(row, "round", chain.START, wanted_at=None, round_ended_at=now, round_records=walked.reached.number)
    if row.wanted_at:
        _move(known_break.read_row(), "checked", walked.reached, checked_at=now)


def _move(row: Watch, which: str, to: chain.Head, **values: Any) -> None:
    """Note how far the check of the new records ("checked") or the round ("round") has come."""
    number, digest = f"{which}_number", f"{which}_digest"
    # Another process may have moved it meanwhile, or somebody asked for a round from record 1: theirs stays.
    was = {number: getattr(row, number), digest: getattr(row, digest)}
    if which == "round":
        was["wanted_at"] = row.wanted_at
    Watch.objects.filter(pk=row.pk, **was).update(**{number: to.number, digest: to.digest}, **values)


def _check_checkpoints(*, newest_file: bool) -> checkpoints.CheckedLines | None:
    """None if they can't be read; that has been noted then."""
    try:
        checked = full_check.check_checkpoints(newest_file=newest_file)
    except full_check.UnreadableCheckpointsError as reason:
        known_break.note_trouble(str(reason))
        return None
    _note_newest(checked.newest)
    return checked


def _note_newest(newest: Checkpoint | None) -> None:
    known_break.note_checkpoint(newest.number if newest else 0, newest.moment if newest else None)


def _is_due(newest: Checkpoint | None) -> bool:
    if newest is None:
        return True
    # A clock that was set back makes the newest one come from the future.
    return not timedelta(0) <= clock.now() - newest.moment < CHECKPOINT_EVERY
