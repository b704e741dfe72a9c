"""Checkpoints: signed statements of what the chain's head was at some time, kept outside the database.

A chain alone can't reveal that it was rewritten to its end, or that an older copy of the database was restored; a
checkpoint that somebody else keeps can. Each is a line of canonical JSON (RFC 8785) with a line feed. It contains the
SHA-256 of the line before it, so the lines are a chain of their own, and a signature covers all lines up to its own.
The format is in docs/audit-verification.md.

After a restore, the records of some checkpoints are lost for good. Who acknowledges that signs a checkpoint that says
up to which record the earlier ones still hold (`audit.integrity.restores`).
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from audit import canonical_json, chain, clock, queries
from audit.integrity import checkpoint_files, known_break, partial_walk, signing
from audit.integrity.checkpoint_files import StoredLine
from audit.json_in_words import day_in_words
from audit.models import Record

FORMAT = "campaign-control-checkpoint/1"
# Of a checkpoint that acknowledges a restore. It has `kept` besides.
RESTORE_FORMAT = "campaign-control-restore/1"
# Digests read by one query: SQLite before 3.32 takes at most 999 parameters.
AT_ONCE = 500
# `previous` of the very first line.
FIRST = "0" * 64
ALTERED = "isn’t as it was signed: a checkpoint was altered"
# RFC 8785 has only one way to write these fields, so a line that matches is canonical.
LINE = re.compile(
    rb'\{"at":"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"'
    rb',"digest":"(?P<digest>[0-9a-f]{64})"'
    rb',"format":"(?:' + re.escape(FORMAT.encode()) + rb'"'
    rb"|" + re.escape(RESTORE_FORMAT.encode()) + rb'","kept":(?P<kept>0|[1-9]\d{0,15}))'
    rb',"key":"(?P<key>[0-9a-f]{64})"'
    rb',"number":(?P<number>[1-9]\d{0,15})'
    rb',"previous":"(?P<previous>[0-9a-f]{64})"'
    rb',"signature":"(?P<signature>[0-9a-f]{128})"\}'
)


class NotWritten(Exception):
    """Why no checkpoint was written, as a sentence. `found`: the break that prevented it, if that is the reason."""

    def __init__(self, why: str, found: chain.Break | None = None) -> None:
        super().__init__(why)
        self.found = found


class Keys(NamedTuple):
    """Public keys, 64 hex digits each: the one that signs now, and those that it replaced."""

    own: str
    retired: frozenset[str]


class CheckedLines(NamedTuple):
    """The checkpoints up to the first faulty one, and that fault as a break."""

    checkpoints: list["Checkpoint"]
    found: chain.Break | None

    @property
    def newest(self) -> "Checkpoint | None":
        if self.checkpoints:
            return self.checkpoints[-1]
        return None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """At the time `at` (UTC, as records write it) the head was record `number` with this digest.

    `key`: the signer's public key. `previous`: SHA-256 of the line before, without its line feed. All in lower-case
    hex. `kept`: of a checkpoint that acknowledges a restore, the last record of which an earlier one still holds.
    """

    number: int
    digest: str
    at: str
    key: str
    previous: str
    signature: str = ""
    kept: int | None = None

    def unsigned(self) -> bytes:
        """The signed message: the canonical JSON of all fields except the signature."""
        fields = {"number": self.number, "digest": self.digest, "at": self.at, "key": self.key}
        form = {"format": FORMAT} if self.kept is None else {"format": RESTORE_FORMAT, "kept": self.kept}
        return canonical_json.text(fields | form | {"previous": self.previous}).encode()

    def line(self) -> bytes:
        """The line as stored, without the line feed."""
        # Canonical JSON sorts its keys, and "signature" is the last of them.
        return self.unsigned()[:-1] + f',"signature":"{self.signature}"}}'.encode()

    def is_signed(self) -> bool:
        """Whether the signature is valid for the key that it names. Whose key that is, is a question of its own."""
        return signing.is_valid_signature(bytes.fromhex(self.key), bytes.fromhex(self.signature), self.unsigned())

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def parse_line(line: bytes) -> Checkpoint:
    """The checkpoint on a line (without line feed). ValueError for anything that `line()` wouldn't have returned."""
    found = LINE.fullmatch(line)
    if not found:
        raise ValueError("it isn’t a checkpoint’s line")
    fields = {name: value.decode("ascii") for name, value in found.groupdict(b"").items()}
    number, kept = int(fields.pop("number")), fields.pop("kept")
    if number > canonical_json.LARGEST:
        raise ValueError("its number is too large")
    # The expression matches 31 February; this raises ValueError for it.
    datetime.fromisoformat(fields["at"])
    return Checkpoint(number=number, kept=int(kept) if kept else None, **fields)


