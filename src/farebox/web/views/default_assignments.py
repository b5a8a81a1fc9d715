"""Default assignments: one set of products for everybody in the team; what changes is said before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import Conflict, Rejected
from farebox.domain.rights import Action
from farebox.services import defaults
from farebox.services.defaults import Changed, Defaults, Preview
from farebox.wallclock import now
from farebox.web import present
from farebox.web.people_forms import codes
from farebox.web.people_pages import account, refusing
from farebox.web.shown import people_ticks
from farebox.web.team import Acting, for_team

PLACE = "users-default-assignments"


@for_team(Action.PEOPLE)
@require_safe
@refusing
def shown(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show whether they are on, and the products to tick."""
    state = defaults.state(account(request), acting.team_id, now=now())
    lines = people_ticks.of(state.products)
    found = {"acting": acting, "words": _in_words(state), "lines": lines, "is_on": state.on, "shown": state.shown}
    return render(request, "users_default_assignments.html", found)


@for_team(Action.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def sure(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Say what changes for how many people, and then change it [S 003]."""
    sent = request.POST if request.method == "POST" else request.GET
    chosen, seen = codes(sent, "product"), codes(sent, "shown")
    who, at, back = account(request), now(), reverse(PLACE) + acting.query
    try:
        if request.method == "POST":
            is_new = defaults.choose(who, acting.team_id, chosen, shown=seen, now=at)
            messages.success(request, _said(chosen, is_new=is_new))
            return redirect(back)
        preview = defaults.preview(who, acting.team_id, chosen, now=at)
    except Conflict:
        messages.warning(request, _("Somebody else changed the default assignments meanwhile. Look at them again."))
        return redirect(back)
    except Rejected:
        messages.warning(request, _("One of the products is not in the offer any more. Choose again."))
        return redirect(back)
    asked = {
        "question": _question(preview, chosen),
        "consequences": list(_consequences(preview)),
        "path": request.path,
        "does": _("Save changes"),
        "products": chosen,
        "shown": seen,
        "is_danger": preview.turns_off,
        "back": back,
    }
    return render(request, "users_sure.html", {"acting": acting, "sure": asked})


def _in_words(state: Defaults) -> str:
    """Say whether they are on, and for how many."""
    if not state.on:
        return _("Default assignments are off. Everybody may open what was given to them and to their groups.")
    said = ngettext(
        "Default assignments are on, for %(number)s person in the team.",
        "Default assignments are on, for %(number)s people in the team.",
        state.people,
    )
    return said % {"number": present.count(state.people)}


def _question(preview: Preview, chosen: Sequence[str]) -> str:
    if preview.turns_on:
        return _("Switch default assignments on?")
    if preview.turns_off:
        return _("Switch default assignments off?")
    return _("Change default assignments?") if chosen else _("Default assignments stay off")


def _consequences(preview: Preview) -> Iterable[str]:
    """Say for how many people something changes, and product by product what."""
    if not preview.people:
        yield _("Nothing changes for anybody who is in the team now.")
    else:
        said = ngettext(
            "Something changes for %(number)s person.", "Something changes for %(number)s people.", preview.people
        )
        yield said % {"number": present.count(preview.people)}
    yield from (_changed(one) for one in preview.products)
    if preview.turns_on:
        yield _("What was ticked for people and groups rests until default assignments are off again.")
    if preview.turns_off:
        yield _("What was ticked for people and groups holds again.")
    yield _("No mail is sent.")


def _changed(one: Changed) -> str:
    """Say how many people come to open a product, and how many no longer will."""
    gain = ngettext("%(number)s person more may open it", "%(number)s people more may open it", one.gain)
    lose = ngettext("%(number)s person may open it no more", "%(number)s people may open it no more", one.lose)
    parts = [(gain, one.gain), (lose, one.lose)]
    said = [text % {"number": present.count(number)} for text, number in parts if number]
    both = present.aside(*said) if len(said) > 1 else said[0]
    return present.labelled(one.product.name, both)


def _said(chosen: Sequence[str], *, is_new: bool) -> str:
    if not is_new:
        return _("Nothing changed: it was so already.")
    if not chosen:
        return _("Default assignments are off. What was ticked for people and groups holds again.")
    return _("Default assignments are on, and saved. No mail was sent.")
