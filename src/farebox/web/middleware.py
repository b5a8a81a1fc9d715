"""What every answer carries: a strict content policy, no sniffing, no referrer abroad, and the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

Answer = Callable[[HttpRequest], HttpResponse]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

FORMS: Mapping[str, str] = {
    "users-invite": "users-by-user",
    "users-invite-again": "users-by-user",
    "users-resend": "users-by-user",
    "users-end-sessions": "users-by-user",
    "users-hand-over-withdraw": "users-roles",
}
"""The page with the form, of each address that takes nothing else; the menus above every page are on the first."""


class SecurityHeaders:
    """Set the headers of quality.md on every answer; one that a view has set itself stays."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers added."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class Packed(GZipMiddleware):
    """
    Pack pages for browsers that unpack them; answers of the API and files stay as they are.

    The length of a packed page tells nothing about what it says beside a text of somebody else's choice: Django hides
    the token of forms behind another mask each time, and adds some bytes of chance.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        """Pack a page."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
        return super().process_response(request, response) if is_page else response  # type: ignore[return-value]


class PersonLocale:
    """
    Speak the reader's language.

    What the person chose comes first; without a choice the cookie, which the language menu sets for those who
    are not signed in; without either what the browser accepts; English when all fail.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language, and say which one it is."""
        language = chosen_language(request) or translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class OpenedForms:
    """
    Show a page to who opens an address that takes only a form, with the way to the form.

    One is led there by the sign-in page where the session ended before the form was sent.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; what the API refuses it says itself, around this."""
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.method != "GET":
            return response
        match = request.resolver_match
        back = FORMS.get(match.url_name or "" if match else "", "home")
        page = render(request, "405.html", {"back": reverse(back)}, status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page


def chosen_language(request: HttpRequest) -> str | None:
    """Return the language that the person signed in has chosen, if it is one of ours."""
    chosen = str(getattr(request.user, "language", "") or "")
    return chosen if chosen in dict(settings.LANGUAGES) else None
