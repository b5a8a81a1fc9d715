"""A fresh sign-in, for what changes who may do what: at most five minutes ago (quality: authorization matrix)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from farebox.domain.clock import MINUTE, SECOND
from farebox.services import second_factor
from farebox.services.single_sign_on import enforced
from farebox.wallclock import now

FRESH_MINUTES = 5

View = Callable[..., HttpResponse]


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether the person proved in this session, a few minutes ago at most, who they are."""
    if not request.user.is_authenticated:
        return False
    return _age_us(request) < FRESH_MINUTES * MINUTE


def freshly_signed_in(view: View) -> View:
    """Ask for the password again where that was too long ago, and come back to the page; a form is sent anew then."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return prove_again(request, request.get_full_path() if request.method == "GET" else reverse("clients"))

    return guarded


def proven_by_code(view: View) -> View:
    """
    Ask for a code where the account has a second factor and none was given a few minutes ago: the password alone does
    not take the second factor away. Where a provider alone says who one is, its word counts.
    """

    @freshly_signed_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        user: Any = request.user
        if not second_factor.is_set(user) or enforced(user.email) or _age_us(request, "mfa") < FRESH_MINUTES * MINUTE:
            return view(request, *args, **kwargs)
        return prove_again(request, request.path, by="mfa_reauthenticate")

    return guarded


def _age_us(request: HttpRequest, *methods: str) -> int:
    """Return how long ago somebody proved who they are, by one of some methods if any are named."""
    records = get_authentication_records(request, request.user)
    times = [one.get("at", 0) for one in records if not methods or one.get("method") in methods]
    return now() - int(max(times, default=0)) * SECOND


def prove_again(request: HttpRequest, address: str, *, by: str = "account_reauthenticate") -> HttpResponse:
    """
    Lead to the page that asks for the password, and from there to an address of ours.

    Who sent a form reads there that it was not taken: the pages in between leave the message for it.
    """
    if request.method == "POST":
        messages.info(request, _("Nothing was changed yet: send the form again."))
    return redirect(f"{reverse(by)}?{urlencode({'next': address})}")
