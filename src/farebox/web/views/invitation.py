"""
The page to which the link of an invitation leads: what one is invited to, and accepting it.

GET changes nothing. What a link of no worth answers is the same whatever became of it, and tells nothing about any
address.  (product B2, quality: e-mail identity)
"""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import user_logged_in
from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.errors import Conflict, Forbidden, NotFound, Problem, Rejected
from farebox.domain.rights import Role
from farebox.services import invite, single_sign_on
from farebox.services.invite import Look
from farebox.wallclock import now

_NAME_WORDS: dict[str, Promise] = {
    "no_name": gettext_lazy("Give your name."),
    "name_too_long": gettext_lazy("This name is too long."),
    "invalid_name": gettext_lazy("The name has signs that cannot be seen, or that pile up."),
    "name_like_address": gettext_lazy("The name looks like an address: it may hold no @, < or >, and no ://."),
}


class AcceptForm(forms.Form):
    """What a new account needs: a name and a password."""

    name = forms.CharField(
        label=gettext_lazy("Full name"), required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        help_text=gettext_lazy("At least 12 characters, and none that many others use."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show an invitation, or accept it."""
    try:
        found = invite.look(secret, now=now())
        if found.over:
            return _over(request, HTTPStatus.GONE)
        return _accept(request, found, secret) if request.method == "POST" else _page(request, found)
    except NotFound:
        return _over(request, HTTPStatus.NOT_FOUND)
    except Conflict:
        return _over(request, HTTPStatus.GONE)


def _accept(request: HttpRequest, found: Look, secret: str) -> HttpResponse:
    """Accept with the account that is signed in, else with a new one."""
    if not ratelimit.consume(request, action="invitation"):
        too_often = _("Too many tries. Wait some minutes and try again.")
        return _page(request, found, AcceptForm(), problem=too_often, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        if request.user.is_authenticated:
            invite.accept(request.user, secret, now=now())
        elif found.has_account:
            return _page(request, found)
        else:
            return _accept_new(request, found, secret)
    except Forbidden:
        return _page(request, found, status=HTTPStatus.FORBIDDEN)
    return _welcome(request, found)


def _accept_new(request: HttpRequest, found: Look, secret: str) -> HttpResponse:
    """Make the account and sign it in, in a new session."""
    form = AcceptForm(request.POST)
    form.is_valid()
    name, password = form.cleaned_data.get("name", ""), form.cleaned_data.get("password", "")
    try:
        user = invite.accept_new(secret, name, password, language=get_language() or "", now=now())
    except Rejected as error:
        for problem in error.problems:
            form.add_error(problem.pointer.removeprefix("/"), _said(problem))
        return _page(request, found, form, status=HTTPStatus.BAD_REQUEST)
    record_authentication(request, user, method="password", email=user.email)
    get_adapter(request).login(request, user)
    user_logged_in.send(sender=type(user), request=request, user=user)
    return _welcome(request, found)


def _said(problem: Problem) -> str:
    """Say what is wrong with a name; what is wrong with a password says itself."""
    return str(_NAME_WORDS.get(problem.code, problem.message))


def _welcome(request: HttpRequest, found: Look) -> HttpResponse:
    messages.success(request, _("Welcome to %(team)s.") % {"team": found.team})
    return redirect("me" if found.role is Role.USER else "home")


def _page(
    request: HttpRequest,
    found: Look,
    form: AcceptForm | None = None,
    *,
    problem: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    user = request.user
    shown = {
        "found": found,
        "form": form or AcceptForm(initial={"name": found.name}),
        "problem": problem,
        "is_mine": user.is_authenticated and user.get_username() == found.email,
        "by_password": not single_sign_on.enforced(found.email),
    }
    return render(request, "invitation.html", shown, status=status)


def _over(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "invitation_over.html", status=status)
