"""Groups: people to whom products are given as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from farebox.domain.errors import Conflict, Rejected
from farebox.domain.rights import Action
from farebox.services import groups
from farebox.services.groups import GroupAccess, Member, Removal
from farebox.wallclock import now
from farebox.web import present
from farebox.web.people_forms import GroupForm, codes, numbers, wanted
from farebox.web.people_pages import SELECTED_MAX, Find, account, defaults_note, find, refusing
from farebox.web.shown import people_problems, people_ticks
from farebox.web.shown import people_words as words
from farebox.web.shown.people import Line, beside, href
from farebox.web.shown.people_ticks import Ticks
from farebox.web.team import Acting, for_team

_changes = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Listed:
    """A group in the list."""

    id: int
    name: str
    people: int
    products: str


@for_team(Action.PEOPLE)
@_changes
@refusing
def listed(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show the groups of a team, or make one."""
    form, status = GroupForm(), HTTPStatus.OK
    if request.method == "POST":
        form, status = GroupForm(request.POST), HTTPStatus.BAD_REQUEST
        number = _named(form, lambda name: groups.make(account(request), acting.team_id, name, now=now()))
        if number:
            messages.success(request, _("The group is made. Add people to it, and tick its products."))
            return redirect(_place(number, acting))
    found = [
        Listed(one.id, one.name, one.people, words.products(one.products, every=one.every))
        for one in groups.all_groups(account(request), acting.team_id)
    ]
    told = {"acting": acting, "groups": found, "form": form, "defaults": defaults_note(request, acting, now=now())}
    return render(request, "users_groups.html", told, status=status)


@for_team(Action.PEOPLE)
@_changes
@refusing
def group(request: HttpRequest, acting: Acting, group: int) -> HttpResponse:
    """Show a group, or change its people, its products or its name."""
    if request.method != "POST":
        return _page(request, acting, group)
    do = request.POST.get("do", "")
    if do == "find":
        return _page(request, acting, group, request.POST)
    if do == "rename":
        return _rename(request, acting, group)
    act = _ACTS.get(do)
    if act is None:
        raise Http404
    try:
        said = act(request, acting, group)
    except Rejected as error:
        problem = " ".join(dict.fromkeys(people_problems.in_words(error.problems)))
        return _page(request, acting, group, request.POST, problem, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, said)
    return redirect(_place(group, acting))


@for_team(Action.PEOPLE)
@_changes
@refusing
def delete(request: HttpRequest, acting: Acting, group: int) -> HttpResponse:
    """Say what deleting a group takes from whom, and then delete it."""
    back = reverse("users-groups") + acting.query
    if request.method == "POST":
        groups.remove(account(request), acting.team_id, group, now=now())
        messages.success(request, _("The group is deleted."))
        return redirect(back)
    shown = groups.group(account(request), acting.team_id, group, now=now())
    preview = groups.preview_removal(account(request), acting.team_id, group, now=now())
    sure = {
        "question": _("Delete the group %(name)s?") % {"name": shown.name},
        "consequences": list(_consequences(preview)),
        "path": request.path,
        "does": _("Delete the group"),
        "is_danger": True,
        "back": _place(group, acting),
    }
    return render(request, "users_sure.html", {"acting": acting, "sure": sure})


def _consequences(preview: Removal) -> Iterable[str]:
    """Say how many are in a group, and how many of them lose which products."""
    said = ngettext("%(number)s person is in it.", "%(number)s people are in it.", preview.people)
    yield said % {"number": present.count(preview.people)}
    if not preview.losing:
        yield _("Nobody loses a product by that.")
        return
    for product, number in preview.products:
        lost = ngettext("%(number)s person may open it no more", "%(number)s people may open it no more", number)
        yield present.labelled(product.name, lost % {"number": present.count(number)})
    yield _("What people hold in another way stays. No mail is sent.")


