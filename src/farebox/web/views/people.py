"""The people of a team: the list, invitations, and what is asked about an invitation."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.invitations import read_people
from farebox.domain.rights import Action, Role
from farebox.services import assign, invite
from farebox.services.assign import Given, Thing
from farebox.services.invite import Outcome, Said
from farebox.wallclock import now
from farebox.web import present
from farebox.web.fresh import is_fresh, prove_again
from farebox.web.people_forms import InviteForm, Wanted, Which, asked, wanted
from farebox.web.people_pages import account, defaults_note, invitations, refusing, say_outbox
from farebox.web.shown import people as shown
from farebox.web.shown import people_problems, people_ticks
from farebox.web.shown.export_words import listed
from farebox.web.team import Acting, for_team

LIST_QUERY_MAX = 1_000
"""The longest question that a list of people is asked."""


@for_team(Action.PEOPLE)
@require_safe
@refusing
def by_user(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show the people of a team, and a box to invite more."""
    return _page(request, acting, QueryDict(), [])


@for_team(Action.PEOPLE)
@require_POST
@refusing
def invite_people(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Invite those who were typed, or show what is wrong with them; then nobody is invited."""
    try:
        outcomes = invite_typed(request, acting, request.POST)
    except Rejected as error:
        return _page(request, acting, request.POST, error.problems, status=HTTPStatus.BAD_REQUEST)
    for said in told(outcomes):
        messages.success(request, said)
    if has_mails(outcomes):
        say_outbox(request)
    return redirect(reverse("users-by-user") + acting.query)


@for_team(Action.PEOPLE)
@require_POST
@refusing
def invite_again(request: HttpRequest, acting: Acting, person: int) -> HttpResponse:
    """Invite somebody who is known from usage, or who left."""
    row = assign.person(account(request), acting.team_id, person, now=now()).row
    back = redirect(shown.href(person, acting.query))
    try:
        outcomes = invite.invite(account(request), acting.team_id, row.email, now=now())
    except Rejected as error:
        messages.error(request, " ".join(people_problems.in_words(error.problems, row.email)))
        return back
    for said in told(outcomes):
        messages.success(request, said)
    if has_mails(outcomes):
        say_outbox(request)
    return back


@for_team(Action.PEOPLE)
@require_POST
@refusing
def resend(request: HttpRequest, acting: Acting, invitation: int) -> HttpResponse:
    """Send an invitation again: seven more days [S 003]."""
    if _is_grave(request, acting, invitation) and not is_fresh(request):
        return prove_again(request, _list_before(request.POST, acting))
    if invite.resend(account(request), acting.team_id, invitation, now=now()):
        messages.success(request, _("The invitation is sent again, and works for seven days."))
        say_outbox(request)
    else:
        messages.info(request, _("The invitation was sent a moment ago, so it is not sent once more."))
    return redirect(_list_before(request.POST, acting))


@for_team(Action.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def withdraw(request: HttpRequest, acting: Acting, invitation: int) -> HttpResponse:
    """Ask once more, then withdraw an invitation."""
    before = request.POST if request.method == "POST" else request.GET
    back = _list_before(before, acting)
    is_grave = _is_grave(request, acting, invitation)
    if request.method == "POST":
        if is_grave and not is_fresh(request):
            return prove_again(request, request.path + acting.query)
        invite.withdraw(account(request), acting.team_id, invitation, now=now())
        messages.success(request, _("The invitation is withdrawn; its link works no more."))
        return redirect(back)
    pending = invite.pending(account(request), acting.team_id, now=now())
    one = next((one for one in pending if one.id == invitation), None)
    if one is None:
        raise NotFound("no such invitation, or it is open no more")
    sure = {
        "question": _("Withdraw the invitation of %(name)s?") % {"name": one.name or one.email},
        "consequences": [_("Its link works no more."), _("What was ticked for the person is taken back.")],
        "path": request.path,
        "does": _("Withdraw the invitation"),
        "is_danger": True,
        "back": back,
        "list": before.get("list", ""),
    }
    return render(request, "users_sure.html", {"acting": acting, "sure": sure})


def _is_grave(request: HttpRequest, acting: Acting, invitation: int) -> bool:
    """Tell whether an invitation makes an administrator: what is done with it needs a fresh sign-in (quality T4)."""
    return invite.role_asked(account(request), acting.team_id, invitation) is not Role.USER


def _list_before(sent: QueryDict, acting: Acting) -> str:
    """
    Return the list of people with the filter, order and page that a form began at.

    Only what such a list can be asked is taken from what was sent: it leads nowhere else (quality: open redirect).
    """
    query = sent.get("list", "")[:LIST_QUERY_MAX]
    try:
        said = QueryDict(query)
    except TooManyFieldsSent:
        said = QueryDict()
    asks = asked(reverse("users-by-user"), said, team=str(acting.team_id) if acting.query else "")
    return asks.address(page=asks.page)


def invite_typed(request: HttpRequest, acting: Acting, sent: QueryDict) -> list[Outcome]:
    """Invite those who were typed, with the products that were ticked. Raises `Rejected`; then nothing is done."""
    typed = sent.get("people", "")
    offer = assign.offer(account(request), acting.team_id, now=now())
    asks = people_ticks.completed(wanted(sent), offer)
    numbers = [one.id for one in offer if one.code in asks.products]
    if len(numbers) < len(asks.products):
        raise Rejected([*unreadable(typed), Problem("/products", "unknown_product", "a product is not in the offer")])
    if asks.which is Which.THESE and not numbers:
        raise Rejected([*unreadable(typed), Problem("/products", "nothing", "no product is ticked")])
    return invite.invite(
        account(request),
        acting.team_id,
        typed,
        products=numbers,
        every=asks.every,
        language=sent.get("language", ""),
        now=now(),
    )


def unreadable(typed: str) -> list[Problem]:
    """Return what is wrong with those who were typed, before anybody is invited: nothing is half done."""
    try:
        read_people(typed)
    except Rejected as error:
        return list(error.problems)
    return []


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """Say what became of those who were named."""
    by = {said: [one for one in outcomes if one.said is said] for said in Said}
    found = []
    if invited := len(by[Said.INVITED]):
        said = ngettext(
            "%(number)s person is invited. The link in the mail works for seven days.",
            "%(number)s people are invited. The link in each mail works for seven days.",
            invited,
        )
        found.append(said % {"number": present.count(invited)})
    if waiting := len(by[Said.WAITING]):
        said = ngettext(
            "%(number)s person was invited already; no second mail was sent.",
            "%(number)s people were invited already; no second mail was sent.",
            waiting,
        )
        found.append(said % {"number": present.count(waiting)})
    if given := by[Said.ASSIGNED]:
        mailed = sum(one.told for one in given)
        found += told_given(mailed, len(given) - mailed)
    if by[Said.ALREADY]:
        names = listed([one.name or one.email for one in by[Said.ALREADY]])
        found.append(_("In the team already, and nothing changed: %(names)s.") % {"names": names})
    return found


def told_given(mailed: int, silent: int = 0, same: int = 0) -> list[str]:
    """Say how many people were given products and get a mail, how many get none, and how many had all of it."""
    if not mailed and not silent:
        return [_("Nothing changed: it was so already.")]
    found = []
    if mailed:
        said = ngettext(
            "%(number)s person was given products, and is told by mail.",
            "%(number)s people were given products, and are told by mail.",
            mailed,
        )
        found.append(said % {"number": present.count(mailed)})
    if silent:
        said = ngettext(
            "%(number)s person was given products and gets no mail: they may open nothing more than before, or have "
            "no address.",
            "%(number)s people were given products and get no mail: they may open nothing more than before, or have "
            "no address.",
            silent,
        )
        found.append(said % {"number": present.count(silent)})
    if same:
        said = ngettext(
            "%(number)s person had all of it already, and gets no mail.",
            "%(number)s people had all of it already, and get no mail.",
            same,
        )
        found.append(said % {"number": present.count(same)})
    return found


def counted_given(given: Sequence[Given]) -> list[str]:
    """Say what became of people who were to be given products."""
    new = [one for one in given if one.is_new]
    mailed = sum(one.told for one in new)
    return told_given(mailed, len(new) - mailed, len(given) - len(new))


def has_mails(outcomes: Sequence[Outcome]) -> bool:
    """Tell whether anybody gets a mail."""
    return any(one.told or one.said is Said.INVITED for one in outcomes)


def _page(
    request: HttpRequest,
    acting: Acting,
    sent: QueryDict,
    problems: Sequence[Problem],
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    at, who = now(), account(request)
    team = str(acting.team_id) if acting.query else ""
    asks = asked(reverse("users-by-user"), request.GET, team=team)
    page = assign.people(who, acting.team_id, **asks.whom, sort=asks.sort, page=asks.page, now=at)
    offer = assign.offer(who, acting.team_id, now=at)
    defaults = defaults_note(request, acting, now=at)
    people = shown.people(page, asks, invitations(request, acting, now=at), offer, query=acting.query)
    found = {
        "acting": acting,
        "people": people,
        "invite": _invite(
            sent,
            problems,
            offer,
            is_open=people.is_nobody or bool(sent) or "invite" in request.GET,
            rests=bool(defaults),
        ),
        "defaults": defaults,
    }
    return render(request, "users_by_user.html", found, status=status)


def _invite(
    sent: QueryDict, problems: Sequence[Problem], offer: Sequence[Thing], *, is_open: bool, rests: bool
) -> dict[str, object]:
    """Return the box to invite people: empty, or as it was sent and with what is wrong."""
    form = InviteForm({"people": sent.get("people", ""), "language": sent.get("language") or get_language()})
    form.is_valid()
    usual = Wanted(Which.NONE if rests or not offer else Which.THESE)
    asks = wanted(sent) if sent else usual
    return {
        "form": form,
        "problems": people_problems.in_words(problems, sent.get("people", "")),
        "ticks": people_ticks.ticks(offer, asks, allows_none=True),
        "is_open": is_open,
    }
