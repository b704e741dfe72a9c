"""Checkpoints: what the chain's head was at a time, signed, and kept outside the database.

A chain alone can't tell that it was rewritten to its end, or that an older copy of the database was put back; a
checkpoint that somebody else keeps can. Each is a line of canonical JSON (RFC 8785) with a line feed. It holds the
SHA-256 of the line before, so the lines are a chain of their own, and a signature covers all lines up to its own.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection, transaction

from audit import canonical_json, chain, clock, queries
from audit.integrity import checkpoint_files, known_break, partial_walk, signing
from audit.integrity.checkpoint_files import StoredLine
from audit.models import Record

FORMAT = "campaign-control-checkpoint/1"
AT_ONCE = 500  # digests asked for in one query
FIRST = "0" * 64  # `previous` of the first line
# RFC 8785 has one way to write these fields, so what matches is canonical.
LINE = re.compile(
    rb'\{"at":"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"'
    rb',"digest":"(?P<digest>[0-9a-f]{64})"'
    rb',"format":"' + re.escape(FORMAT.encode()) + rb'"'
    rb',"key":"(?P<key>[0-9a-f]{64})"'
    rb',"number":(?P<number>[1-9]\d{0,15})'
    rb',"previous":"(?P<previous>[0-9a-f]{64})"'
    rb',"signature":"(?P<signature>[0-9a-f]{128})"\}'
)


class NotWritten(Exception):
    """Why there is no new checkpoint: a sentence. `found` is the break that stands in the way, if it is one."""

    def __init__(self, why: str, found: chain.Break | None = None) -> None:
        super().__init__(why)
        self.found = found


class Keys(NamedTuple):
    """Public halves in hex: the key that signs now, and those that signed before it."""

    own: str
    retired: frozenset[str]


class CheckedLines(NamedTuple):
    """The checkpoints as far as they hold, and what is wrong after them."""

    checkpoints: list["Checkpoint"]
    found: chain.Break | None

    @property
    def newest(self) -> "Checkpoint | None":
        return self.checkpoints[-1] if self.checkpoints else None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Record `number` had this digest at that time (UTC, as records write it); the rest in lower-case hex."""

    number: int
    digest: str
    at: str
    key: str  # the public half of the key that signed
    previous: str  # SHA-256 of the line before, without its line feed
    signature: str = ""

    def unsigned(self) -> bytes:
        """What is signed: the canonical JSON of every field but the signature."""
        fields = {"format": FORMAT, "number": self.number, "digest": self.digest, "at": self.at}
        return canonical_json.text(fields | {"key": self.key, "previous": self.previous}).encode()

    def line(self) -> bytes:
        """Its line as it is stored, without the line feed."""
        return self.unsigned()[:-1] + f',"signature":"{self.signature}"}}'.encode()

    def is_signed(self) -> bool:
        """Whether the signature is that of the key it names. Whose key that is, is another question."""
        return signing.is_valid_signature(bytes.fromhex(self.key), bytes.fromhex(self.signature), self.unsigned())

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def parse_line(line: bytes) -> Checkpoint:
    """The checkpoint on a line without its line feed. ValueError for anything but exactly what `line()` gives."""
    found = LINE.fullmatch(line)
    if not found:
        raise ValueError("it isn't a checkpoint's line")
    fields = {name: value.decode("ascii") for name, value in found.groupdict().items()}
    number = int(fields.pop("number"))
    if number > canonical_json.LARGEST:
        raise ValueError("its number is too large")
    datetime.fromisoformat(fields["at"])
    return Checkpoint(number=number, **fields)


def line_digest(line: bytes) -> str:
    """What the next line's `previous` must be."""
    return hashlib.sha256(line).hexdigest()


def sign_head(key: Ed25519PrivateKey, head: chain.Head, *, at: datetime, previous: str) -> Checkpoint:
    """A checkpoint of that head."""
    public = signing.public_bytes(key).hex()
    unsigned = Checkpoint(head.number, head.digest, chain.format_time(at), public, previous)
    return replace(unsigned, signature=signing.sign_message(key, unsigned.unsigned()).hex())


def our_keys() -> Keys:
    """Whose checkpoints are believed. Errors as of `signing.load_key`."""
    return Keys(signing.public_bytes(signing.load_key()).hex(), frozenset(settings.AUDIT_RETIRED_KEYS))


