"""
For which team a page works, and whether the reader may: one mark on each view, which the matrix is proven by.

`for_team` takes the team from `team=NUMBER` of the address or the form, else the first by name; who may not gets 404
for another team, 403 inside one's own, and is asked for the password again where the matrix wants a fresh sign-in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from farebox.domain.errors import Forbidden, NotFound
from farebox.domain.rights import Action, Cell, Role
from farebox.services import standing
from farebox.services.standing import Account, Standing
from farebox.web.fresh import is_fresh, prove_again
from farebox.web.numbers import number_in

View = Callable[..., HttpResponse]
OPERATOR = "operator"
PERSON = "person"


@dataclass(frozen=True, slots=True)
class Acting:
    """The team that a page is about, the reader's standing there, and the teams that one may switch to."""

    held: Standing
    offered: tuple[Standing, ...]

    @property
    def team_id(self) -> int:
        """The number of the team."""
        return self.held.team_id

    @property
    def slug(self) -> str:
        """The short name of the team."""
        return self.held.slug

    @property
    def team(self) -> str:
        """The name of the team."""
        return self.held.team

    @property
    def role(self) -> Role:
        """The reader's role in the team."""
        return self.held.role

    @property
    def may_change(self) -> bool:
        """Whether the reader may more than look."""
        return self.held.cell is not Cell.LOOK

    def may(self, user: Account, action: Action) -> bool:
        """Tell whether the reader may do another action in this team as well, as far as the role goes."""
        return any(one.team_id == self.team_id for one in standing.standings(user, action))

    @property
    def query(self) -> str:
        """The query string that keeps the team; empty where there is no other."""
        return f"?team={self.team_id}" if len(self.offered) > 1 else ""


def for_team(action: Action, *, fresh_to_look: bool = False) -> Callable[[View], View]:
    """
    Mark a view as doing `action` in a team; it is called with `request, acting`.

    Where the matrix wants a fresh sign-in, it is asked for before anything is changed; with `fresh_to_look` before
    the page is shown, so that no form is filled in for nothing.
    """

    def marked(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            acting = acting_for(request, action)
            changes = request.method == "POST"
            if changes and not acting.may_change:
                raise PermissionDenied
            stale = acting.held.cell is Cell.FRESH and not is_fresh(request)
            if stale and (changes or fresh_to_look):
                anew = f"{request.path}?team={acting.team_id}"
                return prove_again(request, anew if changes else request.get_full_path())
            return view(request, acting, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return marked


def for_person(view: View) -> View:
    """Mark a view that shows and changes only what is the reader's own."""
    guarded = login_required(view)
    guarded.action = PERSON  # type: ignore[attr-defined]
    return guarded


def for_operator(view: View) -> View:
    """Mark a view of the operators of the installation; nobody else learns that it exists."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "is_operator", False):
            raise Http404
        return view(request, *args, **kwargs)

    guarded.action = OPERATOR  # type: ignore[attr-defined]
    return guarded


def acting_for(request: HttpRequest, action: Action) -> Acting:
    """Return the team that a request is about. Raises `Http404` for none, `PermissionDenied` for a role too low."""
    offered = standing.standings(request.user, action)
    wanted = request.POST.get("team", "") or request.GET.get("team", "")
    if not wanted:
        if offered:
            return Acting(offered[0], tuple(offered))
        if standing.is_member_anywhere(request.user):
            raise PermissionDenied
        raise Http404
    number = number_in(wanted)
    if number is None:
        raise Http404
    try:
        held = standing.standing(request.user, number, action)
    except NotFound as error:
        raise Http404 from error
    except Forbidden as error:
        raise PermissionDenied from error
    return Acting(held, tuple(offered))
