"""No changed bit goes unseen, and nothing can be put beside what was signed."""

import io
import random

import pytest

from audit.evidence import checking, container
from tests.audit.evidence.files import bodies, fault, files, pack, small

pytestmark = pytest.mark.slow

SMALL = small()


def is_refused(evidence: bytes) -> bool:
    try:
        return not checking.check_stream(io.BytesIO(evidence)).ok
    except checking.NotEvidence:
        return True


def test_untouched_file_holds() -> None:
    assert not fault(SMALL)


@pytest.mark.parametrize("bit", range(8))
def test_every_flipped_bit_is_seen(bit: int) -> None:
    unseen = []
    for place in range(len(SMALL)):
        changed = bytearray(SMALL)
        changed[place] ^= 1 << bit
        if not is_refused(bytes(changed)):
            unseen.append(place)
    assert not unseen


def test_every_cut_is_seen() -> None:
    assert all(is_refused(SMALL[:length]) for length in range(len(SMALL)))


def test_every_lost_byte_is_seen() -> None:
    assert all(is_refused(SMALL[:place] + SMALL[place + 1 :]) for place in range(len(SMALL)))


def test_every_doubled_byte_is_seen() -> None:
    assert all(is_refused(SMALL[: place + 1] + SMALL[place:]) for place in range(len(SMALL)))


@pytest.mark.parametrize("more", [b"\0", b"\n", b"PK\5\6" + bytes(18), SMALL])
def test_appended_bytes_are_seen(more: bytes) -> None:
    assert is_refused(SMALL + more)


@pytest.mark.parametrize("more", [b"\0", b"#!/bin/sh\n", SMALL])
def test_prepended_bytes_are_seen(more: bytes) -> None:
    assert is_refused(more + SMALL)


def test_several_changes_are_seen() -> None:
    """Changes that a CRC alone could miss."""
    chance = random.Random(7)
    for _ in range(2000):
        changed = bytearray(SMALL)
        for _ in range(chance.randint(2, 6)):
            changed[chance.randrange(len(SMALL))] = chance.randrange(256)
        assert bytes(changed) == SMALL or is_refused(bytes(changed))


def test_comment_is_refused() -> None:
    commented = SMALL[:-2] + b"\x03\x00abc"
    assert is_refused(commented)


def test_swapped_files_are_refused() -> None:
    names = [*container.NAMES]
    names[4], names[5] = names[5], names[4]
    assert is_refused(pack(files(bodies(2)), names))


def test_doubled_file_is_refused() -> None:
    assert is_refused(pack(files(bodies(2)), [*container.NAMES, container.RECORDS]))


def test_missing_file_is_refused() -> None:
    assert is_refused(pack(files(bodies(2)), container.NAMES[:-1]))
