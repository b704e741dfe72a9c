"""What is wrong in a file is named: which file, which record, what. Most of these are signed all the same."""

import io
import json
import tracemalloc
import zipfile
from typing import Any

import pytest
import rfc8785

from audit import chain
from audit.evidence import checking
from audit.evidence.container import CHECKPOINTS, MANIFEST, PUBLIC_KEY, RECORDS
from audit.integrity import signing
from tests.audit.evidence.files import KEY, OTHER_KEY, bodies, body, check, fault, files, mark, pack, seal, small

PUBLIC = signing.public_bytes(KEY).hex()
OTHER_PUBLIC = signing.public_bytes(OTHER_KEY).hex()


def changed_manifest(**changes: Any) -> bytes:
    """A small file whose manifest says something else, signed."""
    made = files(bodies(2))
    return pack(seal(made, rfc8785.dumps(json.loads(made[MANIFEST]) | changes)))


def spelt_manifest(spell: Any) -> bytes:
    made = files(bodies(2))
    return pack(seal(made, spell(made[MANIFEST])))


def test_verdict_tells_the_head() -> None:
    verdict = check(small())
    assert (verdict.ok, verdict.as_signed, verdict.records) == (True, True, 2)
    assert verdict.head == (2, chain.body_digest(bodies(2)[1]))


def test_range_may_begin_later() -> None:
    before = "a" * 64
    records = bodies(3, first=7, previous=before)
    marks = [mark(6, before), mark(9, chain.body_digest(records[-1]), previous=chain.body_digest(mark(6, before)))]
    assert not fault(pack(files(records, marks, first=7, last=9, previous=before)))


@pytest.mark.parametrize(
    ("records", "says"),
    [
        (lambda r: [r[0], r[2]], "records.jsonl, record 2: record 2 is missing: in its place is 3"),
        (lambda r: [r[1], r[0], r[2]], "records.jsonl, record 1: record 1 is missing: in its place is 2"),
        (lambda r: [r[0], r[0], r[1], r[2]], "records.jsonl, record 2: record 2 is missing: in its place is 1"),
        (lambda r: r[:2], "records.jsonl, record 3: the last records are missing: the manifest says 3"),
        (lambda r: [*r, body(4, chain.body_digest(r[2]))], "records.jsonl, record 4: it comes after record 3"),
        (lambda r: [r[0], body(2, "b" * 64), r[2]], "record 2: its previous isn’t the digest of record 1"),
        (
            lambda r: [r[0], body(2, chain.body_digest(r[0]), by="eve"), r[2]],
            "record 3: its previous isn’t the digest of",
        ),
        (lambda r: [body(1, "b" * 64), *r[1:]], "record 1: its previous isn’t the digest that the manifest names"),
        (lambda r: [*r[:2], body(3, chain.body_digest(r[1]), by="eve")], "record 3: its digest isn’t the one that"),
    ],
)
def test_break_is_named(records: Any, says: str) -> None:
    changed = records(bodies(3))
    head = chain.body_digest(bodies(3)[2])
    assert says in fault(pack(files(changed, last=3, head=head)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda line: line.replace(b'{"action', b'{ "action'), "it isn’t in canonical form"),
        (lambda line: line.replace(b'"by":"anna"', b'"by":"anna","by":"anna"'), "it isn’t in canonical form"),
        (lambda line: line.replace(b'"number":1', b'"number":1.0'), "it isn’t in canonical form"),
        (lambda line: line.replace(b"0.25", b"2.5e-1"), "it isn’t in canonical form"),
        (lambda line: line.replace("ü".encode(), b"\\u00fc"), "it isn’t in canonical form"),
        (lambda line: line.replace(b"\\n", b"\\u000a"), "it isn’t in canonical form"),
        (lambda line: line.replace("ü".encode(), b"\xfc"), "it isn’t JSON"),
        (lambda line: line.replace(b"0.25", b"NaN"), "it isn’t JSON"),
        (lambda line: b"\xef\xbb\xbf" + line, "it isn’t JSON"),
        (lambda line: line + b"\r", "it isn’t in canonical form"),
        (lambda _: b"[]", "it isn’t a JSON object"),
        (lambda _: b"", "it isn’t JSON"),
        (lambda _: b"[" * 100_000, "it isn’t JSON"),
        (lambda line: line.replace(b'"by":"anna",', b""), "it doesn’t have exactly the fields of a record: by"),
        (lambda line: line.replace(b'"by":"anna"', b'"by":"anna","bz":1'), "it doesn’t have exactly the fields"),
        (lambda line: line.replace(b'"by":"anna"', b'"by":null'), "its by isn’t of the type"),
        (lambda line: line.replace(b'"number":1', b'"number":true'), "its number isn’t of the type"),
        (lambda line: line.replace(b'"number":1', b'"number":0'), "its number isn’t of the type"),
        (lambda line: line.replace(b"09:00:00.000000Z", b"09:00:00Z"), "its timestamp isn’t of the type"),
        (lambda line: line.replace(b'"latency_ms":null', b'"latency_ms":"4"'), "its latency_ms isn’t of the type"),
        (lambda line: line.replace(b'"previous":"0', b'"previous":"A'), "its previous isn’t of the type"),
    ],
)
def test_misspelt_record_is_named(change: Any, says: str) -> None:
    assert fault(pack(files([change(bodies(1)[0])]))).startswith(f"records.jsonl, record 1: {says}")


