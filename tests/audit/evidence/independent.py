"""A second program that checks evidence files, written from docs/evidence.md alone: nothing of the product is in it.

It reads the whole file into memory, and says only whether it is sound.
"""

import hashlib
import json
import re
import struct
import zlib
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NAMES = ["manifest.json", "manifest.sig", "public_key.txt", "HOW-TO-VERIFY.txt", "checkpoints.jsonl", "records.jsonl"]
MANIFEST = {
    "format",
    "version",
    "made_at",
    "by",
    "product",
    "first",
    "last",
    "count",
    "previous",
    "head",
    "first_break",
    "key",
    "files",
}
TEXTS = {
    "kind",
    "action",
    "status",
    "by",
    "campaign_id",
    "campaign_name",
    "reason",
    "payload_hash",
    "compliance_check",
    "webhook_subscription_id",
    "error",
}
WHOLES = {"latency_ms", "api_response_status", "concurrent_pause_limit"}
CHECKPOINT = {"at", "digest", "format", "key", "number", "previous", "signature"}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HEX = "[0-9a-f]{%d}"


def is_sound(file: bytes, trusted_key: str = "") -> bool:
    try:
        check(file, trusted_key)
    except (AssertionError, ValueError, KeyError, TypeError, RecursionError, struct.error, InvalidSignature):
        return False
    return True


def check(file: bytes, trusted_key: str) -> None:
    size = struct.unpack_from("<I", file, 18)[0]
    assert size <= 65_536
    manifest = read(file[43 : 43 + size])
    check_manifest(manifest)
    assert trusted_key in {"", manifest["key"]}
    sizes = [size, 64, *(manifest["files"][name]["size"] for name in NAMES[2:])]
    contents, at = {}, 0
    for name, length in zip(NAMES, sizes, strict=True):
        at += 30 + len(name)
        contents[name] = file[at : at + length]
        at += length
    assert file == container(contents)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest["key"]))
    key.verify(contents["manifest.sig"], contents["manifest.json"])
    for name in NAMES[2:]:
        assert digest(contents[name]) == manifest["files"][name]["sha256"]
    assert contents["public_key.txt"] == manifest["key"].encode() + b"\n"
    records = lines(contents["records.jsonl"])
    assert len(records) == manifest["count"]
    digests = check_records(records, manifest)
    check_checkpoints(lines(contents["checkpoints.jsonl"]), digests)
    assert manifest["first_break"] is None


def container(contents: dict[str, bytes]) -> bytes:
    parts, headers, at = [], [], 0
    for name in NAMES:
        content = contents[name]
        shared = struct.pack(
            "<5HIIIHH", 10, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content), len(name), 0
        )
        parts.append(b"PK\x03\x04" + shared + name.encode() + content)
        headers.append(b"PK\x01\x02\x0a\x00" + shared + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode())
        at += len(parts[-1])
    directory = b"".join(headers)
    end = struct.pack("<HHHHIIH", 0, 0, 6, 6, len(directory), at, 0)
    whole = b"".join(parts) + directory + b"PK\x05\x06" + end
    assert len(whole) <= 4_294_967_294
    return whole


def check_manifest(manifest: dict[str, Any]) -> None:
    assert set(manifest) == MANIFEST
    assert manifest["format"] == "campaign-control-evidence"
    assert is_whole(manifest["version"])
    assert manifest["version"] == 1
    assert is_text(manifest["made_at"], TIME)
    assert is_text(manifest["by"])
    assert is_text(manifest["product"])
    assert all(is_whole(manifest[field]) for field in ("first", "last", "count"))
    assert 1 <= manifest["first"] <= manifest["last"]
    assert manifest["count"] >= 0
    assert all(is_text(manifest[field], HEX % 64) for field in ("previous", "head", "key"))
    assert set(manifest["files"]) == set(NAMES[2:])
    for told in manifest["files"].values():
        assert set(told) == {"sha256", "size"}
        assert is_text(told["sha256"], HEX % 64)
        assert is_whole(told["size"])
        assert told["size"] >= 0


def check_records(records: list[bytes], manifest: dict[str, Any]) -> dict[int, str]:
    number, last = manifest["first"] - 1, manifest["previous"]
    digests = {number: last}
    for line in records:
        record = read(line)
        check_fields(record)
        assert (record["number"], record["previous"]) == (number + 1, last)
        number, last = record["number"], digest(line)
        digests[number] = last
    assert (number, last) == (manifest["last"], manifest["head"])
    return digests


def check_fields(record: dict[str, Any]) -> None:
    assert set(record) == TEXTS | WHOLES | {"number", "timestamp", "operation", "details", "previous"}
    assert all(is_text(record[field]) for field in TEXTS)
    assert all(record[field] is None or is_whole(record[field]) for field in WHOLES)
    assert is_whole(record["number"])
    assert record["number"] >= 1
    assert is_text(record["timestamp"], TIME)
    assert is_text(record["previous"], HEX % 64)
    assert record["operation"] is None or is_text(record["operation"], UUID)
    assert isinstance(record["details"], dict)


def check_checkpoints(checkpoints: list[bytes], digests: dict[int, str]) -> None:
    number, link = 0, None
    for line in checkpoints:
        mark = read(line)
        assert set(mark) == CHECKPOINT
        assert mark["format"] == "campaign-control-checkpoint/1"
        assert is_text(mark["at"], TIME)
        assert is_text(mark["signature"], HEX % 128)
        assert is_whole(mark["number"])
        assert mark["number"] >= number
        assert digests[mark["number"]] == mark["digest"]
        assert link in {None, mark["previous"]}
        signature = bytes.fromhex(mark.pop("signature"))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(mark["key"])).verify(signature, write(mark).encode())
        number, link = mark["number"], digest(line)


def lines(content: bytes) -> list[bytes]:
    assert not content or content.endswith(b"\n")
    return content.split(b"\n")[:-1]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def is_text(value: object, form: str = ".*") -> bool:
    return isinstance(value, str) and re.fullmatch(form, value, re.ASCII | re.DOTALL) is not None


def is_whole(value: object) -> bool:
    return type(value) is int and abs(value) < 2**53


def read(text: bytes) -> dict[str, Any]:
    """An object in canonical JSON."""
    value = json.loads(text.decode("utf-8"))
    assert isinstance(value, dict)
    assert write(value).encode("utf-8") == text
    return value


def write(value: Any) -> str:
    """RFC 8785."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(write(key) + ":" + write(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    if isinstance(value, float):
        return write_number(value)
    assert not is_number(value) or abs(value) < 2**53
    return json.dumps(value, ensure_ascii=False)


def is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def write_number(value: float) -> str:
    """As ECMAScript writes it."""
    assert abs(value) < float("inf")
    if value == 0:
        return "0"
    sign, digits, exponent = "-" if value < 0 else "", *shortest(abs(value))
    point = len(digits) + exponent
    if 0 < point <= 21:
        return sign + (digits.ljust(point, "0") if exponent >= 0 else digits[:point] + "." + digits[point:])
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = "." + digits[1:] if digits[1:] else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"


def shortest(value: float) -> tuple[str, int]:
    """The fewest digits that read back as this number, and the power of ten of the last one."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    trimmed = digits.rstrip("0")
    return trimmed, int(exponent or 0) - len(fraction) + len(digits) - len(trimmed)
