"""A restored database: told from a tampered one, and acknowledged so that checks go on while the gap stays visible.

Checkpoints are outside the database, so they still hold what a restored copy has lost. What tells the two apart is
what the ledger has in place of the lost records: after a restore nothing, or records that were written later than the
checkpoints that they contradict. A record that is older and yet not the signed one was altered.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import dropwhile
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit import chain, ledger
from audit.canonical_json import LARGEST
from audit.integrity import chain_walk, checkpoint_files, checkpoints
from audit.integrity.checkpoints import Checkpoint
from audit.json_in_words import day_in_words
from audit.kinds import RecordKind
from audit.models import Record, Watch


@dataclass(frozen=True)
class Restore:
    """A restore that somebody acknowledged, as signed.

    `record` says who and why. `kept`: the last record that a checkpoint proves to have come through it. `lost_to`: the
    highest number of a record that is known to be lost; None if no checkpoint was made after the copy.
    """

    at: datetime
    record: int
    kept: int
    lost_to: int | None

    def values(self) -> dict[str, Any]:
        """As JSON, for the row of the verification and for commands."""
        return asdict(self) | {"at": chain.format_time(self.at)}

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> "Restore":
        return cls(**values | {"at": datetime.fromisoformat(values["at"])})

    @property
    def sentence(self) -> str:
        gap = f"what followed record {self.kept:,} is as the backup had it, and later records may be lost"
        if self.lost_to is not None:
            gap = f"records after {self.kept:,} are lost or unproven, up to {self.lost_to:,} at least"
        return f"An older copy of the database was restored, as acknowledged in record {self.record:,}: {gap}."


@dataclass(frozen=True)
class RestoredLedger:
    """What the checkpoints say of a ledger that was restored.

    `head`: its end, up to which it is intact. `kept` and `lost_to`: as of `Restore`. `unproven_to`: the last of the
    records after `kept` that were written before the restore, as their times say: no checkpoint proves them.
    `signed_at`: the time of the newest checkpoint whose record is lost.
    """

    head: chain.Head
    kept: int
    unproven_to: int | None
    lost_to: int | None
    signed_at: datetime | None

    @property
    def lost_from(self) -> int | None:
        """The number that the first lost record had."""
        if self.lost_to is None:
            return None
        return (self.unproven_to or self.kept) + 1


class TamperedError(Exception):
    """The ledger or the checkpoints were changed: this is no restored copy, or not only that."""

    def __init__(self, found: chain.Break) -> None:
        super().__init__(f"at record {found.number}, {found.fault}")
        self.found = found


def list_restores(signed: Sequence[Checkpoint]) -> list[Restore]:
    """The acknowledged restores, oldest first. `signed`: all checkpoints, oldest first."""
    found = []
    before: list[Checkpoint] = []
    for checkpoint in signed:
        if checkpoint.kept is not None:
            lost = [each.number for each in before if each.number > checkpoint.kept]
            found.append(Restore(checkpoint.moment, checkpoint.number, checkpoint.kept, max(lost, default=None)))
            before = []
        before.append(checkpoint)
    return found


def read_last_stretch(numbers: range) -> Iterator[bytes]:
    """The stored lines of these records' checkpoints, of the last stretch between two restores that has any in force.

    Lines of one stretch are linked to each other without a gap. OSError if the files can't be read.
    """
    chosen, limit = _choose_stretch(numbers)
    index = 0
    for checkpoint, line in _read_stored():
        if checkpoint.kept is not None:
            index += 1
        elif index == chosen and checkpoint.number in numbers and checkpoint.number <= limit:
            yield line


def _choose_stretch(numbers: range) -> tuple[int, int]:
    """Which stretch it is, from 0, and the last record of which its checkpoints are in force."""
    stretches = [_Stretch()]
    for checkpoint, _ in _read_stored():
        if checkpoint.kept is not None:
            stretches.append(_Stretch(checkpoint.kept))
        elif checkpoint.number in numbers:
            stretches[-1].lowest = min(stretches[-1].lowest, checkpoint.number)
    limit = LARGEST
    for index, stretch in reversed(list(enumerate(stretches))):
        # What any later restore has lost is out of force.
        if stretch.lowest <= limit:
            return index, limit
        limit = min(limit, stretch.kept)
    return 0, 0


@dataclass
class _Stretch:
    """Checkpoints from one restore to the next. `kept`: by the restore that it begins with; `lowest`: of those in
    question."""

    kept: int = LARGEST
    lowest: int = LARGEST + 1


def _read_stored() -> Iterator[tuple[Checkpoint, bytes]]:
    for line in checkpoint_files.read_lines(checkpoint_files.paths()):
        # An altered line is left out; `verify_audit` reports it.
        with suppress(ValueError):
            yield checkpoints.parse_line(line.raw), line.raw


def is_behind_checkpoints() -> bool:
    """Whether the record of the newest checkpoint is missing, or was written anew after it: a restore isn't
    acknowledged. Reads one file, and trusts nobody else's signature. OSError or ValueError if that can't be read."""
    last = checkpoint_files.read_last()
    checked = checkpoints.check_lines([last] if last else [], checkpoints.our_keys(), from_first=False)
    if checked.found or checked.newest is None:
        return False
    newest = checked.newest
    record = Record.objects.filter(number=newest.number).values_list("digest", "timestamp").first()
    return record is None or (record[0] != newest.digest and record[1] > newest.moment)


def examine_ledger() -> RestoredLedger:
    """Check everything, and compare the ledger with what was signed. Reads only; call it outside of a transaction.

    `TamperedError` for whatever a restore doesn't explain; OSError or ValueError if the key or files can't be read.
    """
    lines = checkpoint_files.read_lines(checkpoint_files.paths())
    checked = checkpoints.check_lines(lines, checkpoints.our_keys())
    if checked.found:
        raise TamperedError(checked.found)
    walked = chain_walk.verify_chain()
    if walked.first_break or walked.head is None:
        raise TamperedError(walked.first_break or chain.Break(1, "the row that holds the head is missing"))
    kept, lost = _divide(checkpoints.holding_checkpoints(checked.checkpoints))
    if not lost:
        return RestoredLedger(walked.head, kept, None, None, None)
    written_before = _last_written_before(kept, lost[0].moment)
    if written_before and written_before >= lost[0].number:
        raise TamperedError(_describe_altered(lost[0]))
    return RestoredLedger(
        head=walked.head,
        kept=kept,
        unproven_to=written_before,
        lost_to=max(checkpoint.number for checkpoint in lost),
        signed_at=lost[-1].moment,
    )


def _divide(signed: Sequence[Checkpoint]) -> tuple[int, list[Checkpoint]]:
    """The last record that a checkpoint proves, and the checkpoints from the first that doesn't hold on."""
    compared = list(checkpoints.read_signed(signed))
    holding = [checkpoint for checkpoint, digest in compared if digest == checkpoint.digest]
    rest = list(dropwhile(lambda each: each[1] == each[0].digest, compared))
    # In an intact chain, no later record can be the signed one where an earlier one isn't.
    again = next((checkpoint for checkpoint, digest in rest if digest == checkpoint.digest), None)
    if again:
        raise TamperedError(_describe_altered(rest[0][0]))
    return max((checkpoint.number for checkpoint in holding), default=0), [checkpoint for checkpoint, _ in rest]


