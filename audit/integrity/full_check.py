"""The complete verification of the audit: its chain, its columns, its head, and the checkpoints outside."""

from dataclasses import dataclass

from audit import chain
from audit.integrity import chain_walk, checkpoint_files, checkpoints, known_break, restores
from audit.integrity.checkpoints import CheckedLines, Checkpoint


@dataclass(frozen=True)
class FullCheckResult:
    """The result. `checkpoints` (a count), `newest` and `restores` cover only the checkpoints before a faulty one.

    `restores`: those that somebody acknowledged, oldest first. What they lost is no break, and no longer there either.
    """

    records: int
    first_break: chain.Break | None
    head: chain.Head | None
    checkpoints: int
    newest: Checkpoint | None
    restores: list[restores.Restore]

    @property
    def ok(self) -> bool:
        return self.first_break is None


class UnreadableCheckpointsError(Exception):
    """Why the checkpoints can't be read at all, as a sentence."""


def check_everything(*, progress: chain_walk.ProgressCallback = lambda number: None) -> FullCheckResult:
    """Check every record and every checkpoint, and name the break with the lowest number. Read-only.

    `progress` is called after each part with the number up to which the chain is intact. UnreadableCheckpointsError,
    if any, is raised before a record is read.
    """
    checked = check_checkpoints()
    walked = chain_walk.verify_chain(progress=progress)
    breaks = [found for found in (walked.first_break, checked.found) if found]
    return FullCheckResult(
        records=walked.records,
        first_break=min(breaks, key=lambda found: found.number, default=None),
        head=walked.head,
        checkpoints=len(checked.checkpoints),
        newest=checked.newest,
        restores=restores.list_restores(checked.checkpoints),
    )


def check_checkpoints(*, newest_file: bool = False) -> CheckedLines:
    """Compare the checkpoints (all, or those of the newest file) with each other and with the ledger.

    UnreadableCheckpointsError if the files or the key can't be read.
    """
    # Read before the files. The other way round, a checkpoint that another process writes in between would seem to be
    # missing from them.
    known = known_break.read_row().checkpoint_number
    try:
        files = checkpoint_files.paths()
        chosen = checkpoint_files.newest(files) if newest_file else files
        lines = list(checkpoint_files.read_lines(chosen))
        keys = checkpoints.our_keys()
    except (OSError, ValueError) as error:
        raise UnreadableCheckpointsError(
            f"The checkpoints can’t be checked: {checkpoints.describe_error(error)}."
        ) from error
    # Only the oldest file begins with the very first checkpoint.
    from_first = not newest_file or not lines or lines[0].file == files[0].name
    checked = checkpoints.check_lines(lines, keys, from_first=from_first)
    found = (
        checkpoints.compare_with_ledger(checked.checkpoints)
        or checked.found
        or checkpoints.find_missing(checked.newest, known)
    )
    return checked._replace(found=found)
