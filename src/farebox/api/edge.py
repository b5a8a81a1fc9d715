"""
What all addresses of the API have in common: slashes at the end, methods, and answers where nothing is.

Programs append a slash to some addresses of the published API and not to others, so both are the same (usage-api 1).
HEAD is GET without its body, OPTIONS tells the methods, and what is not there or not meant is said in JSON. What other
sites' pages may ask from a browser is decided by `settings.CORS_…`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPMethod, HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found

from farebox.api import errors
from farebox.api.tokenflex import errors as tokenflex

Answer = Callable[[HttpRequest], HttpResponse]

_COMPATIBLE = re.compile(r"/(?:tokenflex/v1|authentication|userprofile/v1|userinfo)(?:/|$)")
"""Addresses of the published API and of its sign-in."""

_OWN = re.compile(r"/(?:api/)?v1(?:/|$)")
"""Addresses of Farebox's own API."""


class Edge:
    """Makes requests to the API alike before they reach an endpoint, and answers alike where none answered."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; one to anything but the API passes as it is."""
        if _COMPATIBLE.match(request.path_info):
            _without_slash(request)
        elif not _OWN.match(request.path_info):
            return self.get_response(request)
        if request.method == HTTPMethod.HEAD:
            return _headers_of(request, self.get_response)
        return _in_json(request, self.get_response(request))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for an address that leads nowhere: in JSON below the API, elsewhere as a page."""
    if _COMPATIBLE.match(request.path_info):
        return tokenflex.not_found()
    if _OWN.match(request.path_info):
        return errors.problem(HTTPStatus.NOT_FOUND, "not_found", "there is no such address")
    return page_not_found(request, exception)


def _without_slash(request: HttpRequest) -> None:
    """Take one slash off the end of an address."""
    if request.path_info.endswith("/"):
        request.path_info = request.path_info[:-1]
        request.path = request.path.removesuffix("/")


def _headers_of(request: HttpRequest, get_response: Answer) -> HttpResponse:
    """Answer HEAD as GET, with the length of what is left out."""
    request.method = HTTPMethod.GET.value
    response = _in_json(request, get_response(request))
    request.method = HTTPMethod.HEAD.value
    if not response.streaming:
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response


def _in_json(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return an answer, in JSON also where a method was refused."""
    if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or "json" in response.get("Content-Type", ""):
        return response
    allowed = _allowed(response)
    if request.method == HTTPMethod.OPTIONS:
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": allowed})
    if _COMPATIBLE.match(request.path_info):
        return tokenflex.wrong_method(allowed)
    headers = {"Allow": allowed}
    return errors.problem(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", f"use {allowed}", headers=headers)


def _allowed(response: HttpResponse) -> str:
    """Return the methods that an address takes: HEAD wherever GET is."""
    named = {name.strip() for name in response.get("Allow", "").split(",")}
    return ", ".join(sorted(named | {HTTPMethod.HEAD.value} if HTTPMethod.GET in named else named))
