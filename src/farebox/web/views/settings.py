"""The settings: language, names in reports of one's teams, personal tokens, and programs that were let in."""

from __future__ import annotations

from secrets import token_urlsafe

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.clock import Instant, instant
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.domain.rights import Action
from farebox.services import names, reveal, single_sign_on, standing, time_zone, tokens
from farebox.services.oauth import clients, consents
from farebox.web.forms import TokenForm

_changes = require_http_methods(["GET", "HEAD", "POST"])
"""What changes something takes POST; who comes back to its address by GET is led to the settings."""


@login_required
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Show the settings."""
    return _page(request, TokenForm())


@login_required
@_changes
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a personal token and show its secret in this one answer; nothing keeps it in clear."""
    assert request.user.is_authenticated
    if request.method != "POST":
        return redirect("settings")
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    asked = form.cleaned_data
    try:
        scopes = "data:read data:write" if asked["writes"] else "data:read"
        row, secret = tokens.make(
            request.user, name=asked["name"], days=asked["days"], now=_now(), key=asked["nonce"], scopes=scopes
        )
    except Conflict:  # the answer was loaded again, and the browser sent the form with it
        return _page(request, TokenForm(), is_repeated=True, status=409)
    except Rejected:  # the form has checked name and days; what is left is the number of tokens
        form.add_error(None, _("At most %d tokens may be in force. Revoke one first.") % tokens.TOKENS_MAX)
        return _page(request, form, status=400)
    return _page(request, TokenForm(), made=row, secret=secret)


@login_required
@_changes
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a personal token at once."""
    assert request.user.is_authenticated
    if request.method != "POST":
        return redirect("settings")
    try:
        tokens.revoke(request.user, token_id, now=_now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The token is revoked. Nothing can use it any more."))
    return redirect("settings")


@login_required
@_changes
def withdraw_consent(request: HttpRequest, family: str) -> HttpResponse:
    """Take back what a program was allowed, at once."""
    assert request.user.is_authenticated
    if request.method != "POST":
        return redirect("settings")
    try:
        consents.withdraw(request.user, family, now=_now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The program can no longer ask in your name."))
    return redirect("settings")


def _now() -> Instant:
    return instant(timezone.now())


def _page(
    request: HttpRequest,
    form: TokenForm,
    *,
    made: object = None,
    secret: str = "",
    is_repeated: bool = False,
    status: int = 200,
) -> HttpResponse:
    assert request.user.is_authenticated
    shown = {
        "form": form,
        "nonce": token_urlsafe(16),
        "tokens": tokens.tokens_of(request.user, now=_now()),
        "consents": consents.consents_of(request.user, now=_now()),
        "lists_clients": bool(clients.administered(request.user)),
        "switches": names.switches(request.user),
        "may_reveal": reveal.may_reveal(request.user),
        "clocks": time_zone.clocks_of(request.user),
        "takes_password": not single_sign_on.enforced(request.user.email),
        "sets_up_sso": bool(standing.standings(request.user, Action.SINGLE_SIGN_ON)),
        "keeps_keys": bool(standing.standings(request.user, Action.SOURCE_KEYS)),
        "made": made,
        "secret": secret,
        "is_repeated": is_repeated,
    }
    return render(request, "settings.html", shown, status=status)