def line_digest(line: bytes) -> str:
    """SHA-256 of a line, 64 hex digits: the `previous` of the next one."""
    return hashlib.sha256(line).hexdigest()


def sign_head(
    key: Ed25519PrivateKey, head: chain.Head, *, at: datetime, previous: str, kept: int | None = None
) -> Checkpoint:
    """A signed checkpoint of `head`. `previous`: `line_digest` of the line before, or `FIRST`."""
    public = signing.public_bytes(key).hex()
    unsigned = Checkpoint(head.number, head.digest, chain.format_time(at), public, previous, kept=kept)
    return replace(unsigned, signature=signing.sign_message(key, unsigned.unsigned()).hex())


def our_keys() -> Keys:
    """The keys whose checkpoints are trusted. Raises what `signing.load_key` raises."""
    return Keys(signing.public_bytes(signing.load_key()).hex(), frozenset(settings.AUDIT_RETIRED_KEYS))


def read_checkpoints() -> list[Checkpoint]:
    """All checkpoints, oldest first, unchecked. OSError if files can't be read, ValueError for any other line."""
    return [parse_line(line.raw) for line in checkpoint_files.read_lines(checkpoint_files.paths())]


class LineFault(NamedTuple):
    """The index of a faulty line among the lines that are checked, and what is wrong with it."""

    position: int
    fault: str


def check_lines(lines: Iterable[StoredLine], keys: Keys, *, from_first: bool = True) -> CheckedLines:
    """Check lines, in order: they must be readable, linked, signed by our keys, and of one history.

    `from_first`: the first line must be the very first that was written. The break has the record number in the faulty
    line or, if that can't be read, in the line before it.
    """
    lines = list(lines)
    checkpoints: list[Checkpoint] = []
    unreadable = None
    for line in lines:
        try:
            checkpoints.append(parse_line(line.raw))
        except ValueError:
            unreadable = LineFault(len(checkpoints), "can’t be read as a checkpoint: it was altered")
            break
    faults = [
        unreadable,
        _find_link_fault(lines, checkpoints, from_first),
        _find_signature_fault(checkpoints),
        _find_key_fault(checkpoints, keys),
        _find_history_fault(lines, checkpoints),
    ]
    first = min((fault for fault in faults if fault), default=None)
    if first is None:
        return CheckedLines(checkpoints, None)
    readable = checkpoints[: first.position + 1]
    number = readable[-1].number if readable else 1
    return CheckedLines(checkpoints[: first.position], chain.Break(number, f"{lines[first.position]} {first.fault}"))


def _find_link_fault(
    lines: Sequence[StoredLine], checkpoints: Sequence[Checkpoint], from_first: bool
) -> LineFault | None:
    if checkpoints and from_first and checkpoints[0].previous != FIRST:
        return LineFault(0, "isn’t the first checkpoint that was written: those before it are missing")
    for index, (before, after) in enumerate(pairwise(checkpoints), start=1):
        if after.previous == line_digest(lines[index - 1].raw):
            continue
        # An altered line breaks its link too. Lines are missing only if both were signed as they are.
        if not before.is_signed():
            return LineFault(index - 1, ALTERED)
        if not after.is_signed():
            return LineFault(index, ALTERED)
        return LineFault(index, f"doesn’t follow {lines[index - 1]}: checkpoints between them are missing")
    return None


def _find_signature_fault(checkpoints: Sequence[Checkpoint]) -> LineFault | None:
    """The first line whose signature is invalid."""
    # Because of the links, a signature covers the lines before it as well, so the last line of each key's run is
    # enough. A year has 100,000 lines: a second or two instead of ten.
    start = 0
    for _key, group in groupby(checkpoints, key=lambda checkpoint: checkpoint.key):
        run = list(group)
        if not run[-1].is_signed():
            altered = next(index for index, checkpoint in enumerate(run) if not checkpoint.is_signed())
            return LineFault(start + altered, ALTERED)
        start += len(run)
    return None


