"""How allauth behaves here: nobody signs up by themselves, and mailed links come from the configured address."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The account rules of Farebox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from an operator or an invitation."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail, built from the configured address and never from the Host header."""
        uid, _, secret = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": secret})
        return settings.BASE_URL + path


def display(user: AbstractBaseUser) -> str:
    """Return what a person is called in messages."""
    return str(user.get_username())
