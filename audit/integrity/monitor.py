"""The background check of the audit: a part of everything each minute, so that a change is detected soon.

It checks new records, goes through the old ones in rounds, compares the checkpoints with the ledger, and writes a
checkpoint when one is due. The progress of each is stored in a row that anybody who can write records can write too,
so it is only a hint: the record that it names must match the ledger.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from audit import chain, clock
from audit.integrity import checkpoints, full_check, known_break, partial_walk, restores
from audit.integrity.checkpoints import Checkpoint
from audit.models import Watch

# Records checked in one step, of the new ones and of the round. At one step a minute, a round of a million records
# takes less than two hours.
STEP = 10_000
# Records checked before a checkpoint, and in each step of a round that somebody has requested and waits for.
LONG_STEP = 100_000
# This bounds the newest history that somebody who rewrites the chain can change without contradicting a checkpoint.
CHECKPOINT_EVERY = timedelta(minutes=5)


def run_step() -> None:
    """Do one step of everything. It reads in small parts and keeps no transaction open."""
    known_break.repair_row()
    check_new()
    walk_old()
    checked = _check_checkpoints(newest_file=True)
    if checked is None:
        return
    if checked.found:
        known_break.report_break(checked.found)
    # After a failure, writing is attempted each minute: only a written checkpoint removes the warning.
    if _is_due(checked.newest) or known_break.read_row().checkpoint_error:
        # The reason has been reported already.
        with suppress(checkpoints.NotWritten):
            checkpoints.write(LONG_STEP)


def check_new(most: int | None = None) -> partial_walk.PartialWalk:
    """Check the records since the last check, at most `most` (default: `STEP`), and report a break."""
    row = known_break.read_row()
    place = chain.Head(row.checked_number, row.checked_digest)
    walked = _continue_from(place, STEP if most is None else most)
    if walked.found:
        known_break.report_break(walked.found)
    else:
        _move(row, "checked", walked.reached, checked_at=clock.now())
    return walked


def walk_old() -> None:
    """Check the next old records. At the end of a round, check all checkpoints and start again at record 1."""
    row = known_break.read_row()
    place = chain.Head(row.round_number, row.round_digest)
    walked = _continue_from(place, LONG_STEP if row.wanted_at else STEP)
    if walked.found or not walked.left:
        _end_round(row, walked)
    else:
        _move(row, "round", walked.reached)


def request_full_walk(by: str) -> None:
    """Start a round at record 1 with long steps, requested by `by` (a user name). Its result replaces a known break.

    Does nothing while such a round is in progress.
    """
    Watch.objects.filter(wanted_at=None).update(
        round_number=chain.START.number, round_digest=chain.START.digest, wanted_at=clock.now(), wanted_by=by
    )


def settle_break(found: chain.Break | None, *, since: datetime | None, by: str = "") -> None:
    """Replace the known break by the result of a complete verification.

    `since`: when the break that was known at the start of the verification had been found. A later one stays.
    """
    if found:
        known_break.replace_break(found, by=by)
    else:
        known_break.clear_break(since, by=by)


def settle_full_check(result: full_check.FullCheckResult, *, since: datetime | None, by: str, seconds: float) -> None:
    """The same for a `full_check`, which took so many seconds. If everything is right, the background check continues
    after its last record."""
    settle_break(result.first_break, since=since, by=by)
    _note_newest(result.newest)
    if result.ok and result.head:
        Watch.objects.update(restores=[restore.values() for restore in result.restores])
        now = clock.now()
        _move(known_break.read_row(), "checked", result.head, checked_at=now)
        ended = {"round_ended_at": now, "round_records": result.records, "round_seconds": seconds}
        _move(known_break.read_row(), "round", chain.START, **ended)


def _continue_from(place: chain.Head, most: int) -> partial_walk.PartialWalk:
    found = partial_walk.check_still_holds(place)
    if found:
        return partial_walk.PartialWalk(found, place, place)
    return partial_walk.walk_part(place, most)


def _end_round(row: Watch, walked: partial_walk.PartialWalk) -> None:
    checked = _check_checkpoints(newest_file=False)
    found = walked.found or (checked.found if checked else None)
    if row.wanted_at and checked:
        # A requested round began at record 1, so it has now checked everything.
        settle_break(found, since=row.break_found_at, by=row.wanted_by)
    elif found:
        known_break.report_break(found)

    if found:
        # An ordinary round stays at the break and finds it again each minute, until a complete verification clears it.
        if row.wanted_at:
            _move(row, "round", chain.START, wanted_at=None)
        return

    if checked:
        restores.note_restores(checked.checkpoints)
    now = clock.now()
    seconds = (now - row.wanted_at).total_seconds() if row.wanted_at else None
    ended = {"round_ended_at": now, "round_records": walked.reached.number, "round_seconds": seconds}
    _move(row, "round", chain.START, wanted_at=None, **ended)
    if row.wanted_at:
        _move(known_break.read_row(), "checked", walked.reached, checked_at=now)


def _move(row: Watch, which: str, to: chain.Head, **values: Any) -> None:
    """Store how far the check of new records ("checked") or the round ("round") has come."""
    number, digest = f"{which}_number", f"{which}_digest"
    # If another process has moved it meanwhile, or somebody has requested a round from record 1, theirs stays.
    was = {number: getattr(row, number), digest: getattr(row, digest)}
    if which == "round":
        was["wanted_at"] = row.wanted_at
    Watch.objects.filter(pk=row.pk, **was).update(**{number: to.number, digest: to.digest}, **values)


def _check_checkpoints(*, newest_file: bool) -> checkpoints.CheckedLines | None:
    """The checked lines; None if they can't be read, which is then shown as trouble."""
    try:
        checked = full_check.check_checkpoints(newest_file=newest_file)
    except full_check.UnreadableCheckpointsError as reason:
        known_break.note_trouble(str(reason))
        return None
    _note_newest(checked.newest)
    return checked


def _note_newest(newest: Checkpoint | None) -> None:
    # One that the ledger doesn't bear out may be of what a restore has lost: its number would be missed ever after.
    if newest and partial_walk.check_still_holds(chain.Head(newest.number, newest.digest)):
        return
    known_break.note_checkpoint(newest.number if newest else 0, newest.moment if newest else None)


def _is_due(newest: Checkpoint | None) -> bool:
    if newest is None:
        return True
    # After a clock was set back, the newest checkpoint is from the future, and none would be due for as long.
    return not timedelta(0) <= clock.now() - newest.moment < CHECKPOINT_EVERY
