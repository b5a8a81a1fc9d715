"""How allauth behaves here: nobody signs up by themselves, and people go by their address."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The account rules of Farebox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from an operator or an invitation."""
        return False


def display(user: AbstractBaseUser) -> str:
    """Return what a person is called in messages."""
    return str(user.get_username())
