"""A fresh sign-in, for what changes who may do what: at most five minutes ago (quality: authorization matrix)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from farebox.domain.clock import MINUTE, SECOND
from farebox.wallclock import now

FRESH_MINUTES = 5

View = Callable[..., HttpResponse]


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether the person proved in this session, a few minutes ago at most, who they are."""
    if not request.user.is_authenticated:
        return False
    times = [record.get("at", 0) for record in get_authentication_records(request, request.user)]
    age_us = now() - int(max(times, default=0)) * SECOND
    return age_us < FRESH_MINUTES * MINUTE


def freshly_signed_in(view: View) -> View:
    """Ask for the password again where that was too long ago, and come back to the page; a form is sent anew then."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        return prove_again(request.get_full_path() if request.method == "GET" else reverse("clients"))

    return guarded


def prove_again(address: str) -> HttpResponse:
    """Lead to the page that asks for the password, and from there to an address of ours."""
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': address})}")
