"""The audit's signing key: Ed25519, kept in a file outside the database.

The file is an unencrypted PKCS #8 key in PEM, as `openssl genpkey -algorithm ed25519` writes it. The key itself is
never shown: messages name its file, and people compare the fingerprint of its public key.
"""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

# RFC 8032, 5.1.6: an Ed25519 signature is two 32-byte values, R and S.
SIGNATURE_BYTES = 64


def load_key() -> Ed25519PrivateKey:
    """The key in AUDIT_SIGNING_KEY_FILE. Raises what `read_key` raises."""
    return read_key(Path(settings.AUDIT_SIGNING_KEY_FILE))


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key in that file. OSError if it can't be read; ValueError, which quotes nothing, for any other content."""
    try:
        # TypeError: the key is encrypted, and there is no password.
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("which holds no unencrypted Ed25519 private key in PEM")
    return key


def make_key() -> str:
    """A new private key in PEM."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The public key, 32 raw bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_fingerprint(public: bytes) -> str:
    """The fingerprint that people compare: SHA-256 of the public key's 32 bytes, 64 hex digits."""
    return hashlib.sha256(public).hexdigest()


def own_fingerprint() -> str:
    """The fingerprint of the key that signs now; "" if it can't be read."""
    try:
        return key_fingerprint(public_bytes(load_key()))
    except (OSError, ValueError):
        return ""


def sign_message(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """The signature, 64 bytes (RFC 8032, pure Ed25519)."""
    return key.sign(message)


def is_valid_signature(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether that key signed exactly this message. Also False for bytes that aren't a key or a signature."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
