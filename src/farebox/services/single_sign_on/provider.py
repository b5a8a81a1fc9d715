"""
A team's identity provider: what it says of itself, its keys, and whether an identity token is its word.

What a token may look like is decided here and not by the token: RS256 or ES256, this issuer, this client, this nonce.
(quality: OIDC client, tokens)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.core.cache import cache

from farebox.domain.clock import SECOND, Instant
from farebox.records import locked
from farebox.records.models import SsoConnection
from farebox.services.single_sign_on.fetch import Careful, check

ALGORITHMS = ("RS256", "ES256")
TOKEN_BYTES_MAX = 8192
SUBJECT_LENGTH_MAX = 191
RSA_BITS_MIN = 2048
SKEW_SECONDS = 60
"""How much later than ours the clock of a provider may be; a token that has ended has ended."""

KNOWN_SECONDS = 600
"""How long is believed what a provider said of itself."""
UNKNOWN_KEY_SECONDS = 60
"""How often it is asked again for its keys, for a token that names one that nobody knows."""

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderError(Exception):
    """A provider that cannot be reached, or says what cannot be believed; the page of a sign-in says no more."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Provider:
    """What a sign-in through a team's provider needs."""

    team_id: int
    key: str
    name: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)


def provider_by_key(key: str) -> Provider | None:
    """Return the provider that an address names, if there is one."""
    row = SsoConnection.objects.filter(key=key).first()
    if row is None:
        return None
    secret = locked.unlock(row.secret, locked.SINGLE_SIGN_ON)
    return Provider(row.team_id, row.key, row.name, row.issuer, row.client_id, secret)


def key_of(team_id: int) -> tuple[str, str]:
    """Return the key and the name of a team's provider; empty ones for none."""
    return SsoConnection.objects.filter(team_id=team_id).values_list("key", "name").first() or ("", "")


def discovered(issuer: str) -> dict[str, Any]:
    """Return what an issuer says of itself. Raises `ProviderError`."""
    known: dict[str, Any] | None = cache.get(cached("about", issuer))
    if known is None:
        known = _about(issuer, _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
        cache.set(cached("about", issuer), known, KNOWN_SECONDS)
    return known


def _about(issuer: str, told: object) -> dict[str, Any]:
    if not isinstance(told, dict) or told.get("issuer") != issuer:
        raise ProviderError("the provider names another issuer than the one that was entered")
    for name in _ENDPOINTS:
        _checked(name, told.get(name))
    if "userinfo_endpoint" in told:
        _checked("userinfo_endpoint", told["userinfo_endpoint"])
    return told


def _checked(name: str, url: object) -> None:
    try:
        check(url if isinstance(url, str) else "")
    except requests.RequestException as error:
        raise ProviderError(f"its {name} cannot be used: {error}") from error


def verified(token: object, provider: Provider, *, nonce: str, now: Instant) -> dict[str, Any]:
    """
    Return what an identity token says, if it is the provider's word, for us, and for this sign-in.

    Raises `ProviderError` for anything else, without saying to whoever brought it what was wrong.
    """
    if not isinstance(token, str) or not token.isascii() or not 0 < len(token) <= TOKEN_BYTES_MAX:
        raise ProviderError("no identity token, or one that is too long")
    try:
        header = jwt.get_unverified_header(token)
        key = _key_for(header, provider.issuer)
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[header["alg"]],
            audience=provider.client_id,
            issuer=provider.issuer,
            options={
                "require": ["iss", "sub", "aud", "exp", "iat"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise ProviderError(f"an identity token that is not valid: {type(error).__name__}") from error
    _check_claims(claims, provider, nonce, now)
    return claims


def _key_for(header: Mapping[str, Any], issuer: str) -> Any:
    """Return the key that a token was signed with, of the kind that its algorithm takes."""
    if header.get("alg") not in ALGORITHMS or "crit" in header:
        raise ProviderError("an identity token of another algorithm")
    kid = header.get("kid")
    for fresh in (False, True):
        found = [one for one in _keys(issuer, fresh=fresh) if _fits(one, header["alg"], kid)]
        if len(found) == 1:
            return found[0].key
    raise ProviderError("an identity token that none of the provider's keys has signed")


def _fits(one: jwt.PyJWK, algorithm: str, kid: object) -> bool:
    if kid is not None and one.key_id != kid:
        return False
    if one.public_key_use not in (None, "sig") or one.algorithm_name != algorithm:
        return False
    if isinstance(one.key, RSAPublicKey):
        return algorithm == "RS256" and one.key.key_size >= RSA_BITS_MIN
    return algorithm == "ES256" and isinstance(one.key, EllipticCurvePublicKey) and isinstance(one.key.curve, SECP256R1)


def _keys(issuer: str, *, fresh: bool) -> list[jwt.PyJWK]:
    """Return the keys of an issuer; asked for afresh at most once a minute, whatever tokens come (quality)."""
    told = cache.get(cached("keys", issuer))
    if told is None or (fresh and cache.add(cached("asked", issuer), True, UNKNOWN_KEY_SECONDS)):
        told = _asked(discovered(issuer)["jwks_uri"])
        cache.set(cached("keys", issuer), told, KNOWN_SECONDS)
        cache.add(cached("asked", issuer), True, UNKNOWN_KEY_SECONDS)
    try:
        return list(jwt.PyJWKSet.from_dict(told).keys)
    except (jwt.PyJWTError, AttributeError, TypeError, ValueError) as error:
        raise ProviderError("the provider's keys cannot be read") from error


def _check_claims(claims: Mapping[str, Any], provider: Provider, nonce: str, now: Instant) -> None:
    at = now // SECOND
    ends, issued, not_before = claims["exp"], claims["iat"], claims.get("nbf", 0)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (ends, issued, not_before)):
        raise ProviderError("an identity token without times")
    if not (at < ends and max(issued, not_before) <= at + SKEW_SECONDS):
        raise ProviderError("an identity token that has ended, or has not begun")
    told = claims.get("nonce")
    if not nonce or not isinstance(told, str) or not compare_digest(told.encode(), nonce.encode()):
        raise ProviderError("an identity token of another sign-in")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else provider.client_id) != provider.client_id:
        raise ProviderError("an identity token for another program")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH_MAX or not subject.isprintable():
        raise ProviderError("an identity token about nobody")


def _asked(url: str) -> object:
    try:
        with Careful() as session:
            response = session.get(url)
            response.raise_for_status()
            return json.loads(response.content)
    except (requests.RequestException, ValueError, RecursionError) as error:
        raise ProviderError(f"the provider cannot be asked: {type(error).__name__}") from error


def cached(what: str, issuer: str) -> str:
    """Return the key of what an issuer told; two that begin alike share none, however long they are."""
    return f"sso:{what}:{sha256(issuer.encode()).hexdigest()}"
