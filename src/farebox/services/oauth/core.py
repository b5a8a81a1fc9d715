"""How a request to an address of OAuth is handed to the library: what it may say, and nothing else."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauthlib.common import Request  # type: ignore[import-untyped]

ASKS = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
"""The parameters of the address at which a person is asked."""

SENDS = (
    "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "client_id", "client_secret",
    "token", "token_type_hint",
)  # fmt: skip
"""The parameters that programs send in a form."""


class Core(OAuthLibCore):  # type: ignore[misc]  # oauth-toolkit has no types
    """
    The library's reading of a request, of which it sees the parameters that are known here.

    The library keeps parameters beside what it found out itself (who the person is, what a token adds), so that a
    stranger's `user` or `extra_credentials` would be taken for its own. What a person answers on the page of consent
    is no parameter either: what is asked for stands in that page's address.
    """

    def _get_escaped_full_path(self, request: HttpRequest) -> str:
        if not is_asking(request):
            return request.path + ("?refused" if request.META.get("QUERY_STRING") else "")
        known = [(name, value) for name in ASKS for value in request.GET.getlist(name)]
        return f"{request.path}?{urlencode(known)}" if known else request.path

    def extract_body(self, request: HttpRequest) -> list[tuple[str, str]]:
        """Return the parameters that a program sent; one that comes twice counts as it came last."""
        if is_asking(request):
            return []
        return [(name, request.POST[name]) for name in SENDS if name in request.POST]

    def whose(self, request: HttpRequest) -> str | None:
        """Return the client id of the program that proves itself with its secret, if one does."""
        asked = Request(*self._extract_params(request))
        if not self.server.request_validator.authenticate_client(asked) or asked.client.is_public:
            return None
        return str(asked.client.client_id)


def is_asking(request: HttpRequest) -> bool:
    """Tell whether a request is for the page of consent."""
    return request.path.rstrip("/").endswith("/authorize")
