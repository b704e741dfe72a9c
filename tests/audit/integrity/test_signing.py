"""The signing key: what is one, and what is told of it."""

import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.integrity import signing
from tests.cxadmin.test_settings import check

# RFC 8032, section 7.1, test 2.
SECRET = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRET))


def test_signature_is_the_standards() -> None:
    assert signing.public_bytes(KEY).hex() == PUBLIC
    assert signing.sign_message(KEY, b"\x72").hex() == SIGNATURE


@given(message=st.binary(max_size=200), other=st.binary(max_size=200))
def test_signature_holds_for_its_message(message: bytes, other: bytes) -> None:
    signature = signing.sign_message(KEY, message)
    assert signing.is_valid_signature(bytes.fromhex(PUBLIC), signature, message)
    assert signing.is_valid_signature(bytes.fromhex(PUBLIC), signature, other) == (message == other)


@pytest.mark.parametrize(("public", "signature"), [(b"", b""), (b"\xff" * 32, bytes(64)), (bytes(32), b"short")])
def test_nonsense_holds_nothing(public: bytes, signature: bytes) -> None:
    assert not signing.is_valid_signature(public, signature, b"message")


def test_made_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(signing.make_key(), encoding="ascii")
    assert len(signing.public_bytes(signing.read_key(path))) == 32


def test_openssl_makes_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, capture_output=True)
    assert signing.read_key(path)


def openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no key",
        SECRET,
        openssl("genpkey", "-algorithm", "x25519"),
        openssl("genpkey", "-algorithm", "ed25519", "-aes-256-cbc", "-pass", "pass:secret"),
    ],
)
def test_other_keys_stop_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key.pem"
    path.write_text(content, encoding="ascii")
    result = check(AUDIT_SIGNING_KEY_FILE=str(path))
    assert result.returncode == 1
    assert result.stderr.startswith(f"AUDIT_SIGNING_KEY_FILE names {path}, which holds no unencrypted Ed25519")
    assert not content or content[:40] not in result.stderr


def test_missing_file_stops_the_start(tmp_path: Path) -> None:
    result = check(AUDIT_SIGNING_KEY_FILE=str(tmp_path / "gone"))
    assert (result.returncode, "can’t be read: No such file" in result.stderr) == (1, True)


def test_malformed_retired_key_is_named() -> None:
    result = check(AUDIT_RETIRED_KEYS=f"{PUBLIC},12")
    assert (result.returncode, "AUDIT_RETIRED_KEYS has '12' in it" in result.stderr) == (1, True)


def test_key_is_made_once(tmp_path: Path) -> None:
    environment = {"VAR_DIR": str(tmp_path), "CXONE_REGION": "na1", "CXONE_CLIENT_ID": "id"}
    path = tmp_path / "audit_signing_key.pem"
    assert check(CXONE_CLIENT_SECRET="s", **environment).returncode == 0
    made = path.read_bytes()
    assert check(CXONE_CLIENT_SECRET="s", **environment).returncode == 0
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (made, 0o600)
