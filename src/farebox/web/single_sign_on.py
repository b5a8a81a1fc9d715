"""
OpenID Connect with a team's provider: allauth's flow with state, PKCE and nonce, under our rules.

What differs from allauth: the provider is a team's own, each answer is fetched carefully, the identity token is always
verified, nothing that the address says is passed on to the provider, and who comes in is `single_sign_on.enter`'s to
say.  (quality: OIDC client, SSRF)
"""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any

import requests
import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from farebox.domain.clock import MINUTE, SECOND
from farebox.domain.errors import FareboxError
from farebox.services import single_sign_on
from farebox.services.single_sign_on import ProviderError, SsoRefused, Vouched
from farebox.services.single_sign_on.fetch import Careful
from farebox.services.single_sign_on.provider import discovered, verified
from farebox.wallclock import now
from farebox.web.fresh import FRESH_MINUTES

log = structlog.get_logger()

_BROKEN = (requests.RequestException, KeyError, TypeError, ValueError, AttributeError, RecursionError, FareboxError)
"""What comes of an answer that is not what it should be, or of a secret that was kept under another key."""


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The rules of single sign-on."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> OidcProvider:
        """Return the provider that a key names."""
        known = single_sign_on.provider_by_key(provider)
        if known is None:
            raise SocialApp.DoesNotExist
        app = SocialApp(
            provider=OidcProvider.id,
            provider_id=known.key,
            name=known.name,
            client_id=known.client_id,
            secret=known.secret,
            settings={"server_url": known.issuer, "oauth_pkce_enabled": True},
        )
        return OidcProvider(request, app=app, known=known)

    def get_requests_session(self) -> requests.Session:
        """Return what providers are asked with."""
        return Careful()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Nobody signs up by themselves: `enter` makes the accounts that there should be."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Say who it is that the provider vouches for, or that nobody is let in."""
        try:
            user_id = single_sign_on.enter(sociallogin.vouched, expected=sociallogin.state.get("expected"), now=now())
        except SsoRefused as refused:
            raise ImmediateHttpResponse(refusal(request, refused.reason.value, sociallogin.state)) from refused
        sociallogin.user = get_user_model().objects.get(pk=user_id)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Say on a page of ours that the provider could not be believed."""
        state = (extra_context or {}).get("state")
        if exception is not None:
            _broke_off(provider.known.team_id, exception)
        raise ImmediateHttpResponse(failure(request, provider.name if state else "", state))


class OidcAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """How one provider is spoken to."""

    state: dict[str, Any]

    def get_provider(self) -> OidcProvider:
        """Return the provider, which is the same from the beginning of an answer to its end."""
        return self._provider

    @cached_property
    def _provider(self) -> OidcProvider:
        found: OidcProvider = super().get_provider()
        return found

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself."""
        try:
            return discovered(self.get_provider().known.issuer)
        except ProviderError as error:
            raise OAuth2Error(error.reason) from error

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Return where the provider sends people back to: below our own address, whatever host was asked for."""
        return callback_address(self.get_provider().known.team_id)

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Take no token: nothing is asked in a person's name later."""
        return SocialToken(token="")

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Return whom the provider vouches for, once its identity token has been verified."""
        try:
            return self.get_provider().sociallogin_from_response(request, self._claims(kwargs["response"]))
        except ProviderError as error:
            raise OAuth2Error(error.reason) from error

    def _claims(self, told: dict[str, Any]) -> dict[str, Any]:
        known = self.get_provider().known
        claims = verified(told.get("id_token"), known, nonce=self.state.get("nonce", ""), now=now())
        if self.state.get("fresh") and not _is_recent(claims):
            raise ProviderError("the provider does not say that it asked again who it is")
        if not claims.get("email") and "userinfo_endpoint" in self.openid_config:
            claims |= self._more(claims["sub"], told)
        return claims

    def _more(self, subject: str, told: dict[str, Any]) -> dict[str, Any]:
        """Return the address and name that a provider keeps out of its identity tokens, of the same subject only."""
        more = self._fetch_user_info(told["access_token"])
        if more.get("sub") != subject:
            raise ProviderError("the provider speaks of another subject")
        return {name: more.get(name) for name in ("email", "email_verified", "name")}


class OidcProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """A team's provider as allauth sees it."""

    oauth2_adapter_class = OidcAdapter

    def __init__(self, request: HttpRequest, app: SocialApp, known: single_sign_on.Provider) -> None:
        super().__init__(request, app=app)
        self.known = known

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Begin a sign-in with a nonce of its own; `fresh` has the provider ask again who it is."""
        nonce = token_urlsafe(32)
        asked = {"nonce": nonce} | ({"prompt": "login", "max_age": "0"} if kwargs.get("fresh") else {})
        answer: HttpResponse = super().redirect(
            request, process, next_url=next_url, data=data, auth_params=asked, nonce=nonce, **kwargs
        )
        return answer

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        """Return what the provider vouches for; nothing of it is kept but its subject."""
        login = SocialLogin(
            user=get_user_model()(),
            account=SocialAccount(provider=self.sub_id, uid=response["sub"], extra_data={}),
            provider=self,
        )
        is_verified = response.get("email_verified") in (True, "true")
        email, name = (str(response.get(one) or "")[:400] for one in ("email", "name"))
        login.vouched = Vouched(self.sub_id, response["sub"], email, is_verified, name)
        return login


class Callback(OAuth2CallbackView):  # type: ignore[misc]  # allauth has no types
    """Somebody comes back from their provider."""

    def _get_state(self, request: HttpRequest, provider: OidcProvider) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.state = state or {}
        issuer = request.GET.get("iss", provider.known.issuer)
        if state is not None and issuer != provider.known.issuer:  # RFC 9207
            return None, failure(request, provider.name, state)
        return state, response


def begin(request: HttpRequest, team_id: int, *, next_url: str, expected: int | None = None) -> str | None:
    """Return the address of the provider to go to; None where it does not answer."""
    more = {"expected": expected, "fresh": True} if expected is not None else {}
    key, _ = single_sign_on.key_of(team_id)
    try:
        provider = Adapter(request).get_provider(request, key)
        answer = provider.redirect(request, AuthProcess.LOGIN, next_url=next_url or None, **more)
    except (OAuth2Error, *_BROKEN) as error:
        _broke_off(team_id, error)
        return None
    address: str | None = answer.get("Location")
    return address


def come_back(request: HttpRequest, team_id: int) -> HttpResponse:
    """Sign somebody in who comes back from their provider; without one it is as if nobody had gone there."""
    key, name = single_sign_on.key_of(team_id)
    if not key:
        return failure(request, "", None)
    try:
        answer: HttpResponse = Callback.adapter_view(OidcAdapter(request, key))(request)
    except _BROKEN as error:
        _broke_off(team_id, error)
        return failure(request, name, None)
    return answer


def _broke_off(team_id: int, error: Exception) -> None:
    """Log why a sign-in broke off, in our words or by the kind of error: its own may hold the provider's answer."""
    cause = error.__cause__
    reason = cause.reason if isinstance(cause, ProviderError) else type(error).__name__
    log.warning("a sign-in through a provider broke off", team=team_id, reason=reason)


