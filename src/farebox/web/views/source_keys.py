"""The source keys of a team, for its administrators: listed, made and shown once, replaced, ended."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.domain.rights import Action
from farebox.services import sources
from farebox.services.sources import NAME_MAX, Key
from farebox.wallclock import now
from farebox.web.shown.source_keys import MAY, may
from farebox.web.team import Acting, for_team

_changes = require_http_methods(["GET", "HEAD", "POST"])


class KeyForm(forms.Form):
    """What a key is for, and what it opens."""

    name = forms.CharField(
        label=gettext_lazy("What shows it"),
        max_length=NAME_MAX,
        help_text=gettext_lazy("A product or a licence server, like workstations-north."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    scopes = forms.ChoiceField(label=gettext_lazy("It may"), choices=list(MAY.items()))


@for_team(Action.SOURCE_KEYS)
@require_safe
def listed(request: HttpRequest, acting: Acting) -> HttpResponse:
    """List the keys of a team: what each may, and when it was last heard of."""
    keys = [(key, may(key.scopes)) for key in sources.keys_of(request.user, acting.team_id)]
    told = {
        "acting": acting,
        "keys": [one for one in keys if one[0].ended is None],
        "ended": [one for one in keys if one[0].ended is not None],
    }
    return render(request, "source_keys.html", told)


@for_team(Action.SOURCE_KEYS, fresh_to_look=True)
@_changes
def new(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Make a key and show it in this one answer; nothing keeps it in clear."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            secret = sources.make_for(request.user, acting.team_id, asked["name"], asked["scopes"].split(), now=now())
        except Conflict:
            form.add_error("name", _("The team has or had a key of this name. Choose another name."))
        except Rejected:  # the form has checked all but the characters
            form.add_error("name", _("A name has 1 to 60 printable characters."))
        else:
            return _shown(request, acting, asked["name"], secret)
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "source_key_new.html", {"acting": acting, "form": form}, status=status)


@for_team(Action.SOURCE_KEYS, fresh_to_look=True)
@_changes
def rotate(request: HttpRequest, acting: Acting, source: int) -> HttpResponse:
    """Ask once more, then make another key for a source and show it in this one answer."""
    key = _key(request, acting, source)
    if request.method != "POST":
        question = _("Make another key for %s?") % key.name
        told = (
            _("The key of now is refused at once, until the new one is in its place."),
            _(
                "If nothing may stop meanwhile, make a second key of another name first, put it everywhere, "
                "and end this one."
            ),
        )
        return _sure(request, acting, key, question, told, _("Make another key"))
    replaced = request.POST.get("instead_of", "")
    try:
        secret = sources.rotate_for(request.user, acting.team_id, source, instead_of=replaced, now=now())
    except Conflict:  # the answer was loaded again, and the browser sent the form with it
        messages.warning(request, _("Another key was made already, and shown that once. Nothing was made again."))
        return redirect(_list(acting))
    return _shown(request, acting, key.name, secret)


@for_team(Action.SOURCE_KEYS, fresh_to_look=True)
@_changes
def end(request: HttpRequest, acting: Acting, source: int) -> HttpResponse:
    """Ask once more, then end a key at once."""
    key = _key(request, acting, source)
    if request.method != "POST":
        told = (_("Whatever shows it is refused from now on. What it has reported stays."),)
        return _sure(request, acting, key, _("End the key of %s?") % key.name, told, _("End the key"))
    try:
        sources.end_for(request.user, acting.team_id, source, now=now())
    except NotFound as error:
        raise Http404 from error
    messages.success(request, _("The key has ended."))
    return redirect(_list(acting))


def _key(request: HttpRequest, acting: Acting, source: int) -> Key:
    """Return a key of the team; others find nothing."""
    try:
        return sources.key_of(request.user, acting.team_id, source)
    except NotFound as error:
        raise Http404 from error


def _list(acting: Acting) -> str:
    return f"{reverse('source-keys')}{acting.query}"


def _shown(request: HttpRequest, acting: Acting, name: str, secret: str) -> HttpResponse:
    return render(request, "source_key_made.html", {"acting": acting, "name": name, "secret": secret})


def _sure(
    request: HttpRequest, acting: Acting, key: Key, question: str, told: tuple[str, ...], does: str
) -> HttpResponse:
    """Ask once more before a key is refused."""
    shown = {"acting": acting, "key": key, "question": question, "told": told, "does": does}
    return render(request, "source_key_sure.html", shown)
