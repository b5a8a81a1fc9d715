"""
What holds for somebody who is signed in, at each request: the session ends in time, and administrators have proven
themselves twice where the installation asks for that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from farebox.domain.errors import FareboxError
from farebox.services import second_factor
from farebox.wallclock import now

Answer = Callable[[HttpRequest], HttpResponse]

OPEN = frozenset(
    {"language", "theme", "favicon", "asset", "me", "settings", "settings-sessions", "end-session", "livez"}
)
"""Pages that an administrator without a second factor sees all the same: one's own, and the way to set one up."""

_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|HeadlessChrome)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X|Macintosh"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux"),
)


class Sitting:
    """Notes that a session is used, from which browser, and asks for a second factor."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and note the use."""
        response = self.get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            _note(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead an administrator without a second factor to set one up, where the installation asks for it."""
        if settings.ADMIN_TOTP != "required" or not request.user.is_authenticated or _is_open(request):
            return None
        if not second_factor.is_missing(request.user) or came_by_single_sign_on(request):
            return None
        address = request.get_full_path() if request.method == "GET" else reverse("home")
        response = redirect(f"{reverse('mfa_activate_totp')}?{urlencode({'next': address})}")
        patch_vary_headers(response, ("Cookie",))
        return response


def came_by_single_sign_on(request: HttpRequest) -> bool:
    """Tell whether an identity provider vouches for this session; it asks for a second factor as it sees fit."""
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "socialaccount" for record in records)


def browser_of(agent: str) -> str:
    """Return roughly which browser on what a person uses, as `Firefox on Linux`; empty for another program."""
    name = next((name for name, sign in _BROWSERS if re.search(sign, agent)), "")
    system = next((name for name, sign in _SYSTEMS if re.search(sign, agent)), "")
    return f"{name} on {system}" if name and system else name or system


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name in OPEN or match.route.startswith("accounts/"))


def _note(request: HttpRequest) -> None:
    if "browser" not in request.session:
        request.session["browser"] = browser_of(request.headers.get("User-Agent", "")[:400])
    try:
        request.session.note_use(now())  # type: ignore[attr-defined]  # of our own engine
    except FareboxError:
        return  # records that cannot be written are no reason not to read them
