"""The tokens that are handed out: 256 random bits behind a prefix by which scanners find a leaked one."""

from __future__ import annotations

import hashlib
import secrets

ACCESS_PREFIX = "fba_"
REFRESH_PREFIX = "fbr_"
CLIENT_PREFIX = "fbc_"


def access_token(request: object = None, refresh_token: bool = False) -> str:
    """Return a new access token."""
    return ACCESS_PREFIX + secrets.token_urlsafe(32)


def refresh_token(request: object = None, refresh_token: bool = False) -> str:
    """Return a new refresh token."""
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


def client_secret() -> str:
    """Return a new secret of a program."""
    return CLIENT_PREFIX + secrets.token_urlsafe(32)


def checksum(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
