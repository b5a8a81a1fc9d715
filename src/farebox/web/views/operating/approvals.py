"""What takes two operators: proposals that wait, and what became of the others."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from farebox import desk
from farebox.domain.approval import State
from farebox.domain.errors import FareboxError
from farebox.services import proposals
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
        "waiting": [shown.proposal(one, reader) for one in proposals.listed(is_open=True, at=at)],
        "over": [shown.proposal(one, reader) for one in proposals.listed(is_open=False, at=at)],
        "threshold": present.amount(desk.threshold()) if desk.threshold() else "",
    }
    return render(request, "operator/approvals.html", context)


@changing
def decide(request: HttpRequest, proposal: int) -> HttpResponse:
    """Ask once more, then approve a proposal of another operator, refuse it, or take back one's own."""
    one = proposals.found(proposal)
    row = shown.proposal(one, actor(request))
    if request.method != "POST":
        return _page(request, row)
    try:
        if "approve" in request.POST:
            desk.approve(proposal, actor=actor(request), now=now())
            messages.success(request, _("Approved and done."))
        else:
            state = proposals.refuse(proposal, actor=actor(request), now=now())
            messages.success(request, _("Withdrawn.") if state is State.WITHDRAWN else _("Refused."))
    except FareboxError as error:
        return _page(request, row, in_one_line(error), status=HTTPStatus.BAD_REQUEST)
    return redirect("operator-approvals")


def _page(
    request: HttpRequest, row: shown.ProposalRow, problem: str = "", *, status: int = HTTPStatus.OK
) -> HttpResponse:
    is_open = row.pending.state is State.OPEN and row.pending.lapses > now()
    context = {"row": row, "problem": problem, "is_open": is_open}
    return render(request, "operator/approval.html", context, status=status)
