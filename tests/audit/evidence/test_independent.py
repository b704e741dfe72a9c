"""A program written from the description alone says the same of good and bad files; so do the vectors in it."""

import hashlib
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical_json, chain
from audit.evidence import checking, container
from audit.evidence.container import CHECKPOINTS, HOW_TO_VERIFY, MANIFEST, PUBLIC_KEY, RECORDS, SIGNATURE
from audit.integrity import signing
from tests.audit.evidence import independent
from tests.audit.evidence.files import OTHER_KEY, bodies, body, check, files, mark, pack, small

PAGE = Path(__file__).resolve().parents[3] / "docs" / "evidence.md"


def ours(evidence: bytes) -> bool:
    try:
        return check(evidence).ok
    except checking.NotEvidence:
        return False


def broken_middle() -> bytes:
    records = bodies(3)
    return pack(files([records[0], body(2, "b" * 64), records[2]]))


def marked(number: int, digest: str) -> bytes:
    return pack(files(bodies(2), [mark(number, digest)]))


@pytest.mark.parametrize(
    ("make", "sound"),
    [
        (small, True),
        (lambda: pack(files(bodies(3))), True),
        (lambda: pack(files(bodies(3, first=5, previous="a" * 64), first=5, last=7, previous="a" * 64)), True),
        (lambda: pack(files(bodies(2), key=OTHER_KEY)), True),
        (lambda: pack(files([body(1, chain.GENESIS, details={"€": 1e21, "😀": [1e-7, -0.5]})])), True),
        (broken_middle, False),
        (lambda: pack(files(bodies(2), last=3)), False),
        (lambda: pack(files(bodies(2), count=3)), False),
        (lambda: pack(files(bodies(2), first_break=chain.Break(1, "something"))), False),
        (lambda: pack(files([bodies(1)[0] + b"\r"])), False),
        (lambda: marked(2, "c" * 64), False),
        (lambda: marked(3, "c" * 64), False),
        (lambda: small() + b"\0", False),
    ],
)
def test_both_say_the_same(make: Callable[[], bytes], sound: bool) -> None:
    assert ours(make()) == independent.is_sound(make()) == sound


def test_both_see_changed_bytes() -> None:
    chance, evidence = random.Random(3), small()
    for _ in range(1500):
        changed = bytearray(evidence)
        changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
        assert not ours(bytes(changed))
        assert not independent.is_sound(bytes(changed))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_both_write_numbers_alike(number: float) -> None:
    assert independent.write(number) == canonical_json.text(number)


@pytest.fixture(scope="module")
def vectors() -> dict[str, str]:
    return dict(re.findall(r"^\*\*(.+?)\*\*\n\n```text\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.M | re.S))


def ingredients(vectors: dict[str, str]) -> dict[str, bytes]:
    """The six files, from the page alone."""
    lined = {
        PUBLIC_KEY: vectors["Public key"],
        HOW_TO_VERIFY: vectors["HOW-TO-VERIFY.txt"],
        CHECKPOINTS: vectors["Checkpoint"],
        RECORDS: f"{vectors['Record 1']}\n{vectors['Record 2']}",
    }
    return {
        MANIFEST: vectors["Manifest"].encode(),
        SIGNATURE: bytes.fromhex(vectors["Signature"]),
        **{name: f"{text}\n".encode() for name, text in lined.items()},
    }


def test_page_describes_the_products_file(vectors: dict[str, str]) -> None:
    whole = independent.container(ingredients(vectors))
    assert whole == small() == pack(ingredients(vectors))
    assert (str(len(whole)), hashlib.sha256(whole).hexdigest()) == (vectors["Size"], vectors["SHA-256"])
    assert ours(whole)


def test_pages_keys_and_signature(vectors: dict[str, str]) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vectors["Secret key"]))
    assert signing.public_bytes(key).hex() == vectors["Public key"]
    assert signing.key_fingerprint(signing.public_bytes(key)) == vectors["Fingerprint"]
    assert signing.sign_message(key, vectors["Manifest"].encode()).hex() == vectors["Signature"]


def test_pages_digests(vectors: dict[str, str]) -> None:
    assert [chain.body_digest(vectors[f"Record {number}"].encode()) for number in (1, 2)] == [
        vectors["Digest 1"],
        vectors["Digest 2"],
    ]
    assert json.loads(vectors["Record 2"])["previous"] == vectors["Digest 1"]


def test_pages_headers(vectors: dict[str, str]) -> None:
    evidence = small()
    assert evidence.hex().startswith(vectors["First header"])
    assert evidence.hex().endswith(vectors["Directory"])
    assert bytes.fromhex(vectors["Directory"])[:4] == b"PK\1\2"
    assert len(vectors["First header"]) == 2 * (container.LOCAL.size + len(MANIFEST))
