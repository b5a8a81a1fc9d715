"""Who may open what, by product: the token scheme first, then each product; users are assigned and unassigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.rights import Action
from farebox.services import assign, invite
from farebox.services.assign import ByProduct, Holder, Page, ProductRow, Thing
from farebox.wallclock import now
from farebox.web import present
from farebox.web.people_forms import Asked, InviteForm, Wanted, Which, asked, wanted
from farebox.web.people_pages import Find, account, defaults_note, find, refusing, say_outbox
from farebox.web.shown import people_problems, people_ticks
from farebox.web.shown.people import holder
from farebox.web.shown.people_words import scheme as scheme_name
from farebox.web.team import Acting, for_team
from farebox.web.views.people import counted_given, has_mails, told, unreadable

_changes = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class Counted:
    """A product in the list, and how many hold it in which way."""

    name: str
    href: str
    people: int
    own: int
    groups: int
    defaults: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What users are assigned to: one product, or (without a code) the token scheme."""

    code: str
    name: str
    path: str

    @property
    def is_scheme(self) -> bool:
        """Whether the scheme itself is meant, with products to choose."""
        return not self.code


@for_team(Action.PEOPLE)
@require_safe
@refusing
def by_product(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show the token scheme, and each product of the offer with how many people hold it."""
    at = now()
    found = assign.products(account(request), acting.team_id, now=at)
    scheme = {
        "name": scheme_name(found.scheme),
        "href": reverse("users-scheme") + acting.query,
        "says": _assigned(found),
    }
    told = {
        "acting": acting,
        "scheme": scheme if found.scheme else None,
        "lines": [_counted(row, acting) for row in found.products],
        "defaults": defaults_note(request, acting, now=at),
    }
    return render(request, "users_by_product.html", told)


def _assigned(found: ByProduct) -> str:
    said = ngettext("%(number)s user assigned", "%(number)s users assigned", found.people)
    words = said % {"number": present.count(found.people)}
    invited = _("of them %(number)s invited") % {"number": present.count(found.invited)}
    return present.aside(words, invited) if found.invited else words


@for_team(Action.PEOPLE)
@_changes
@refusing
def scheme(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show who may open anything by tokens, or assign more [S 003]."""
    code = assign.products(account(request), acting.team_id, now=now()).scheme
    if not code:
        raise NotFound("the team has no contract")
    return _subject(request, acting, Subject(code="", name=scheme_name(code), path=reverse("users-scheme")))


@for_team(Action.PEOPLE)
@_changes
@refusing
def product(request: HttpRequest, acting: Acting, code: str) -> HttpResponse:
    """Show who holds a product, or assign more."""
    offer = assign.offer(account(request), acting.team_id, now=now())
    name = next((one.name for one in offer if one.code == code), None)
    if name is None:
        raise NotFound("the offer of this team has no such product")
    return _subject(request, acting, Subject(code=code, name=name, path=reverse("users-product", args=[code])))


def _subject(request: HttpRequest, acting: Acting, subject: Subject) -> HttpResponse:
    if request.method != "POST":
        return _page(request, acting, subject, QueryDict(), [])
    if request.POST.get("do") == "find":
        return _page(request, acting, subject, request.POST, [])
    try:
        said = _assign(request, acting, subject)
    except Rejected as error:
        return _page(request, acting, subject, request.POST, error.problems, status=HTTPStatus.BAD_REQUEST)
    for one in said:
        messages.success(request, one)
    return redirect(subject.path + acting.query)


def _assign(request: HttpRequest, acting: Acting, subject: Subject) -> list[str]:
    """Assign the people who are ticked, and invite those who were typed. Raises `Rejected`; then nobody is."""
    sent, at, who = request.POST, now(), account(request)
    offer = assign.offer(who, acting.team_id, now=at)
    asks = people_ticks.completed(wanted(sent), offer) if subject.is_scheme else Wanted(Which.THESE, (subject.code,))
    ids = find(request, acting, sent, now=at).ticked
    typed = sent.get("people", "").strip()
    problems = [Problem("/person", "no_person", "nobody is ticked or typed")] if not ids and not typed else []
    if asks.is_nothing:
        problems.append(Problem("/products", "missing", "no product is ticked"))
    problems += unreadable(typed) if typed else []
    if problems:
        raise Rejected(problems)
    said: list[str] = []
    is_mailed = False
    if ids:
        language = get_language() or ""
        given = assign.assign_people(
            who, acting.team_id, ids, asks.products, every=asks.every, language=language, now=at
        )
        said += counted_given(given)
        is_mailed = any(one.told for one in given)
    if typed:
        chosen = [one.id for one in offer if one.code in asks.products]
        outcomes = invite.invite(
            who, acting.team_id, typed, products=chosen, every=asks.every, language=sent.get("language", ""), now=at
        )
        said = [*told(outcomes), *said]
        is_mailed = is_mailed or has_mails(outcomes)
    if is_mailed:
        say_outbox(request)
    return said


def _page(
    request: HttpRequest,
    acting: Acting,
    subject: Subject,
    sent: QueryDict,
    problems: Sequence[Problem],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    at, who = now(), account(request)
    asks = asked(subject.path, request.GET, team=str(acting.team_id) if acting.query else "")
    offer = assign.offer(who, acting.team_id, now=at)
    page = assign.holders(who, acting.team_id, subject.code, search=asks.search, page=asks.page, now=at)
    shown = {
        "acting": acting,
        "product": _shown(subject, page, asks, acting),
        "assigning": _assigning(subject, sent, problems, offer, find(request, acting, sent, now=at)),
        "defaults": defaults_note(request, acting, now=at),
    }
    return render(request, "users_product.html", shown, status=status)


def _shown(subject: Subject, page: Page[Holder], asks: Asked, acting: Acting) -> dict[str, object]:
    return {
        "code": subject.code,
        "name": subject.name,
        "path": subject.path,
        "is_scheme": subject.is_scheme,
        "lines": [holder(one, acting.query) for one in page.rows],
        "found": page.found,
        "first": page.first,
        "last": page.last,
        "before": asks.address(page=page.number - 1) if page.number > 1 else "",
        "after": asks.address(page=page.number + 1) if page.number < page.pages else "",
    }


def _assigning(
    subject: Subject, sent: QueryDict, problems: Sequence[Problem], offer: Sequence[Thing], found: Find
) -> dict[str, object]:
    """Return the box to assign users: empty, or as it was sent and with what is wrong."""
    form = InviteForm({"people": sent.get("people", ""), "language": sent.get("language") or get_language()})
    form.is_valid()
    asks = wanted(sent) if sent else Wanted(Which.ALL)
    return {
        "form": form,
        "find": found,
        "problems": people_problems.in_words(problems, sent.get("people", "").strip()),
        "ticks": people_ticks.ticks(offer, asks) if subject.is_scheme else None,
    }


def _counted(row: ProductRow, acting: Acting) -> Counted:
    return Counted(
        name=row.product.name,
        href=reverse("users-product", args=[row.product.code]) + acting.query,
        people=row.people,
        own=row.own,
        groups=row.group,
        defaults=row.default,
        held=row.seats + row.trials,
    )
