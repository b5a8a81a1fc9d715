"""What takes two operators: proposals that wait, and what became of the others."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from farebox import desk
from farebox.domain.approval import Kind, State
from farebox.domain.errors import FareboxError
from farebox.services import proposals
from farebox.services.ingest import by_hand, entries
from farebox.wallclock import now
from farebox.web import present
from farebox.web.shown import operator as shown
from farebox.web.shown.operator_problems import in_one_line
from farebox.web.views.operating.sheets import actor, changing, looking


@looking
def listed(request: HttpRequest) -> HttpResponse:
    """Show the proposals that wait, with what each does, and those that are over."""
    at, reader = now(), actor(request)
    context = {
        "waiting": [_row(one, request) for one in proposals.listed(is_open=True, at=at)],
        "over": [shown.proposal(one, reader) for one in proposals.listed(is_open=False, at=at)],
        "threshold": present.amount(desk.threshold()) if desk.threshold() else "",
    }
    return render(request, "operator/approvals.html", context)


@changing
def decide(request: HttpRequest, proposal: int) -> HttpResponse:
    """Ask once more, then approve a proposal of another operator, refuse it, or take back one's own."""
    one = proposals.found(proposal)
    row = _row(one, request)
    if request.method != "POST":
        return _page(request, row)
    try:
        if not {"approve", "refuse"} & set(request.POST):
            return _page(request, row, _("Say whether to approve or to refuse it."), status=HTTPStatus.BAD_REQUEST)
        if "approve" in request.POST:
            desk.approve(proposal, actor=actor(request), now=now())
            messages.success(request, _("Approved and done."))
        else:
            state = proposals.refuse(proposal, actor=actor(request), now=now())
            messages.success(request, _("Withdrawn.") if state is State.WITHDRAWN else _("Refused."))
    except FareboxError as error:
        return _page(request, row, in_one_line(error), status=HTTPStatus.BAD_REQUEST)
    return redirect("operator-approvals")


def _row(one: proposals.Pending, request: HttpRequest) -> shown.ProposalRow:
    """Write a proposal, with the entry that it withdraws as that stands now, and whom a use is about (quality P1)."""
    reader = actor(request)
    if one.kind is Kind.WITHDRAW:
        entry = entries.under(one.team, one.payload["id"], reader=request.user.pk or 0, source=_source(one))
        return shown.proposal(one, reader, entry)
    return shown.proposal(one, reader, who=_who(one, reader) if one.kind is Kind.CONSUME else "")


def _source(one: proposals.Pending) -> str:
    return str(one.payload.get("source", by_hand.SOURCE))


def _who(one: proposals.Pending, reader: str) -> str:
    """Return whom a use is about: as the list of entries says it, and as it was typed to who typed it."""
    typed = str(one.payload.get("asked", {}).get("person", ""))
    return entries.said_of(one.team, typed, is_own=one.proposed_by == reader)


def _page(
    request: HttpRequest, row: shown.ProposalRow, problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    is_open = row.pending.waits(now())
    context = {"row": row, "problem": problem, "is_open": is_open}
    return render(request, "operator/approval.html", context, status=status)
