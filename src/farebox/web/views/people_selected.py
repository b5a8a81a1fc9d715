"""Several people at once: given products, relieved of them, put into a group, removed; each asked once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from typing import assert_never

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from farebox.domain.errors import Rejected
from farebox.domain.rights import Action
from farebox.services import assign, groups
from farebox.services.assign import Outcome, Someone, TakenBack, Thing
from farebox.services.groups import GroupRow
from farebox.wallclock import now
from farebox.web import present
from farebox.web.people_forms import Wanted, Which, asked, codes, numbers, wanted
from farebox.web.people_pages import SELECTED_MAX, account, refusing, say_outbox
from farebox.web.shown import people_problems
from farebox.web.shown.export_words import listed
from farebox.web.shown.people import beside
from farebox.web.shown.people_ticks import Ticks, ticks
from farebox.web.team import Acting, for_team
from farebox.web.views.people import counted_given


class Do(StrEnum):
    """What is done with those selected."""

    ASSIGN = "assign"
    UNASSIGN = "unassign"
    GROUP = "group"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class One:
    """Somebody who is selected."""

    id: int
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What is asked once more before it is done."""

    do: Do
    question: str
    does: str
    people: tuple[One, ...] = ()
    consequences: tuple[str, ...] = ()
    is_danger: bool = False
    ticks: Ticks | None = None
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    label: str = ""
    name: str = ""
    back: str = ""
    began: str = ""
    is_refused: bool = False


