"""
OAuth 2 records: the programs, and what people let them do; every code and token carries its team.

Codes, tokens and secrets are stored as hashes only. Codes that were used stay until their family is forgotten, so that
one that is sent a second time is recognised (RFC 9700, section 4.5).
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from oauth2_provider.models import (
    AbstractAccessToken,
    AbstractApplication,
    AbstractGrant,
    AbstractIDToken,
    AbstractRefreshToken,
)

from farebox.records import redirects
from farebox.records.models.fields import instant_us


def _team() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("records.Team", on_delete=models.CASCADE, null=True, related_name="+")


def _person() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("records.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")


class Hashed(str):
    """The hash of a code as it was read from its column; it is not hashed again, and a text that looks like it is."""

    __slots__ = ()


class HashedCode(models.CharField):  # type: ignore[type-arg]
    """A column that keeps the SHA-256 of what is written and looked up."""

    def get_prep_value(self, value: Any) -> Any:
        """Hash a code on its way to the database."""
        if value is None or isinstance(value, Hashed):
            return value
        return hashlib.sha256(str(value).encode(errors="surrogatepass")).hexdigest()

    def from_db_value(self, value: str | None, *_: object) -> Hashed | None:
        """Mark what comes from the database as hashed."""
        return None if value is None else Hashed(value)


class Application(AbstractApplication):  # type: ignore[misc]
    """
    A program that asks for usage data on behalf of people or, `two_legged`, as one administrator (`acts_for`).

    Registered in a team it serves that team's members; without one, everybody. `user` registered it; nobody means
    the operator. `pkce` asks a confidential program for PKCE too, which a public one always needs. `implicit` counts
    only while the installation's compatibility switch is on.
    """

    user = _person()
    team = _team()
    two_legged = models.BooleanField(default=False)
    acts_for = _person()
    implicit = models.BooleanField(default=False)
    pkce = models.BooleanField(default=False)
    scopes = models.CharField(max_length=100, default="data:read")
    revoked_us = instant_us(null=True)

    class Meta(AbstractApplication.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"

    @property
    def is_public(self) -> bool:
        """Whether the program cannot keep a secret."""
        return bool(self.client_type == self.CLIENT_PUBLIC)

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Tell whether people may be sent back to an address: exactly one that is registered."""
        registered = self.redirect_uris.split()
        return any(redirects.matches(uri, one, any_port=self.is_public) for one in registered)

    def allows_grant_type(self, *grant_types: str) -> bool:
        """Tell whether one of these grants is open: to people or to one administrator, never to both."""
        offered = {self.GRANT_CLIENT_CREDENTIALS} if self.two_legged else {self.GRANT_AUTHORIZATION_CODE}
        if self.implicit and not self.two_legged and settings.OAUTH_COMPATIBILITY:
            offered.add(self.GRANT_IMPLICIT)
        return bool(offered & set(grant_types))

    def is_usable(self, request: object) -> bool:
        """Tell whether the program may be used at all."""
        return self.revoked_us is None


class Grant(AbstractGrant):  # type: ignore[misc]
    """An authorisation code; the tokens that come of it are its family."""

    code = HashedCode(max_length=64, unique=True)
    team = _team()
    family = models.UUIDField(default=uuid.uuid4)
    spent_us = instant_us(null=True)

    class Meta(AbstractGrant.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_GRANT_MODEL"


class AccessToken(AbstractAccessToken):  # type: ignore[misc]
    """A short-lived bearer token."""

    team = _team()
    family = models.UUIDField(null=True, db_index=True)

    class Meta(AbstractAccessToken.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL"


class RefreshToken(AbstractRefreshToken):  # type: ignore[misc]
    """
    What a program exchanges for its next access token.

    `scope` is what the person granted, whatever a refresh narrowed; `began_us` is when the chain began.
    """

    team = _team()
    scope = models.TextField(default="")
    began_us = instant_us(default=0)

    class Meta(AbstractRefreshToken.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL"

    @classmethod
    def revoke_family(cls, token_family: uuid.UUID | None) -> None:
        """End every token of a family, whether or not it was rotated since."""
        if token_family is not None:
            cls.objects.filter(token_family=token_family, revoked__isnull=True).update(revoked=timezone.now())
            AccessToken.objects.filter(family=token_family).delete()

    def revoke(self) -> None:
        """End the family: who gives back one of its tokens is done with all of them."""
        type(self).revoke_family(self.token_family)


class IDToken(AbstractIDToken):  # type: ignore[misc]
    """An identity token's record; none are issued, but the library needs its table."""

    team = _team()

    class Meta(AbstractIDToken.Meta):  # type: ignore[misc]
        swappable = "OAUTH2_PROVIDER_ID_TOKEN_MODEL"
