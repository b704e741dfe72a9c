"""The manifest: the signed description of an evidence file. Reading is strict: one content has one spelling."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from audit import canonical_json, chain
from audit.evidence import container
from audit.evidence.lines import DIGEST, TIMESTAMP, read_canonical

FORMAT = "campaign-control-evidence"
# Every change of the format needs a new version, and files of the old ones must stay readable (decision 0013).
VERSION = 1
PRODUCT = "campaign-control 0.1.0"
# Bytes, by the format. A manifest is far smaller; this limits what a checker reads before it has verified a signature.
LONGEST = 65_536
# The files that it lists: all except itself and its signature.
LISTED = container.NAMES[2:]


class Content(NamedTuple):
    """A file's digest (SHA-256, hex) and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """The fields of docs/evidence.md, "The manifest". `first`, `last`: record numbers, both included.

    `previous`: the digest of the record before the first. `head`: the digest of the last. `key`: the signer's public
    key, in hex. `made_at`: UTC, as records write it.
    """

    made_at: str
    by: str
    product: str
    first: int
    last: int
    count: int
    previous: str
    head: str
    first_break: chain.Break | None
    key: str
    files: Mapping[str, Content]

    def body(self) -> bytes:
        """The bytes of manifest.json."""
        values: dict[str, Any] = asdict(self)
        values["first_break"] = self.first_break and self.first_break._asdict()
        values["files"] = {name: content._asdict() for name, content in self.files.items()}
        return canonical_json.text({"format": FORMAT, "version": VERSION} | values).encode()


FIELDS = {"format", "version", *Manifest.__dataclass_fields__}


def parse_manifest(body: bytes) -> Manifest:
    """The manifest with exactly these bytes. ValueError, which says why, if they aren't one."""
    if len(body) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} bytes")
    values = read_canonical(body)
    if values.pop("format", None) != FORMAT:
        raise ValueError(f"its format isn’t {FORMAT}")
    version = values.pop("version", None)
    # In Python, True == 1.
    if type(version) is not int or version != VERSION:
        raise ValueError(f"its version isn’t {VERSION}: a newer product made it")
    _exactly(values, FIELDS - {"format", "version"}, "its fields")
    files = _exactly(values["files"], set(LISTED), "its files")
    manifest = Manifest(
        made_at=_text(values, "made_at", TIMESTAMP),
        by=_text(values, "by", ".*"),
        product=_text(values, "product", ".+"),
        first=_whole(values, "first", 1),
        last=_whole(values, "last", 1),
        count=_whole(values, "count"),
        previous=_text(values, "previous", DIGEST),
        head=_text(values, "head", DIGEST),
        first_break=_break(values["first_break"]),
        key=_text(values, "key", DIGEST),
        files={name: _content(files[name]) for name in LISTED},
    )
    if manifest.first > manifest.last:
        raise ValueError("its first record comes after its last")
    return manifest


def _break(values: object) -> chain.Break | None:
    if values is None:
        return None
    fields = _exactly(values, {"number", "fault"}, "its first_break")
    return chain.Break(_whole(fields, "number"), _text(fields, "fault", ".+"))


def _content(values: object) -> Content:
    fields = _exactly(values, {"sha256", "size"}, "its fields of a file")
    return Content(_text(fields, "sha256", DIGEST), _whole(fields, "size"))


def _exactly(values: object, fields: set[str], what: str) -> dict[str, Any]:
    if not isinstance(values, dict) or set(values) != fields:
        raise ValueError(f"{what} aren’t exactly {', '.join(sorted(fields))}")
    return values


def _text(values: Mapping[str, Any], field: str, form: str) -> str:
    value = values[field]
    # ASCII, since \d would match the digits of other scripts too.
    if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII | re.DOTALL):
        raise ValueError(f"its {field} isn’t as the format requires")
    return value


def _whole(values: Mapping[str, Any], field: str, least: int = 0) -> int:
    value = values[field]
    if type(value) is not int or not least <= value <= canonical_json.LARGEST:
        raise ValueError(f"its {field} isn’t a whole number from {least}")
    return value