def read_checkpoints() -> list[Checkpoint]:
    """All of them, oldest first, as they stand. OSError for files that can't be read, ValueError for a line that
    isn't one."""
    return [parse_line(line.raw) for line in checkpoint_files.read_lines(checkpoint_files.paths())]


def check_lines(lines: Iterable[StoredLine], keys: Keys, *, from_first: bool = True) -> CheckedLines:
    """Whether lines in their order are what was signed: readable, linked, by our keys, and telling one history.

    A signature covers the lines before it through their links, so one for each run of a key is enough. A break here
    bears the number of the record that the line tells of, or that the one before it does.
    """
    lines = list(lines)
    checkpoints: list[Checkpoint] = []
    with suppress(ValueError):
        checkpoints.extend(parse_line(line.raw) for line in lines)
    faults = [
        _unreadable(lines, checkpoints),
        _link_fault(lines, checkpoints, from_first),
        _signature_fault(checkpoints),
        _key_fault(checkpoints, keys),
        _history_fault(lines, checkpoints),
    ]
    place, fault = min((fault for fault in faults if fault), default=(len(lines), ""))
    if not fault:
        return CheckedLines(checkpoints, None)
    told = checkpoints[: place + 1]
    return CheckedLines(checkpoints[:place], chain.Break(told[-1].number if told else 1, f"{lines[place]} {fault}"))


Fault = tuple[int, str] | None  # which line, from 0, and what is wrong with it
ALTERED = "isn't as it was signed: a checkpoint was altered"


def _unreadable(lines: Sequence[StoredLine], checkpoints: Sequence[Checkpoint]) -> Fault:
    if len(checkpoints) == len(lines):
        return None
    return len(checkpoints), "can't be read as a checkpoint: it was altered"


def _link_fault(lines: Sequence[StoredLine], checkpoints: Sequence[Checkpoint], from_first: bool) -> Fault:
    if checkpoints and from_first and checkpoints[0].previous != FIRST:
        return 0, "isn't the first checkpoint that was written: those before it are missing"
    for place, checkpoint in enumerate(checkpoints[1:], start=1):
        if checkpoint.previous != line_digest(lines[place - 1].raw):
            if not checkpoints[place - 1].is_signed():
                return place - 1, ALTERED
            if not checkpoint.is_signed():
                return place, ALTERED
            return place, f"doesn't follow {lines[place - 1]}: checkpoints between them are missing"
    return None


def _signature_fault(checkpoints: Sequence[Checkpoint]) -> Fault:
    begun = 0
    for place, checkpoint in enumerate(checkpoints):
        is_end = place + 1 == len(checkpoints) or checkpoints[place + 1].key != checkpoint.key
        if is_end and not checkpoint.is_signed():
            return next(at for at in range(begun, place + 1) if not checkpoints[at].is_signed()), ALTERED
        if is_end:
            begun = place + 1
    return None


def _key_fault(checkpoints: Sequence[Checkpoint], keys: Keys) -> Fault:
    signed: dict[str, None] = {}
    for place, checkpoint in enumerate(checkpoints):
        if place and checkpoint.key == checkpoints[place - 1].key:
            continue
        fingerprint = signing.key_fingerprint(bytes.fromhex(checkpoint.key))
        if checkpoint.key != keys.own and checkpoint.key not in keys.retired:
            return place, f"was signed with a key that isn't ours: the one whose fingerprint is {fingerprint}"
        if checkpoint.key in signed or keys.own in signed:
            return place, f"was signed with a key that had been replaced: the one whose fingerprint is {fingerprint}"
        signed[checkpoint.key] = None
    return None


def _history_fault(lines: Sequence[StoredLine], checkpoints: Sequence[Checkpoint]) -> Fault:
    for place, (before, after) in enumerate(pairwise(checkpoints), start=1):
        if after.number < before.number:
            return place, f"tells of record {after.number} after {lines[place - 1]} told of record {before.number}"
        if after.number == before.number and after.digest != before.digest:
            return place, f"and {lines[place - 1]} tell differently of record {after.number}: there were two histories"
    return None