def test_unfinished_line_is_named() -> None:
    made = files(bodies(1))
    made[RECORDS] = made[RECORDS][:-1]
    assert "its last line doesn’t end" in fault(_resigned(made))


def test_windows_line_ends_are_refused() -> None:
    made = files(bodies(2))
    made[RECORDS] = made[RECORDS].replace(b"\n", b"\r\n")
    assert fault(_resigned(made)).startswith("records.jsonl, record 1: it isn’t in canonical form")


def _resigned(made: dict[str, bytes]) -> bytes:
    """As somebody with the key would have signed these files."""
    values = json.loads(made[MANIFEST])
    for name in values["files"]:
        values["files"][name] = {"sha256": chain.body_digest(made[name]), "size": len(made[name])}
    return pack(seal(made, rfc8785.dumps(values)))


@pytest.mark.parametrize(
    ("marks", "says"),
    [
        (lambda d: [mark(2, "c" * 64)], "record 2: the checkpoint signed another digest for this record"),
        (lambda d: [mark(2, d[1]).replace(b"09:00", b"10:00")], "record 2: the checkpoint’s signature doesn’t hold"),
        (lambda d: [mark(2, d[1]).replace(b":2,", b": 2,")], "it isn’t a checkpoint’s line"),
        (lambda d: [mark(1, d[0]), mark(2, d[1])], "record 2: the checkpoint doesn’t follow the one before it"),
        (lambda d: [mark(4, "d" * 64)], "record 4: the checkpoint is out of place"),
        (
            lambda d: [mark(2, d[1]), mark(1, d[0], previous=chain.body_digest(mark(2, d[1])))],
            "record 1: the checkpoint is out of place",
        ),
    ],
)
def test_wrong_checkpoint_is_named(marks: Any, says: str) -> None:
    records = bodies(3)
    assert says in fault(pack(files(records, marks([chain.body_digest(record) for record in records]))))


def test_other_signer_of_checkpoints_is_told() -> None:
    records = bodies(2)
    verdict = check(pack(files(records, [mark(2, chain.body_digest(records[1]), key=OTHER_KEY)])))
    assert (verdict.ok, verdict.other_keys) == (True, frozenset([OTHER_PUBLIC]))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": "something"}, "its format isn’t"),
        ({"version": 2}, "its version isn’t 1"),
        ({"version": True}, "its version isn’t 1"),
        ({"more": 1}, "its fields aren’t exactly"),
        ({"files": {}}, "its files aren’t exactly"),
        ({"made_at": "today"}, "its made_at isn’t as the format requires"),
        ({"key": PUBLIC.upper()}, "its key isn’t as the format requires"),
        ({"first": 0}, "its first isn’t a whole number from 1"),
        ({"first": True}, "its first isn’t a whole number from 1"),
        ({"first": 3}, "its first record comes after its last"),
        ({"count": 3}, "it says 3 records, but there are 2"),
        ({"first_break": {"number": 1}}, "its first_break aren’t exactly"),
    ],
)
def test_wrong_manifest_is_named(changes: dict[str, Any], says: str) -> None:
    assert fault(changed_manifest(**changes)).startswith(f"manifest.json: {says}")


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text + b"\n",
        lambda text: text.replace(b":", b": "),
        lambda text: text.replace(b'{"by"', b'{"by":"eve","by"'),
        lambda text: json.dumps(json.loads(text), separators=(",", ":")).encode("utf-16"),
    ],
)
def test_manifest_has_one_spelling(spell: Any) -> None:
    assert fault(spelt_manifest(spell)).startswith("manifest.json: it isn’t")


