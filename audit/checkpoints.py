"""Checkpoints: what the chain's head was at a time, signed, and kept outside the database.

A chain alone can't tell that it was rewritten to its end, or that an older copy of the database was put back; a
checkpoint that somebody else keeps can. Each is a line of canonical JSON (RFC 8785) with a line feed. It holds the
SHA-256 of the line before, so the lines are a chain of their own, and a signature covers all lines up to its own.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import chain, signing

FORMAT = "campaign-control-checkpoint/1"
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


@dataclass(frozen=True)
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
        return rfc8785.dumps(fields | {"key": self.key, "previous": self.previous})

    def line(self) -> bytes:
        """Its line as it is stored, without the line feed."""
        return self.unsigned()[:-1] + f',"signature":"{self.signature}"}}'.encode()

    def is_signed(self) -> bool:
        """Whether the signature is that of the key it names. Whose key that is, is another question."""
        return signing.holds(bytes.fromhex(self.key), bytes.fromhex(self.signature), self.unsigned())

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def parse(line: bytes) -> Checkpoint:
    """The checkpoint on a line without its line feed. ValueError for anything but exactly what `line()` gives."""
    found = LINE.fullmatch(line)
    if not found:
        raise ValueError("it isn't a checkpoint's line")
    fields = {name: value.decode("ascii") for name, value in found.groupdict().items()}
    number = int(fields.pop("number"))
    if number > chain.LARGEST:
        raise ValueError("its number is too large")
    datetime.fromisoformat(fields["at"])
    return Checkpoint(number=number, **fields)


def link(line: bytes) -> str:
    """What the next line's `previous` must be."""
    return hashlib.sha256(line).hexdigest()


def sign(key: Ed25519PrivateKey, head: chain.Head, *, at: datetime, previous: str) -> Checkpoint:
    """A checkpoint of that head."""
    public = signing.public_bytes(key).hex()
    unsigned = Checkpoint(head.number, head.digest, chain.moment(at), public, previous)
    return replace(unsigned, signature=signing.sign(key, unsigned.unsigned()).hex())