def _last_written_before(number: int, at: datetime) -> int | None:
    """The last record after that number whose time says that it is no newer than `at`."""
    older = Record.objects.filter(number__gt=number, timestamp__lte=at)
    last: int | None = older.aggregate(last=Max("number"))["last"]
    return last


def _describe_altered(checkpoint: Checkpoint) -> chain.Break:
    at = f"{day_in_words(checkpoint.moment)} {checkpoint.moment:%H:%M} UTC"
    return chain.Break(
        checkpoint.number,
        f"the record there is older than the checkpoint of {at} that contradicts it, so no restore explains it: "
        "history was rewritten here or earlier",
    )


def acknowledge_restored(restored: RestoredLedger, *, by: str, note: str) -> Record:
    """Record and sign that this is a restored copy. Call it outside of any transaction.

    From then on the checkpoints of lost records are no break; each check names the restore instead. Raises what
    `checkpoints.write_restore` raises.
    """
    details = {
        "kept": restored.kept,
        "unproven_to": restored.unproven_to,
        "lost_from": restored.lost_from,
        "lost_to": restored.lost_to,
        "signed_at": restored.signed_at and chain.format_time(restored.signed_at),
        "note": note,
    }
    with transaction.atomic(durable=True):
        record = ledger.append(RecordKind.RESTORE_ACKNOWLEDGED, by=by, details=details)
    checkpoints.write_restore(restored.head, record.number, restored.kept)
    note_restores(checkpoints.read_checkpoints())
    return record


def note_restores(signed: Sequence[Checkpoint]) -> None:
    """Store them for the pages, which don't read the files. `signed`: all checkpoints, oldest first."""
    Watch.objects.update(restores=[restore.values() for restore in list_restores(signed)])