@for_team(Action.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def selected(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Ask once more what is to be done with those selected, or do it."""
    sent = request.POST if request.method == "POST" else request.GET
    do = next((one for one in Do if one == sent.get("do")), None)
    if do is None:
        raise Http404
    people = _everyone(request, acting) if "everyone" in request.GET else _those(request, acting, sent)
    if len(people) > SELECTED_MAX:
        too_many = _("At most %(number)s people are dealt with at once. Narrow the search, or import a list.")
        messages.warning(request, too_many % {"number": present.count(SELECTED_MAX)})
        return redirect(_back(acting, sent))
    if not people:
        messages.warning(request, _("Nobody was selected. Tick people in the list first."))
        return redirect(_back(acting, sent))
    refused = _refused(request, acting, do, people)
    if refused:
        return _ask(request, acting, do, people, sent, refused, status=HTTPStatus.BAD_REQUEST)
    if request.method != "POST":
        return _ask(request, acting, do, people, sent)
    try:
        said = _done(request, acting, do, people, sent)
    except Rejected as error:
        problem = " ".join(dict.fromkeys(people_problems.in_words(error.problems)))
        return _ask(request, acting, do, people, sent, problem, status=HTTPStatus.BAD_REQUEST)
    for one in said:
        messages.success(request, one)
    return redirect(_back(acting, sent))


def _refused(request: HttpRequest, acting: Acting, do: Do, people: Sequence[Someone]) -> str:
    """Say who of those selected administers the team and so cannot be removed, by name, before it is asked."""
    if do is not Do.REMOVE:
        return ""
    stay = assign.administrators(account(request), acting.team_id, [one.id for one in people])
    names = [one.name for one in people if one.id in stay]
    said = ngettext(
        "%(names)s administers the team, so nobody is removed. Take the role first, or select others; the primary role "
        "is handed over.",
        "%(names)s administer the team, so nobody is removed. Take their roles first, or select others; the primary "
        "role is handed over.",
        len(names),
    )
    return said % {"names": listed(names)} if names else ""


def _those(request: HttpRequest, acting: Acting, sent: QueryDict) -> list[Someone]:
    """Return those who were ticked. Raises `Http404` where one of them is not of the team (quality T2)."""
    wanted_people = numbers(sent.getlist("person"))[:SELECTED_MAX]
    people = assign.named(account(request), acting.team_id, wanted_people, now=now())
    if len(people) < len(wanted_people):
        raise Http404
    return people


def _everyone(request: HttpRequest, acting: Acting) -> list[Someone]:
    """Return everybody whom the list finds, on all its pages."""
    return assign.everyone(account(request), acting.team_id, **asked("", request.GET, team="").whom, now=now())


def _done(request: HttpRequest, acting: Acting, do: Do, people: Sequence[Someone], sent: QueryDict) -> Iterable[str]:
    """Do it, and return what is said of it. Raises `Rejected`; then nothing is done."""
    who, team, ids, at = account(request), acting.team_id, [one.id for one in people], now()
    match do:
        case Do.ASSIGN:
            asks, language = wanted(sent), get_language() or ""
            given = assign.assign_people(who, team, ids, asks.products, every=asks.every, language=language, now=at)
            if any(one.told for one in given):
                say_outbox(request)
            return counted_given(given)
        case Do.UNASSIGN:
            back = assign.unassign_people(who, team, ids, product_meant(sent), now=at)
            return _said_back(back, {one.id: one.name for one in people})
        case Do.GROUP:
            chosen = numbers([sent.get("group", "")])
            joined = groups.join(who, team, chosen[0] if chosen else 0, ids, now=at)
            return [_counted_joined(joined)]
        case Do.REMOVE:
            return [_counted_removed(assign.remove(who, team, ids, now=at))]
        case _:
            assert_never(do)


def _said_back(back: Sequence[TakenBack], names: dict[int, str]) -> Iterable[str]:
    """Say from whom a product was taken, and who holds it still and why."""
    taken = [one for one in back if one.outcome is Outcome.TAKEN]
    if taken:
        said = ngettext("Taken back from %(number)s person.", "Taken back from %(number)s people.", len(taken))
        yield said % {"number": present.count(len(taken))}
    for one in back:
        if one.outcome is Outcome.THROUGH_GROUP:
            told = ngettext(
                "%(name)s keeps it through the group %(groups)s. Take them out of the group instead.",
                "%(name)s keeps it through the groups %(groups)s. Take them out of the groups instead.",
                len(one.groups),
            )
            yield told % {"name": names[one.person], "groups": listed(one.groups)}
    kept = [names[one.person] for one in back if one.outcome is Outcome.DEFAULT]
    if kept:
        yield _("Kept by default assignments: %(names)s. Change the default assignments instead.") % {
            "names": listed(kept)
        }
    if all(one.outcome is Outcome.NOT_HELD for one in back):
        yield _("Nothing changed: it was so already.")


def _counted_joined(number: int) -> str:
    if not number:
        return _("Nothing changed: it was so already.")
    said = ngettext("%(number)s person joined the group.", "%(number)s people joined the group.", number)
    return said % {"number": present.count(number)}


def _counted_removed(number: int) -> str:
    if not number:
        return _("Nothing changed: it was so already.")
    said = ngettext(
        "%(number)s person was removed from the team.", "%(number)s people were removed from the team.", number
    )
    return said % {"number": present.count(number)}


def _ask(
    request: HttpRequest,
    acting: Acting,
    do: Do,
    people: Sequence[Someone],
    sent: QueryDict,
    problem: str = "",
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    asks = replace(_asked(request, acting, do, people, sent), is_refused=bool(problem) and do is Do.REMOVE)
    told = {"acting": acting, "selected": asks, "problem": problem}
    return render(request, "users_selected.html", told, status=status)


def _asked(request: HttpRequest, acting: Acting, do: Do, people: Sequence[Someone], sent: QueryDict) -> Selected:
    """Return what is asked: whom it is about, what is chosen, and what happens then."""
    offer = assign.offer(account(request), acting.team_id, now=now())
    match do:
        case Do.ASSIGN:
            found = _on_assign(len(people), ticks(offer, wanted(sent) if "which" in sent else Wanted(Which.THESE)))
        case Do.UNASSIGN:
            found = on_unassign(len(people), offer, sent.get("product", ""))
        case Do.GROUP:
            found = _on_group(len(people), groups.all_groups(account(request), acting.team_id))
        case Do.REMOVE:
            found = _on_remove(len(people))
        case _:
            assert_never(do)
    shown = tuple(One(one.id, one.name, beside(one.name, one.key)) for one in people)
    return replace(found, people=shown, back=_back(acting, sent), began=sent.get("from", ""))


def _on_assign(number: int, offer: Ticks) -> Selected:
    said = ngettext("Assign products to %(number)s person", "Assign products to %(number)s people", number)
    return Selected(
        do=Do.ASSIGN,
        question=said % {"number": present.count(number)},
        does=_("Assign"),
        consequences=(_("Who gets something new is told by mail, once for all of it."),),
        ticks=offer,
    )


def on_unassign(number: int, offer: Sequence[Thing], chosen: str, *, back: str = "") -> Selected:
    """Ask which product is taken back, and say what happens then."""
    said = ngettext("Take products back from %(number)s person?", "Take products back from %(number)s people?", number)
    return Selected(
        do=Do.UNASSIGN,
        question=said % {"number": present.count(number)},
        does=_("Take back"),
        is_danger=True,
        label=_("Product"),
        name="product",
        choices=(("", _("All that was given to them")), *((one.code, one.name) for one in offer)),
        chosen=chosen,
        back=back,
        consequences=(
            _("What somebody holds through a group or by default assignments stays; it is said who."),
            _("Whoever has a product open now goes on until what is paid for ends, and is refused then."),
            _("No mail is sent."),
        ),
    )


def _on_group(number: int, offered: Sequence[GroupRow]) -> Selected:
    said = ngettext("Add %(number)s person to a group", "Add %(number)s people to a group", number)
    return Selected(
        do=Do.GROUP,
        question=said % {"number": present.count(number)},
        does=_("Add to the group"),
        label=_("Group"),
        name="group",
        choices=tuple((str(one.id), one.name) for one in offered),
        consequences=(_("They may open the products of the group at once; no mail is sent."),),
    )


def _on_remove(number: int) -> Selected:
    said = ngettext("Remove %(number)s person from the team?", "Remove %(number)s people from the team?", number)
    return Selected(
        do=Do.REMOVE,
        question=said % {"number": present.count(number)},
        does=_("Remove from the team"),
        is_danger=True,
        consequences=(
            _("Their products, groups, seats, trials and invitations end at once."),
            _("What they used stays in the reports."),
            _("Whoever has a product open now goes on until what is paid for ends, and is refused then."),
            _("To have them back, invite them again."),
        ),
    )


def product_meant(sent: QueryDict) -> str:
    """Return the product that is meant; empty for all. Raises `Http404` where nothing that can be meant was sent."""
    code = sent.get("product")
    if code is None or not code.isprintable():
        raise Http404
    return code


def _back(acting: Acting, sent: QueryDict) -> str:
    """Return the list that the selection was made in."""
    code = next(iter(codes(sent, "product")), "") if sent.get("from") == "product" else ""
    if sent.get("from") == "scheme":
        return reverse("users-scheme") + acting.query
    return (reverse("users-product", args=[code]) if code else reverse("users-by-user")) + acting.query
