"""
Secrets that have to be read again: kept encrypted under a key that is derived from the installation's own.

Whoever has the records alone has nothing; whoever has the data folder too has everything, as with every key of it.
Each purpose has a key of its own, so that what was locked for one is not taken for another.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from farebox.domain.errors import FareboxError

SECOND_FACTOR = "second factor"
SINGLE_SIGN_ON = "single sign-on"


def lock(text: str, purpose: str) -> str:
    """Return a secret as it may be kept."""
    return _box(purpose).encrypt(text.encode()).decode("ascii")


def unlock(kept: str, purpose: str) -> str:
    """Return a secret that was kept. Raises `FareboxError` where the installation has another key now."""
    try:
        return _box(purpose).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise FareboxError(f"a secret ({purpose}) was kept under another key; it has to be set anew") from error


def _box(purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"farebox {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