def callback_address(team_id: int) -> str:
    """Return the address that a team's provider has to know as ours; it is there before there is a provider."""
    return settings.BASE_URL + reverse("sso-callback", args=[team_id])


def _is_recent(claims: dict[str, Any]) -> bool:
    """Tell whether somebody proved a moment ago who they are; asked with `max_age`, a provider has to say when."""
    told = claims.get("auth_time")
    return isinstance(told, int | float) and told >= (now() - FRESH_MINUTES * MINUTE) // SECOND


def refusal(request: HttpRequest, reason: str, state: dict[str, Any] | None) -> HttpResponse:
    """Say why somebody whom the provider knows is not let in."""
    shown = {"reason": reason, "was_signed_in": bool((state or {}).get("expected"))}
    return render(request, "sso_refused.html", shown, status=HTTPStatus.FORBIDDEN)


def failure(request: HttpRequest, name: str, state: dict[str, Any] | None) -> HttpResponse:
    """Say that a sign-in through a provider did not work, without a name where none was begun; nothing is explained."""
    shown = {"name": name, "was_signed_in": bool((state or {}).get("expected"))}
    status = HTTPStatus.BAD_GATEWAY if name else HTTPStatus.BAD_REQUEST
    return render(request, "sso_failed.html", shown, status=status)
