"""Evidence files without a database: two records and a checkpoint, always the same bytes; and forgeries of them."""

import hashlib
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import chain
from audit.evidence import checking, container
from audit.evidence.container import CHECKPOINTS, HOW_TO_VERIFY, MANIFEST, PUBLIC_KEY, RECORDS, SIGNATURE
from audit.evidence.manifest import LISTED, Content, Manifest
from audit.integrity import checkpoints, signing

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
AT = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
TEXT = b"A text of one line.\n"
Files = dict[str, bytes]


def body(number: int, previous: str, **values: Any) -> bytes:
    fields: dict[str, Any] = {
        "number": number,
        "timestamp": chain.format_time(AT),
        "kind": "operation.asked",
        "action": "pause",
        "status": "INFO",
        "by": "anna",
        "campaign_id": "c-1",
        "campaign_name": "Frühling",
        "operation": "2f0a6f1e-7f5c-4c56-9a47-3a1a5a0a7c11",
        "reason": "WFM_OVERRIDE",
        "latency_ms": None,
        "payload_hash": "",
        "api_response_status": 200,
        "compliance_check": "",
        "concurrent_pause_limit": 1,
        "webhook_subscription_id": "",
        "error": 'It said "no"\n',
        "details": {"calls": 3, "share": 0.25},
        "previous": previous,
    }
    return chain.canonical_body(fields | values)


def bodies(count: int, first: int = 1, previous: str = chain.GENESIS) -> list[bytes]:
    made: list[bytes] = []
    for number in range(first, first + count):
        made.append(body(number, previous))
        previous = chain.body_digest(made[-1])
    return made


def mark(number: int, digest: str, *, key: Ed25519PrivateKey = KEY, previous: str = checkpoints.FIRST) -> bytes:
    """A checkpoint's line, without its line feed."""
    return checkpoints.sign_head(key, chain.Head(number, digest), at=AT, previous=previous).line()


def files(
    records: Sequence[bytes], marks: Sequence[bytes] = (), *, key: Ed25519PrivateKey = KEY, **changes: Any
) -> Files:
    """What is in the container, by name, signed; `changes` are for the manifest."""
    public = signing.public_bytes(key).hex()
    made = {
        PUBLIC_KEY: f"{public}\n".encode(),
        HOW_TO_VERIFY: TEXT,
        CHECKPOINTS: b"".join(line + b"\n" for line in marks),
        RECORDS: b"".join(line + b"\n" for line in records),
    }
    manifest = Manifest(
        made_at=chain.format_time(AT),
        by="anna",
        product="campaign-control 0.1.0",
        first=1,
        last=len(records),
        count=len(records),
        previous=chain.GENESIS,
        head=chain.body_digest(records[-1]) if records else chain.GENESIS,
        first_break=None,
        key=public,
        files={name: Content(hashlib.sha256(made[name]).hexdigest(), len(made[name])) for name in LISTED},
    )
    return seal(made, replace(manifest, **changes).body(), key)


def seal(made: Mapping[str, bytes], manifest: bytes, key: Ed25519PrivateKey = KEY) -> Files:
    return {**made, MANIFEST: manifest, SIGNATURE: signing.sign_message(key, manifest)}


def pack(made: Mapping[str, bytes], names: Sequence[str] = container.NAMES) -> bytes:
    """The container of these files, in that order."""
    entries = [container.ZipEntry(name, len(made[name]), zlib.crc32(made[name])) for name in names]
    parts = [container.local_header(entry) + made[entry.name] for entry in entries]
    return b"".join(parts) + container.directory(entries)


def small() -> bytes:
    """Two records and a checkpoint at the second."""
    records = bodies(2)
    return pack(files(records, [mark(2, chain.body_digest(records[1]))]))


def check(evidence: bytes, trusted: str = "") -> checking.FileCheck:
    return checking.check_stream(io.BytesIO(evidence), trusted)


def fault(evidence: bytes, trusted: str = "") -> str:
    """What is first found wrong, as a sentence; "" for a file that holds."""
    return str(check(evidence, trusted).first_break or "")