def _find_key_fault(checkpoints: Sequence[Checkpoint], keys: Keys) -> LineFault | None:
    signed: set[str] = set()
    for index, checkpoint in enumerate(checkpoints):
        if index and checkpoint.key == checkpoints[index - 1].key:
            continue
        fingerprint = signing.key_fingerprint(bytes.fromhex(checkpoint.key))
        if checkpoint.key != keys.own and checkpoint.key not in keys.retired:
            return LineFault(
                index, f"was signed with a key that isn’t ours: the one whose fingerprint is {fingerprint}"
            )
        # A key may have been retired because others saw it, so it must not sign anything after its successor.
        if checkpoint.key in signed or keys.own in signed:
            return LineFault(
                index, f"was signed with a key that had been replaced: the one whose fingerprint is {fingerprint}"
            )
        signed.add(checkpoint.key)
    return None


def _find_history_fault(lines: Sequence[StoredLine], checkpoints: Sequence[Checkpoint]) -> LineFault | None:
    for index, (before, after) in enumerate(pairwise(checkpoints), start=1):
        if after.kept is not None:
            # A restore: history goes on from an earlier record.
            continue
        if after.number < before.number:
            return LineFault(
                index, f"is for record {after.number}, but {lines[index - 1]} before it is for record {before.number}"
            )
        if after.number == before.number and after.digest != before.digest:
            return LineFault(
                index,
                f"and {lines[index - 1]} contradict each other about record {after.number}: there were two histories",
            )
    return None


def write(most: int | None = None, *, upto: Callable[[], chain.Head] | None = None) -> Checkpoint | None:
    """Check the records since the last checkpoint, at most `most`, and write a checkpoint for the last of them.

    `upto`: returns the record to sign instead of the newest one. It is called once nobody else can write a checkpoint.
    Returns None if there are no new records. Call it outside of any transaction.

    `NotWritten` if the chain or the last checkpoint is broken (the break has then been reported), or if the files
    can't be written (that has then been noted). The caller can continue without a checkpoint.
    """
    try:
        written = _write(most, upto)
    except NotWritten as reason:
        if reason.found:
            known_break.report_break(reason.found)
        raise
    except (OSError, ValueError) as error:
        trouble = f"No checkpoint could be written: {describe_error(error)}."
        known_break.note_trouble(trouble)
        raise NotWritten(trouble) from error
    known_break.note_trouble("")
    return written


def _write(most: int | None, upto: Callable[[], chain.Head] | None) -> Checkpoint | None:
    # Only committed records may be signed: inside another transaction, `durable` raises RuntimeError.
    with transaction.atomic(durable=True):
        head, _highest = queries.read_head()
    key = signing.load_key()
    with checkpoint_files.locked():
        # Read before the files. The other way round, a checkpoint that another process writes in between would seem to
        # be missing from them.
        known = known_break.read_row().checkpoint_number
        # Nothing is signed unchecked: the last checkpoint must be ours and match the ledger (decision 0011).
        last = checkpoint_files.read_last()
        place = _last_place(last, known)
        if upto:
            head = upto()
            most = head.number - place.number
        if head == place:
            return None
        walked = partial_walk.walk_part(place, most)
        if walked.found:
            raise _broken(walked.found)
        if walked.reached == place:
            return None
        checkpoint = _append(key, walked.reached, last)
    known_break.note_checkpoint(checkpoint.number, checkpoint.moment)
    return checkpoint


def write_restore(checked: chain.Head, number: int, kept: int) -> Checkpoint:
    """Sign record `number`, which acknowledges a restore: earlier checkpoints hold up to record `kept` from now on.

    `checked`: the end of the ledger up to which everything has just been checked; what follows is checked here.
    `NotWritten` if that is broken; OSError or ValueError if the key or the files can't be used.
    """
    key = signing.load_key()
    with checkpoint_files.locked():
        walked = partial_walk.walk_part(checked, number - checked.number)
        if walked.found or walked.reached.number != number:
            raise _broken(walked.found or chain.Break(number, "it is missing"))
        checkpoint = _append(key, walked.reached, checkpoint_files.read_last(), kept)
    known_break.note_checkpoint(checkpoint.number, checkpoint.moment)
    return checkpoint


def _append(key: Ed25519PrivateKey, head: chain.Head, last: StoredLine | None, kept: int | None = None) -> Checkpoint:
    """Sign what has been checked, in a line after `last`. Under the lock of the files."""
    _flush_commits()
    previous = line_digest(last.raw) if last else FIRST
    checkpoint = sign_head(key, head, at=clock.now(), previous=previous, kept=kept)
    checkpoint_files.append_line(checkpoint.line(), at=checkpoint.moment)
    return checkpoint


