"""What the pages about people share: refusals as answers, the note on defaults, existing people found by a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from farebox.domain.clock import Instant
from farebox.domain.errors import Forbidden, NotFound
from farebox.services import assign, defaults, invite
from farebox.web.people_forms import numbers, searched
from farebox.web.shown.export_words import listed
from farebox.web.shown.people import Invitations, beside, lapses
from farebox.web.team import Acting

SELECTED_MAX = 500
"""How many people one act is about; a form has at most a thousand fields."""

View = Callable[..., HttpResponse]


def refusing(view: View) -> View:
    """Answer 404 for what is not there, or not there for the reader, and 403 for what the reader's role may not."""

    @wraps(view)
    def guarded(request: HttpRequest, acting: Acting, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, acting, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except Forbidden as error:
            raise PermissionDenied from error

    return guarded


def defaults_note(request: HttpRequest, acting: Acting, *, now: Instant) -> str:
    """Return the products that everybody may open by default, in words; empty where defaults are off."""
    state = defaults.state(account(request), acting.team_id, now=now)
    return listed([one.product.name for one in state.products if one.ticked]) if state.on else ""


def invitations(request: HttpRequest, acting: Acting, *, now: Instant) -> Invitations:
    """Return the invitations of the team that nobody has accepted, by the person."""
    return lapses(invite.pending(account(request), acting.team_id, now=now))


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who is found by a name, or was ticked before."""

    id: int
    name: str
    address: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Find:
    """What was typed to find existing people, and whom it finds; those that were ticked stay, and come first."""

    text: str
    people: tuple[Found, ...]

    @property
    def any(self) -> bool:
        """Whether anybody was found, or is ticked: then what is typed has done its work."""
        return bool(self.people)

    @property
    def ticked(self) -> tuple[int, ...]:
        """Those who are ticked."""
        return tuple(one.id for one in self.people if one.is_ticked)


def find(request: HttpRequest, acting: Acting, sent: QueryDict, *, now: Instant) -> Find:
    """Return the people that a form has ticked, and those whom what is typed finds [S 003]."""
    text, who = searched(sent, "find"), account(request)
    wanted = numbers(sent.getlist("person"))[:SELECTED_MAX]
    here = assign.named(who, acting.team_id, wanted, now=now)
    ticked = [Found(one.id, one.name, beside(one.name, one.key), True) for one in here]
    found = assign.suggest(who, acting.team_id, text, now=now)
    more = [Found(one.id, one.name, beside(one.name, one.key), False) for one in found if one.id not in wanted]
    return Find(text, (*ticked, *more))


def say_outbox(request: HttpRequest) -> None:
    """
    Where no mail server is set, say that mails wait to be handed on: to operators with the way to them.

    In the demo a line above every page leads to them.
    """
    if settings.MAIL_HOST or settings.DEMO:
        return
    if getattr(request.user, "is_operator", False):
        said, place = _("No mail server is set: the mail waits in the outbox."), reverse("operator-outbox")
        messages.warning(request, format_html('{} <a href="{}">{}</a>', said, place, _("Read the mails")))
    else:
        messages.warning(request, _("This installation has no mail server yet: its operator hands the mails on."))


def account(request: HttpRequest) -> Any:
    """Return who asks."""
    return request.user
