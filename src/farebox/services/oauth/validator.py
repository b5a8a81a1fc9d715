"""
What oauthlib asks us while it speaks OAuth: the library's own answers, but for teams, families, scopes and times.

Several of the methods begin with an underscore in the library: its minor version is pinned, and the tests break where
they change.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from oauth2_provider.models import set_token_value
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauthlib.oauth2.rfc6749.errors import (  # type: ignore[import-untyped]
    InvalidGrantError,
    InvalidScopeError,
    UnauthorizedClientError,
)

from farebox.domain.clock import instant
from farebox.records import db
from farebox.records.models import AccessToken, Application, Grant, RefreshToken
from farebox.services.oauth import acting, families
from farebox.services.oauth.families import Bound
from farebox.services.oauth.refusals import Why
from farebox.services.oauth.secrets import checksum

_BETWEEN = re.compile(r"%20|[+,\s]+")
"""What stands between scopes: a space, or one that was encoded once too often."""


class _Spent(Exception):
    """A code or refresh token that another request has just used."""


class Validator(OAuth2Validator):  # type: ignore[misc]  # oauth-toolkit has no types
    """The rules of signing in for programs (usage-api 1.1; quality: OAuth2)."""

    def _load_application(self, client_id: str | None, request: Any) -> Application | None:
        """Find a program by its id; a text that no id can be is not looked up, as PostgreSQL refuses some of them."""
        if not client_id or not client_id.isprintable():
            return None
        found: Application | None = super()._load_application(client_id, request)
        return found

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Ask a public program for PKCE always, a confidential one where it is registered so."""
        return bool(request.client.is_public or request.client.pkce)

    def validate_response_type(
        self, client_id: str, response_type: str, client: Application, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Allow a code, and a token only where the implicit grant is open."""
        kinds = {"code": client.GRANT_AUTHORIZATION_CODE, "token": client.GRANT_IMPLICIT}
        if response_type in kinds and client.allows_grant_type(kinds[response_type]):
            return True
        why = Why.ACTS_ITSELF if client.two_legged else Why.NO_IMPLICIT
        raise UnauthorizedClientError(why, request=request)

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Application, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Allow what the program is registered for; acting as an administrator needs that one and the team as well."""
        if grant_type == "client_credentials":
            lacking = acting.missing(request.client)
            if lacking is not None:
                raise UnauthorizedClientError(lacking, request=request)
            return True
        if request.client.two_legged:
            raise UnauthorizedClientError(Why.ACTS_ITSELF, request=request)
        return grant_type in ("authorization_code", "refresh_token")

    def validate_scopes(
        self, client_id: str, scopes: Iterable[str], client: Application, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """
        Narrow what is asked for to what the program may have; refuse where nothing is left.

        Programs of the published API ask for scopes that mean nothing here, beside those that do.
        """
        allowed = client.scopes.split()
        request.scopes = [scope for scope in _words(scopes) if scope in allowed]
        if not request.scopes:
            raise InvalidScopeError(Why.SCOPE_NONE, request=request)
        return True

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Any, *args: Any, **kw: Any
    ) -> None:
        """Keep a code that the person's answer brought about."""
        bound = _bound(request)
        with db.atomic():
            Grant.objects.create(
                application=request.client,
                user=bound.user,
                team_id=bound.team,
                code=code["code"],
                family=bound.family,
                expires=timezone.now() + timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS),
                redirect_uri=request.redirect_uri if "redirect_uri" in dict(request.uri_query_params) else "",
                scope=" ".join(request.scopes),
                code_challenge=request.code_challenge or "",
                code_challenge_method=request.code_challenge_method or "",
                claims="{}",
            )

    def validate_code(
        self, client_id: str, code: str, client: Application, request: Any, *args: Any, **kw: Any
    ) -> bool:
        """Accept a code of this program once, in time; a second time ends what came of the first."""
        grant = Grant.objects.select_related("user").filter(code=code, application=client).first()
        if grant is None:
            raise InvalidGrantError(Why.CODE_UNKNOWN, request=request)
        if grant.spent_us is not None:
            families.end(grant.family)
            raise InvalidGrantError(Why.CODE_USED, request=request)
        if grant.is_expired():
            raise InvalidGrantError(Why.CODE_OVER, request=request)
        if request.code_verifier and not grant.code_challenge:  # somebody took the challenge out (RFC 9700, 2.1.1)
            raise InvalidGrantError(Why.VERIFIER_ONLY, request=request)
        _require_holder(grant, request)
        began = instant(timezone.now())
        request.bound = Bound(grant.user, grant.team_id, grant.scope, grant.family, began)
        request.used, request.user, request.scopes = grant, grant.user, grant.scope.split()
        return True

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Application, request: Any, *args: Any, **kw: Any
    ) -> bool:
        """Accept the address that the code went to; one that was named then has to be named again (RFC 6749, 4.1.3)."""
        named = request.used.redirect_uri
        if named:
            return bool(redirect_uri == named and not request.using_default_redirect_uri)
        return bool(redirect_uri == self.get_default_redirect_uri(client_id, request))

    def invalidate_authorization_code(self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the code was spent in the transaction that kept its tokens."""

    def validate_refresh_token(
        self, refresh_token: str, client: Application, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Accept a refresh token of this program once, before its chain is over; a second time ends the family."""
        token = RefreshToken.objects.select_related("user").filter(token_checksum=checksum(refresh_token)).first()
        if token is None or token.application_id != client.pk:
            raise InvalidGrantError(Why.REFRESH_UNKNOWN, request=request)
        if token.revoked is not None:
            families.end(token.token_family)
            raise InvalidGrantError(Why.REFRESH_USED, request=request)
        if families.is_over(token, now=instant(timezone.now())):
            raise InvalidGrantError(Why.REFRESH_OVER, request=request)
        _require_holder(token, request)
        request.bound = Bound(token.user, token.team_id, token.scope, token.token_family, token.began_us)
        request.used, request.user, request.refresh_token = token, token.user, refresh_token
        return True

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """Return what the person granted, whatever an earlier refresh narrowed."""
        return _bound(request).scope.split()

    def is_within_original_scope(
        self, request_scopes: Iterable[str], refresh_token: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Narrow a refresh; a scope that was not granted is refused, one that is not known here only gives nothing."""
        asked = [scope for scope in _words(request_scopes) if scope in oauth2_settings.SCOPES]
        request.scopes = asked
        if not set(asked) <= set(_bound(request).scope.split()):
            raise InvalidScopeError(Why.SCOPE_BEYOND, request=request)
        return True

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        """Keep new tokens and use up what they were given for: both, or neither."""
        bound = _bound_to_admin(request) if request.grant_type == "client_credentials" else _bound(request)
        try:
            db.insist(lambda: _issue(token, request, bound))
        except _Spent as error:
            families.end(bound.family)
            why = Why.CODE_USED if request.grant_type == "authorization_code" else Why.REFRESH_USED
            raise InvalidGrantError(why, request=request) from error

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """End the family of a token of this program; one of another's, or of nobody's, is no error (RFC 7009)."""
        mine = {"token_checksum": checksum(token), "application_id": request.client.pk}
        for family in (
            *RefreshToken.objects.filter(**mine).values_list("token_family", flat=True),
            *AccessToken.objects.filter(**mine).values_list("family", flat=True),
        ):
            families.end(family)


def _issue(token: dict[str, Any], request: Any, bound: Bound) -> None:
    used = request.__dict__.get("used")
    with db.atomic():
        if used is not None and not families.spend(used):
            raise _Spent
        shared = {"user": bound.user, "application": request.client, "team_id": bound.team}
        access = AccessToken(
            **shared,
            scope=token["scope"],
            expires=timezone.now() + timedelta(seconds=token["expires_in"]),
            family=bound.family,
        )
        set_token_value(access, token["access_token"])
        access.save()
        if "refresh_token" in token:
            chained = {"token_family": bound.family, "scope": bound.scope, "began_us": bound.began_us}
            refresh = RefreshToken(**shared, **chained)
            set_token_value(refresh, token["refresh_token"])
            refresh.save()


def _require_holder(held: Grant | RefreshToken, request: Any) -> None:
    if not families.may_hold(held.user, held.team_id):
        raise InvalidGrantError(Why.PERSON_OUT, request=request)


def _bound(request: Any) -> Bound:
    """Return what we found out ourselves; what a program sends is never looked at."""
    bound: Bound = request.__dict__["bound"]
    return bound


def _bound_to_admin(request: Any) -> Bound:
    client = request.client
    return Bound(client.acts_for, client.team_id, " ".join(request.scopes), uuid.uuid4(), instant(timezone.now()))


def _words(scopes: Iterable[str]) -> list[str]:
    return [word for scope in scopes for word in _BETWEEN.split(scope) if word]
