"""The watch over the audit: a little of everything each minute, so that a change is known soon.

New records are walked as they come; a second walk goes round and round over the old ones; the checkpoints are held
against the ledger; and a checkpoint is written when one is due. How far each has come is in a row that whoever can
write records can write too: it is a hint, and what it says must itself be true of the ledger.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from audit import chain, clock
from audit.integrity import checkpoints, full_check, known_break, partial_walk
from audit.integrity.checkpoints import Checkpoint
from audit.models import Watch

STEP = 10_000  # records, of each walk, each time
LONG_STEP = 100_000  # before a checkpoint, and of a whole walk that somebody waits for
CHECKPOINT_EVERY = timedelta(minutes=5)


def run_step() -> None:
    """One step of everything. Reads in small pieces, and keeps no transaction open."""
    known_break.repair_row()
    check_new()
    walk_old()
    checked = _check(newest_file=True)
    if checked and checked.found:
        known_break.report_break(checked.found)
    # Trouble isn't over before one was written: it is tried each minute until then.
    if checked and (_is_due(checked.newest) or known_break.read_row().checkpoint_error):
        with suppress(checkpoints.NotWritten):  # it is known by then
            checkpoints.write(LONG_STEP)


def check_new(most: int | None = None) -> partial_walk.PartialWalk:
    """Walk the records that came since the last time, at most so many; a break becomes known."""
    row = known_break.read_row()
    walked = _walk_on(chain.Head(row.checked_number, row.checked_digest), STEP if most is None else most)
    if walked.found:
        known_break.report_break(walked.found)
    else:
        _move(row, "checked", walked.reached, checked_at=clock.now())
    return walked


def walk_old() -> None:
    """Walk old records again, from the first on; at the end, hold every checkpoint against them, and begin anew."""
    row = known_break.read_row()
    walked = _walk_on(chain.Head(row.round_number, row.round_digest), LONG_STEP if row.wanted_at else STEP)
    if walked.found or not walked.left:
        _end_round(row, walked)
    else:
        _move(row, "round", walked.reached)


def request_full_walk(by: str) -> None:
    """Somebody wants the whole audit walked, from record 1 on: the next steps are long ones, and what they find
    settles what is known."""
    Watch.objects.filter(wanted_at=None).update(
        round_number=chain.START.number, round_digest=chain.START.digest, wanted_at=clock.now(), wanted_by=by
    )


def settle_break(found: chain.Break | None, *, since: datetime | None, by: str = "") -> None:
    """What a whole verification found becomes what is known. `since`: when the break was found that was known as it
    began; a later one stays."""
    if found:
        known_break.replace_break(found, by=by)
    else:
        known_break.clear_break(since, by=by)


def settle_full_check(proven: full_check.FullCheckResult, *, since: datetime | None, by: str) -> None:
    """The same for a proof of everything: the walks go on from what it has seen."""
    settle_break(proven.first_break, since=since, by=by)
    _note_newest(proven.newest)
    if proven.ok and proven.head:
        now = clock.now()
        _move(known_break.read_row(), "checked", proven.head, checked_at=now)
        _move(known_break.read_row(), "round", chain.START, round_ended_at=now, round_records=proven.records)


def _walk_on(place: chain.Head, most: int) -> partial_walk.PartialWalk:
    lost = partial_walk.check_still_holds(place)
    return partial_walk.PartialWalk(lost, place, place) if lost else partial_walk.walk_part(place, most)


def _end_round(row: Watch, walked: partial_walk.PartialWalk) -> None:
    checked = _check(newest_file=False)
    found = walked.found or (checked and checked.found)
    if row.wanted_at and checked:
        settle_break(found, since=row.break_found_at, by=row.wanted_by)
    elif found:
        known_break.report_break(found)
    if found and not row.wanted_at:
        return
    now = clock.now()
    ended: dict[str, Any] = {} if found else {"round_ended_at": now, "round_records": walked.reached.number}
    _move(row, "round", chain.START, wanted_at=None, **ended)
    if row.wanted_at and not found:
        _move(known_break.read_row(), "checked", walked.reached, checked_at=now)


def _move(row: Watch, which: str, to: chain.Head, **values: Any) -> None:
    """Note how far a walk has come, unless it was moved meanwhile by somebody else."""
    was = {f"{which}_number": getattr(row, f"{which}_number"), f"{which}_digest": getattr(row, f"{which}_digest")}
    was |= {"wanted_at": row.wanted_at} if which == "round" else {}
    now = {f"{which}_number": to.number, f"{which}_digest": to.digest}
    Watch.objects.filter(pk=row.pk, **was).update(**now, **values)


def _check(*, newest_file: bool) -> checkpoints.CheckedLines | None:
    """None: they can't be read, which is known now."""
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
    return newest is None or not timedelta(0) <= clock.now() - newest.moment < CHECKPOINT_EVERY
