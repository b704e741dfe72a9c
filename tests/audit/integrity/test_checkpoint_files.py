"""A checkpoint's line, and what lines in their order must be. Pure."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit import chain
from audit.integrity import checkpoints, signing
from audit.integrity.checkpoint_files import StoredLine
from audit.integrity.checkpoints import Checkpoint, Keys, check_lines, parse_line

OURS, OLD, FOREIGN = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2, 3))
DAY = datetime(2026, 11, 20, 10, tzinfo=UTC)
HEX = "0123456789abcdef"


def public(key: Ed25519PrivateKey) -> str:
    return signing.public_bytes(key).hex()


KEYS = Keys(public(OURS), frozenset({public(OLD)}))


def make_lines(*signers: Ed25519PrivateKey, numbers: list[int] | None = None) -> list[StoredLine]:
    """A line a signer, each for the next record."""
    lines: list[StoredLine] = []
    for place, key in enumerate(signers, start=1):
        number = numbers[place - 1] if numbers else place
        head = chain.Head(number, chain.body_digest(str(place).encode()))
        previous = checkpoints.line_digest(lines[-1].raw) if lines else checkpoints.FIRST
        made = checkpoints.sign_head(key, head, at=DAY + timedelta(minutes=5 * place), previous=previous)
        lines.append(StoredLine("checkpoints-2026-11.jsonl", place, made.line()))
    return lines


def fault_of(lines: list[StoredLine], *, from_first: bool = True) -> tuple[int, str]:
    found = check_lines(lines, KEYS, from_first=from_first).found
    assert found is not None
    return found


hexes = st.text(HEX, min_size=64, max_size=64)
made = st.builds(
    Checkpoint,
    number=st.integers(1, chain.LARGEST),
    digest=hexes,
    at=st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)).map(chain.format_time),  # noqa: DTZ001
    key=hexes,
    previous=hexes,
    signature=st.text(HEX, min_size=128, max_size=128),
)


@given(made)
def test_line_is_canonical_json(checkpoint: Checkpoint) -> None:
    line = checkpoint.line()
    assert rfc8785.dumps(json.loads(line)) == line
    assert parse_line(line) == checkpoint


@given(made, st.data())
def test_parse_takes_one_form_only(checkpoint: Checkpoint, data: st.DataObject) -> None:
    line = bytearray(checkpoint.line())
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(0, 255))
    try:
        read = parse_line(bytes(line))
    except ValueError:
        return
    assert read.line() == line


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b'"number":1', b'"number":01'),
        (b'"number":1', b'"number":1.0'),
        (b'"number":1', b'"number":9007199254740993'),
        (b'"number":1', b'"number":1,"number":1'),
        (b'"at":"2026', b'"at": "2026'),
        (b"2026-11-20T", b"2026-13-20T"),
        (b"checkpoint/1", b"checkpoint/2"),
        (b'"signature":"', b'"signature":"0'),
        (b"}", b"}\n"),
    ],
)
def test_other_forms_are_refused(was: bytes, now: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        parse_line(make_lines(OURS)[0].raw.replace(was, now))


@given(made, made, st.sampled_from(["number", "digest", "at", "key", "previous"]))
def test_signature_covers_every_field(checkpoint: Checkpoint, other: Checkpoint, name: str) -> None:
    head = chain.Head(checkpoint.number, checkpoint.digest)
    signed = checkpoints.sign_head(OURS, head, at=checkpoint.moment, previous=checkpoint.previous)
    changed = replace(signed, **{name: getattr(other, name)})
    assert signed.is_signed()
    assert changed.is_signed() == (changed == signed)


def test_linked_lines_hold() -> None:
    assert check_lines(make_lines(OLD, OLD, OURS, OURS), KEYS).found is None


def test_no_line_holds() -> None:
    assert check_lines([], KEYS) == ([], None)


def test_foreign_key_is_named() -> None:
    number, fault = fault_of(make_lines(OURS, OURS, FOREIGN))
    fingerprint = signing.key_fingerprint(signing.public_bytes(FOREIGN))
    assert number == 3
    assert fault == (
        "line 3 of checkpoints-2026-11.jsonl was signed with a key that isn’t ours: the one whose fingerprint is "
        + fingerprint
    )


def test_retired_key_stays_retired() -> None:
    assert (
        "line 2 of checkpoints-2026-11.jsonl was signed with a key that had been" in fault_of(make_lines(OURS, OLD))[1]
    )


@pytest.mark.parametrize("place", [0, 1, 2])
def test_altered_line_is_named(place: int) -> None:
    lines = make_lines(OURS, OURS, OURS)
    altered = lines[place].raw.replace(b"2026-11-20T10", b"2026-11-20T11")
    lines[place] = lines[place]._replace(raw=altered)
    assert fault_of(lines)[1].startswith(f"line {place + 1} of checkpoints-2026-11.jsonl isn’t as it was signed")


def test_relinked_lines_are_seen() -> None:
    first, second, third = (parse_line(line.raw) for line in make_lines(OURS, OURS, OURS))
    first = replace(first, number=9)
    second = replace(second, previous=checkpoints.line_digest(first.line()))
    third = replace(third, previous=checkpoints.line_digest(second.line()))
    forged = [StoredLine("f", place, one.line()) for place, one in enumerate((first, second, third), start=1)]
    assert fault_of(forged) == (9, "line 1 of f isn’t as it was signed: a checkpoint was altered")


def test_unreadable_line_is_named() -> None:
    lines = make_lines(OURS, OURS, OURS)
    lines[1] = lines[1]._replace(raw=b"{}")
    assert fault_of(lines) == (1, "line 2 of checkpoints-2026-11.jsonl can’t be read as a checkpoint: it was altered")


def test_missing_middle_is_named() -> None:
    lines = make_lines(OURS, OURS, OURS)
    assert "line 3 of checkpoints-2026-11.jsonl doesn’t follow line 1" in fault_of([lines[0], lines[2]])[1]


def test_missing_beginning_is_named() -> None:
    lines = make_lines(OURS, OURS)[1:]
    assert "isn’t the first checkpoint that was written" in fault_of(lines)[1]
    assert check_lines(lines, KEYS, from_first=False).found is None


def test_two_histories_are_named() -> None:
    fault = fault_of(make_lines(OURS, OURS, numbers=[7, 7]))
    assert fault == (
        7,
        "line 2 of checkpoints-2026-11.jsonl and line 1 of checkpoints-2026-11.jsonl contradict each other about "
        "record 7: there were two histories",
    )


def test_number_never_goes_back() -> None:
    assert "is for record 3, but line 1" in fault_of(make_lines(OURS, OURS, numbers=[7, 3]))[1]
