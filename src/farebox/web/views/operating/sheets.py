"""What every page with a form shares: who may, the form, what was wrong with it, and the question once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from farebox import desk
from farebox.domain.approval import State
from farebox.domain.clock import Instant
from farebox.domain.errors import FareboxError, NotFound
from farebox.services.catalogue import Hand
from farebox.wallclock import now
from farebox.web import present
from farebox.web.fresh import is_fresh, prove_again
from farebox.web.shown.operator import STATES
from farebox.web.shown.operator_problems import told
from farebox.web.team import View, for_operator

Cleaned = Mapping[str, Any]
Make = Callable[[QueryDict | None], forms.Form]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a page with a form says: what it is for, what follows from it, and where one came from."""

    title: str
    button: str
    back: str
    about: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """What is known of the thing that the form is about, line by line."""
    told: tuple[str, ...] = ()
    team: int = 0
    """The team that the form is about, where its address does not name it."""
    lacks_product: str = ""
    """Why there is no product to choose; then the page leads to where one is added, and has no form."""
    template: str = "operator/form.html"
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What the page shows beside the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """The question once more: what will happen, and what else the page shows."""

    question: str
    told: tuple[str, ...]
    button: str
    shown: Mapping[str, Any] = field(default_factory=dict)


def looking(view: View) -> View:
    """Mark a page that operators look at."""
    return for_operator(require_safe(_finding(view)))


def changing(view: View) -> View:
    """Mark a page on which operators change something, which takes a fresh sign-in."""

    @wraps(view)
    def fresh(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_fresh(request):
            return prove_again(request, request.path if request.method == "POST" else request.get_full_path())
        return view(request, *args, **kwargs)

    return for_operator(require_http_methods(["GET", "HEAD", "POST"])(_finding(fresh)))


def _finding(view: View) -> View:
    """Answer 404 for what is not there."""

    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error

    return found


def fill_in(
    request: HttpRequest,
    sheet: Sheet,
    make: Make,
    do: Callable[[Cleaned], HttpResponse],
    ask: Callable[[Cleaned], Sure | None] | None = None,
) -> HttpResponse:
    """
    Show a form, or do what was sent; where something is wrong, show it again with what was typed.

    With `ask` the page asks once more before it is done, where that has a question; who goes back finds what was typed.
    """
    if request.method != "POST":
        return _form(request, sheet, make(None))
    form = make(request.POST)
    if not form.is_valid():
        return _form(request, sheet, form, status=HTTPStatus.BAD_REQUEST)
    if "change" in request.POST:
        return _form(request, sheet, form)
    try:
        sure = ask(form.cleaned_data) if ask is not None and "sure" not in request.POST else None
        return do(form.cleaned_data) if sure is None else _ask(request, sheet, form, sure)
    except FareboxError as error:
        told(form, error)
    return _form(request, sheet, form, status=HTTPStatus.BAD_REQUEST)


def _form(request: HttpRequest, sheet: Sheet, form: forms.Form, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return render(request, sheet.template, {"sheet": sheet, "form": form, **sheet.beside}, status=status)


def _ask(request: HttpRequest, sheet: Sheet, form: forms.Form, sure: Sure) -> HttpResponse:
    typed = [(name, value) for name in form.fields for value in request.POST.getlist(name)]
    return render(request, "operator/sure.html", {"sheet": sheet, "sure": sure, "typed": typed, **sure.shown})


def actor(request: HttpRequest) -> str:
    """Return the reader as the audit names them."""
    return f"account {request.user.pk}"


def hand(request: HttpRequest, at: Instant | None = None) -> Hand:
    """Return the reader as the one who changes something now."""
    return Hand(actor(request), now() if at is None else at)


def limit() -> tuple[str, ...]:
    """Return what a form says of the rule of two; nothing where it is off."""
    most = desk.threshold()
    return (_("Above %s tokens, another operator has to approve it first.") % present.amount(most),) if most else ()


def carried_out(
    request: HttpRequest, asked: desk.Act, *, key: str, say: Callable[[Mapping[str, Any]], str], then: str
) -> HttpResponse:
    """Do what an operator asks for, or propose it, and say which of both it was, or what became of it before."""
    done = desk.act(asked, actor=actor(request), now=now(), key=key)
    if isinstance(done, desk.Waits):
        messages.info(request, _waits(done))
        return redirect("operator-approvals" if done.is_waiting or done.state is State.DONE else request.path)
    messages.success(request, say(done))
    return redirect(then.replace("PACK", str(done.get("pack", ""))))


def _waits(found: desk.Waits) -> str:
    """Say that a proposal waits; or what became of the one of a form that is sent again, and how to propose anew."""
    if found.is_waiting:
        said = _("Nothing is done yet: this takes two operators. Proposal %d waits for another one for seven days.")
        return said % found.number
    words = {"number": found.number, "state": STATES[found.state]}
    before = _("This form was sent before. Proposal %(number)d: %(state)s.") % words
    anew = _("Nothing is done. Fill in this new form to propose it again.")
    return before if found.state is State.DONE else f"{before} {anew}"