def write(most: int | None = None) -> Checkpoint | None:
    """Sign where the chain is now; None: nothing new since the last checkpoint. Outside of any transaction.

    The records since then are walked first, at most so many, and what was reached is signed. `NotWritten`: where the
    chain or the last checkpoint doesn't hold (then the break is known), or the files can't be written (then that
    is). Whatever the caller is about can go on without it.
    """
    try:
        written = _write(most)
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


def _write(most: int | None) -> Checkpoint | None:
    with transaction.atomic(durable=True):  # what isn't committed must not be signed
        head, _highest = queries.read_head()
    key = signing.load_key()
    with checkpoint_files.locked():
        known = known_break.read_row().checkpoint_number
        last = checkpoint_files.read_last()
        place = _last_place(last, known)
        if head == place:
            return None
        walked = partial_walk.walk_part(place, most)
        if walked.found:
            raise _broken(walked.found)
        if walked.reached == place:
            return None
        _settle_on_disk()
        previous = line_digest(last.raw) if last else FIRST
        checkpoint = sign_head(key, walked.reached, at=clock.now(), previous=previous)
        checkpoint_files.append_line(checkpoint.line(), at=checkpoint.moment)
    known_break.note_checkpoint(checkpoint.number, checkpoint.moment)
    return checkpoint


def _last_place(last: StoredLine | None, known: int) -> chain.Head:
    """Where the last checkpoint says that the chain was, and where it still is."""
    checked = check_lines([last] if last else [], our_keys(), from_first=False)
    found = checked.found or find_missing(checked.newest, known) or compare_with_ledger(checked.checkpoints)
    if found:
        raise _broken(found)
    return chain.Head(checked.newest.number, checked.newest.digest) if checked.newest else chain.START


def find_missing(newest: Checkpoint | None, known: int) -> chain.Break | None:
    """Whether a checkpoint that was written is gone. `known`: the newest record that one is known to have been written
    for, read before the files were."""
    if known <= (newest.number if newest else 0):
        return None
    last = f"the last that is there holds record {newest.number}" if newest else "none is there any more"
    return chain.Break(known, f"the checkpoint that was written for it is no longer in AUDIT_CHECKPOINT_DIR: {last}")


def compare_with_ledger(checkpoints: Sequence[Checkpoint]) -> chain.Break | None:
    """The first of them that isn't true of the ledger."""
    for start in range(0, len(checkpoints), AT_ONCE):
        chunk = checkpoints[start : start + AT_ONCE]
        there = Record.objects.filter(number__in=[checkpoint.number for checkpoint in chunk])
        digests = dict(there.values_list("number", "digest"))
        for checkpoint in chunk:
            if digests.get(checkpoint.number) != checkpoint.digest:
                return _untrue(checkpoint, is_there=checkpoint.number in digests)
    return None


def _untrue(checkpoint: Checkpoint, *, is_there: bool) -> chain.Break:
    at = f"{checkpoint.moment:%Y-%m-%d %H:%M} UTC"
    highest = queries.read_head()[1]
    if is_there:
        return chain.Break(
            checkpoint.number,
            f"it isn't the record that was signed on {at}: history was rewritten here or before, or an older copy of "
            "the database was put back and went on",
        )
    if partial_walk.is_beyond(checkpoint.number, highest):
        return chain.Break(
            highest + 1,
            f"the ledger ends at record {highest}, but a checkpoint of {at} holds record {checkpoint.number}: the "
            "last records were cut off, or an older copy of the database was put back",
        )
    return chain.Break(checkpoint.number, f"it is missing, but a checkpoint of {at} holds it")


def _broken(found: chain.Break) -> NotWritten:
    return NotWritten(f"No checkpoint was written: at record {found.number}, {found.fault}.", found)


def describe_error(error: OSError | ValueError) -> str:
    """What is wrong with the files or the key, for people."""
    if isinstance(error, OSError):
        return f"{error.filename or settings.AUDIT_CHECKPOINT_DIR}: {error.strerror}"
    return f"AUDIT_SIGNING_KEY_FILE names {settings.AUDIT_SIGNING_KEY_FILE}, {error}"


def _settle_on_disk() -> None:
    """SQLite may lose the newest commits when the power goes; what is signed must not be among them."""
    if connection.vendor == "sqlite":
        log_file = Path(f"{connection.settings_dict['NAME']}-wal")
        with suppress(FileNotFoundError):
            checkpoint_files.sync(log_file)