def _add(request: HttpRequest, acting: Acting, group: int) -> str:
    chosen = numbers(request.POST.getlist("person"))[:SELECTED_MAX]
    if not chosen:
        return _("Nobody was selected. Find people by their name and tick them first.")
    joined = groups.join(account(request), acting.team_id, group, chosen, now=now())
    if not joined:
        return _("Nothing changed: it was so already.")
    said = ngettext("%(number)s person joined the group.", "%(number)s people joined the group.", joined)
    return said % {"number": present.count(joined)}


def _take_out(request: HttpRequest, acting: Acting, group: int) -> str:
    chosen = numbers(request.POST.getlist("person"))[:SELECTED_MAX]
    if not chosen:
        return _("Nobody was selected. Tick people in the list first.")
    gone = groups.leave(account(request), acting.team_id, group, chosen, now=now())
    if not gone:
        return _("Nothing changed: it was so already.")
    said = ngettext("%(number)s person left the group.", "%(number)s people left the group.", gone)
    return said % {"number": present.count(gone)}


def _products(request: HttpRequest, acting: Acting, group: int) -> str:
    sent, asks = request.POST, wanted(request.POST)
    saved = groups.set_products(
        account(request),
        acting.team_id,
        group,
        asks.products,
        every=asks.every,
        shown=codes(sent, "shown"),
        shown_every="shown_every" in sent,
        now=now(),
    )
    return _("The changes are saved.") if saved.is_new else _("Nothing changed: it was so already.")


_ACTS: Mapping[str, Callable[[HttpRequest, Acting, int], str]] = {
    "add": _add,
    "take-out": _take_out,
    "products": _products,
}


def _rename(request: HttpRequest, acting: Acting, group: int) -> HttpResponse:
    form = GroupForm(request.POST)
    done = _named(form, lambda name: groups.rename(account(request), acting.team_id, group, name, now=now()))
    if done is None:
        return _page(request, acting, group, form=form, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("The group is renamed.") if done else _("Nothing changed: it was so already."))
    return redirect(_place(group, acting))


def _named(form: GroupForm, act: Callable[[str], int]) -> int | None:
    """Do what takes a name; what is wrong with it is said at its field, and None returned."""
    try:
        return act(form.data.get("name", ""))
    except Rejected:
        form.add_error("name", _("A name has 1 to 100 printable characters."))
    except Conflict:
        form.add_error("name", _("The team has a group of that name already."))
    return None


def _page(
    request: HttpRequest,
    acting: Acting,
    group: int,
    sent: QueryDict | None = None,
    problem: str = "",
    *,
    form: GroupForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    at = now()
    access = groups.group(account(request), acting.team_id, group, now=at)
    found = find(request, acting, sent or QueryDict(), now=at)
    told = {
        "acting": acting,
        "group": _shown(access, acting, found),
        "problem": problem,
        "form": form or GroupForm({"name": access.name}),
        "defaults": defaults_note(request, acting, now=at) if access.rests else "",
    }
    return render(request, "users_group.html", told, status=status)


def _shown(access: GroupAccess, acting: Acting, find: Find) -> dict[str, object]:
    count = len(access.members)
    said = ngettext("%(number)s person in the group", "%(number)s people in the group", count)
    return {
        "id": access.id,
        "name": access.name,
        "path": reverse("users-group", args=[access.id]),
        "members_words": said % {"number": present.count(count)},
        "members": [_line(one, acting) for one in access.members],
        "find": find,
        "ticks": Ticks(
            legend=_("What people of the group may open"),
            which="all" if access.every else "these",
            lines=people_ticks.of(access.products),
            shown=access.shown,
            shown_every=access.every,
        ),
    }


def _line(one: Member, acting: Acting) -> Line:
    state = _("active") if one.is_active else _("opens nothing yet")
    return Line(
        id=one.id, name=one.name, address=beside(one.name, one.key), href=href(one.id, acting.query), state=state
    )


def _place(group: int, acting: Acting) -> str:
    return reverse("users-group", args=[group]) + acting.query
