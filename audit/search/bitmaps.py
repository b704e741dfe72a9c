"""Sets of whole numbers below `SIZE`, as an integer whose bit n represents n, and in their stored form. Pure.

The stored form is two bytes (little endian) for each number if there are few, otherwise `BYTES` bytes with one bit for
each number: whichever is shorter, so the length determines which it is.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence

# Every number fits into two bytes, and a set of all of them into 4 kB. It is part of the stored format: with another
# value the index has to be rebuilt.
SIZE = 2**15
BYTES = SIZE // 8


def extend(stored: bytes, numbers: Sequence[int]) -> bytes:
    """The stored form of the set with these numbers added; `b""` is the empty set."""
    if len(stored) < BYTES:
        longer = stored + struct.pack(f"<{len(numbers)}H", *numbers)
        if len(longer) < BYTES:
            return longer
        # From here on bits are the shorter form, and a set only grows.
        stored, numbers = bytes(BYTES), _listed(longer)
    bits = bytearray(stored)
    _set(bits, numbers)
    return bytes(bits)


def union(stored: Iterable[bytes]) -> int:
    """The union of stored sets, as an integer."""
    # One buffer for all short sets: an integer would be copied for each number that is set in it.
    few = bytearray(BYTES)
    many = 0
    for each in stored:
        if len(each) == BYTES:
            many |= int.from_bytes(each, "little")
        else:
            _set(few, _listed(each))
    return many | int.from_bytes(few, "little")


def between(first: int, last: int) -> int:
    """The set of all numbers from `first` to `last`, both included; empty if first > last."""
    if first <= last:
        return (1 << (last + 1)) - (1 << first)
    return 0


def numbers_in(bits: int, *, downwards: bool) -> Iterator[int]:
    """The numbers of a set in ascending or descending order."""
    # Binary digits, the highest number first. Shifting an integer of 32,768 bits would copy it for each number.
    digits = f"{bits:b}"
    index = digits.find("1") if downwards else digits.rfind("1")
    while index >= 0:
        yield len(digits) - 1 - index
        if downwards:
            index = digits.find("1", index + 1)
        else:
            index = digits.rfind("1", 0, index)


def _listed(stored: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(stored) // 2}H", stored)


def _set(bits: bytearray, numbers: Iterable[int]) -> None:
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
