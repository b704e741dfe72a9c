"""What allauth asks about factors: how secrets are stored, and what a passkey is made for."""

import base64
from hashlib import sha256

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.models import User

PRODUCT = "Campaign control"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Named by the setting MFA_ADAPTER. Secrets are encrypted: a copy of the database alone makes no codes."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """ "" after a new SECRET_KEY, which no code fits."""
        try:
            return _fernet().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return ""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": PRODUCT}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, object]:
        return {"id": str(user.pk).encode(), "display_name": user.username, "name": user.username}


def _fernet() -> Fernet:
    key = sha256(b"cxadmin.factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
