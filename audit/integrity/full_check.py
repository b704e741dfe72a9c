"""Everything that can be checked about the audit: its chain, its columns, its head, and the checkpoints outside."""

from dataclasses import dataclass

from audit import chain
from audit.integrity import chain_walk, checkpoint_files, checkpoints, known_break
from audit.integrity.checkpoints import CheckedLines, Checkpoint


@dataclass(frozen=True)
class FullCheckResult:
    """What was found. `checkpoints` and `newest` tell of those that hold: where there is a break, of those before."""

    records: int
    first_break: chain.Break | None
    head: chain.Head | None
    checkpoints: int
    newest: Checkpoint | None

    @property
    def ok(self) -> bool:
        return self.first_break is None


class UnreadableCheckpointsError(Exception):
    """Why the checkpoints can't be read at all: a sentence."""


def check_everything(*, progress: chain_walk.ProgressCallback = lambda number: None) -> FullCheckResult:
    """Walk every record and every checkpoint, and name the break with the lowest number. Reads only.

    `progress` is told now and then up to which number all is well.
    """
    checked = check_checkpoints()
    verdict = chain_walk.verify_chain(progress=progress)
    breaks = [found for found in (verdict.first_break, checked.found) if found]
    return FullCheckResult(
        verdict.records,
        min(breaks, key=lambda found: found.number, default=None),
        verdict.head,
        len(checked.checkpoints),
        checked.newest,
    )


def check_checkpoints(*, newest_file: bool = False) -> CheckedLines:
    """Hold the checkpoints (all, or those of the newest file) against each other and against the ledger."""
    known = known_break.read_row().checkpoint_number
    try:
        files = checkpoint_files.paths()
        lines = list(checkpoint_files.read_lines(files if not newest_file else checkpoint_files.newest(files)))
        keys = checkpoints.our_keys()
    except (OSError, ValueError) as error:
        raise UnreadableCheckpointsError(
            f"The checkpoints can't be checked: {checkpoints.describe_error(error)}."
        ) from error
    from_first = not newest_file or not lines or lines[0].file == files[0].name
    checked = checkpoints.check_lines(lines, keys, from_first=from_first)
    found = (
        checkpoints.compare_with_ledger(checked.checkpoints)
        or checked.found
        or checkpoints.find_missing(checked.newest, known)
    )
    return checked._replace(found=found)
