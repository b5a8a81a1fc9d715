"""A person at the pages who has just proven who they are, as the pages' own sign-in does it."""

from __future__ import annotations

from django.core.cache import cache
from django.test import Client
from tests.web.used import PASSWORD

from farebox.records.models import User


def signed_in(user: User) -> Client:
    """Sign a person in through the form, as for what needs a fresh sign-in."""
    cache.clear()  # the tests sign in more often than one person may
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client
