"""
How allauth behaves here: nobody signs up by themselves, people go by their address, and an address for which single
sign-on is enforced has no other way in.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy

from farebox.domain.clock import MINUTE, SECOND
from farebox.domain.errors import Rejected
from farebox.domain.teams import canonical
from farebox.services import second_factor
from farebox.services.single_sign_on import enforced
from farebox.wallclock import now
from farebox.web.fresh import is_fresh

SIGN_IN_MINUTES = 15
"""How long a sign-in may take, from the identity provider's word to the last step."""


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The account rules of Farebox."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": gettext_lazy("Too many tries. Wait some minutes and try again."),
        "email_password_mismatch": gettext_lazy("This address and this password do not belong together."),
        "incorrect_password": gettext_lazy("That is not the password."),
        "enter_current_password": gettext_lazy("That is not the password that you have now."),
        "invalid_password_reset": gettext_lazy("This link is no longer good."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from an operator, an invitation, or a team's identity provider."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """
        Return whose password that is. Where single sign-on is enforced no password is right but an operator's.

        Another is taken for a wrong one, with the same words and work, so that nobody learns who is an operator.
        """
        if enforced(str(credentials.get("email", ""))):
            credentials["password"] = "\0" * len(str(credentials.get("password", "")))  # no form takes such a one
        found: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return found

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign somebody in, unless single sign-on was enforced while they were at it."""
        if enforced(str(user.get_username())) and not _has_come_by_provider(request, user):
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Ask again for who one is where that was too long ago, as everywhere here."""
        return not is_fresh(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """Return how somebody proves again who they are; with single sign-on enforced only their provider counts."""
        return [] if enforced(str(user.get_username())) else super().get_reauthentication_methods(user)

    def is_safe_url(self, url: str) -> bool:
        """Tell whether somebody may be sent to an address: one below our own, written without a host."""
        return is_own(url)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count tries by account, however its address is written and whatever host is asked for."""
        return account_key(str(credentials.get("email", "")))


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The second factor: its secrets are kept locked, and it goes by the installation's name."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That is not the code of this moment."),
    }

    def encrypt(self, text: str) -> str:
        """Lock a secret."""
        return second_factor.lock(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret."""
        return second_factor.unlock(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Name the installation in the person's app, so that two of them can be told apart."""
        return f"{settings.MFA_TOTP_ISSUER} {settings.BASE_URL.partition('://')[2]}"

    def build_totp_svg(self, url: str) -> str:
        """Return the secret as a picture that can stand in a page: our content policy takes none from an address."""
        drawn: str = super().build_totp_svg(url)
        return drawn[drawn.index("<svg") :]


def account_key(address: str) -> str:
    """Return what tries of an address are counted by."""
    try:
        return canonical(address)
    except Rejected:
        return address.strip().lower()[:254]


def is_own(url: str) -> bool:
    """Tell whether an address is a page of ours: a path, with nothing in it that a browser reads as another host."""
    plain = url.startswith("/") and url.isprintable() and "\\" not in url
    return plain and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def display(user: AbstractBaseUser) -> str:
    """Return what a person is called in messages."""
    return str(user.get_username())


def _has_come_by_provider(request: HttpRequest, user: AbstractBaseUser) -> bool:
    since = (now() - SIGN_IN_MINUTES * MINUTE) // SECOND
    records = get_authentication_records(request, user)
    return any(one.get("method") == "socialaccount" and one.get("at", 0) > since for one in records)