def _last_place(last: StoredLine | None, known: int) -> chain.Head:
    """The head in the last checkpoint, which must still be in the ledger. NotWritten if anything is wrong."""
    checked = check_lines([last] if last else [], our_keys(), from_first=False)
    found = checked.found or find_missing(checked.newest, known) or compare_with_ledger(checked.checkpoints)
    if found:
        raise _broken(found)
    if checked.newest:
        return chain.Head(checked.newest.number, checked.newest.digest)
    return chain.START


def find_missing(newest: Checkpoint | None, known: int) -> chain.Break | None:
    """The break, if a checkpoint that was written is missing.

    `known`: the record number of the newest checkpoint that is known to have been written. Read it before the files.
    """
    if known <= (newest.number if newest else 0):
        return None
    if newest:
        last = f"the last that is there holds record {newest.number}"
    else:
        last = "none is there any more"
    return chain.Break(known, f"the checkpoint that was written for it is no longer in AUDIT_CHECKPOINT_DIR: {last}")


def holding_checkpoints(checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Those that must hold: without those of records that an acknowledged restore has lost. Oldest first, as given."""
    holding: list[Checkpoint] = []
    kept = canonical_json.LARGEST
    for checkpoint in reversed(checkpoints):
        if checkpoint.number <= kept:
            holding.append(checkpoint)
        if checkpoint.kept is not None:
            kept = min(kept, checkpoint.kept)
    return holding[::-1]


def compare_with_ledger(checkpoints: Sequence[Checkpoint]) -> chain.Break | None:
    """The break at the first checkpoint in force whose record isn't in the ledger with the signed digest."""
    for checkpoint, digest in read_signed(holding_checkpoints(checkpoints)):
        if digest != checkpoint.digest:
            return _describe_mismatch(checkpoint, is_there=digest is not None)
    return None


def read_signed(checkpoints: Sequence[Checkpoint]) -> Iterator[tuple[Checkpoint, str | None]]:
    """Each checkpoint with the digest that its record has in the ledger; None: there is no such record."""
    for start in range(0, len(checkpoints), AT_ONCE):
        chunk = checkpoints[start : start + AT_ONCE]
        records = Record.objects.filter(number__in=[checkpoint.number for checkpoint in chunk])
        digests = dict(records.values_list("number", "digest"))
        for checkpoint in chunk:
            yield checkpoint, digests.get(checkpoint.number)


def _describe_mismatch(checkpoint: Checkpoint, *, is_there: bool) -> chain.Break:
    at = f"{day_in_words(checkpoint.moment)} {checkpoint.moment:%H:%M} UTC"
    highest = queries.read_head()[1]
    if is_there:
        return chain.Break(
            checkpoint.number,
            f"it isn’t the record that was signed on {at}: history was rewritten here or earlier, or an older copy of "
            "the database was restored and then used",
        )
    if partial_walk.is_beyond(checkpoint.number, highest):
        return chain.Break(
            highest + 1,
            f"the ledger ends at record {highest}, but a checkpoint of {at} holds record {checkpoint.number}: the "
            "last records were removed, or an older copy of the database was restored",
        )
    return chain.Break(checkpoint.number, f"it is missing, but a checkpoint of {at} holds it")


def _broken(found: chain.Break) -> NotWritten:
    return NotWritten(f"No checkpoint was written: at record {found.number}, {found.fault}.", found)


def describe_error(error: OSError | ValueError) -> str:
    """What is wrong with the files (OSError) or the key (ValueError), as part of a sentence."""
    if isinstance(error, OSError):
        return f"{error.filename or settings.AUDIT_CHECKPOINT_DIR}: {error.strerror}"
    return f"AUDIT_SIGNING_KEY_FILE names {settings.AUDIT_SIGNING_KEY_FILE}, {error}"


def _flush_commits() -> None:
    """Flush the commits that are about to be signed to disk, so that a power failure can't lose them."""
    # In WAL mode with synchronous=NORMAL, SQLite doesn't flush each commit. A signed record that is lost would be
    # reported as tampering.
    if connection.vendor == "sqlite":
        log_file = Path(f"{connection.settings_dict['NAME']}-wal")
        with suppress(FileNotFoundError):
            checkpoint_files.sync(log_file)