def test_changed_manifest_is_named() -> None:
    made = files(bodies(2))
    made[MANIFEST] = made[MANIFEST].replace(b"anna", b"anne")
    assert fault(pack(made)) == (
        "manifest.json: its signature doesn’t hold: the manifest or the signature was changed"
    )


def test_key_file_must_be_the_manifests() -> None:
    made = files(bodies(2))
    made[PUBLIC_KEY] = f"{OTHER_PUBLIC}\n".encode()
    assert fault(_resigned(made)) == "public_key.txt: it isn’t the key that the manifest names"


def test_changed_record_in_a_signed_file() -> None:
    evidence = small().replace(b'"by":"anna","campaign_id', b'"by":"anne","campaign_id', 1)
    verdict = check(evidence)
    assert not verdict.as_signed
    assert str(verdict.first_break).startswith("records.jsonl, record 2: its previous isn’t the digest of record 1")


def test_changed_text_is_named() -> None:
    assert fault(small().replace(b"A text", b"O text")) == (
        "HOW-TO-VERIFY.txt: its SHA-256 isn’t the one in the manifest"
    )


def test_changed_header_is_named() -> None:
    evidence = bytearray(small())
    evidence[10] ^= 1
    assert fault(bytes(evidence)) == "manifest.json: its header in the zip isn’t as the format requires"


def test_changed_directory_is_named() -> None:
    evidence = small()
    at = evidence.rindex(RECORDS.encode())
    assert fault(evidence[:at] + b"R" + evidence[at + 1 :]) == "the zip’s directory: it isn’t as the format requires"


def test_break_that_was_there_is_told() -> None:
    records = [bodies(3)[0], bodies(3)[2]]
    broken = chain.Break(2, "record 2 is missing: in its place is 3")
    verdict = check(pack(files(records, last=3, first_break=broken)))
    assert (verdict.ok, verdict.as_signed) == (False, True)
    assert verdict.first_break == (RECORDS, 2, "record 2 is missing: in its place is 3")


def test_break_outside_the_bytes_is_told() -> None:
    broken = chain.Break(2, "its column by differs from its stored bytes")
    assert "record 2: the audit was broken here when the file was made: its column by" in fault(
        pack(files(bodies(3), first_break=broken))
    )


def test_other_keys_file_is_sound_in_itself() -> None:
    assert not fault(pack(files(bodies(2), key=OTHER_KEY)))


@pytest.mark.parametrize("trusted", [PUBLIC, signing.key_fingerprint(bytes.fromhex(PUBLIC))])
def test_trusted_key_tells_a_forgery(trusted: str) -> None:
    forged = fault(pack(files(bodies(2), key=OTHER_KEY)), trusted)
    assert not fault(small(), trusted)
    assert forged.startswith("public_key.txt: another key signed this file, with the fingerprint ")


@pytest.mark.parametrize("other", [b"", b"PK", b"%PDF-1.7", b'{"number":1}\n'])
def test_other_kind_of_file(other: bytes) -> None:
    with pytest.raises(checking.NotEvidence):
        check(other)


def test_other_zip_is_no_evidence() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr(CHECKPOINTS, "")
    with pytest.raises(checking.NotEvidence):
        check(other.getvalue())


def test_memory_doesnt_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "BLOCK", 4096)
    little, much = pack(files(bodies(30))), pack(files(bodies(600)))

    def peak(evidence: bytes) -> int:
        file = io.BytesIO(evidence)
        tracemalloc.start()
        assert checking.check_stream(file).ok
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(little)
    assert peak(much) < peak(little) + 20_000
