"""
The mails of the installation: what waits and what failed, and, where there is no mail server, the mails themselves.

In the demo every administrator sees the folder of mails, as all people there are made up.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from farebox.domain.errors import NotFound
from farebox.domain.mails import MailKind, MailState, Trouble
from farebox.domain.rights import Action
from farebox.services import mail
from farebox.services.mail import Queued
from farebox.wallclock import now
from farebox.web.team import Acting, for_operator, for_team

KINDS: dict[MailKind, Promise] = {
    MailKind.INVITATION: gettext_lazy("Invitation"),
    MailKind.ASSIGNED: gettext_lazy("Products assigned"),
    MailKind.SEAT: gettext_lazy("Seat or trial"),
    MailKind.RESET: gettext_lazy("New password"),
    MailKind.HANDOVER: gettext_lazy("Handing over the primary role"),
    MailKind.SIGN_IN_CHANGED: gettext_lazy("Notice of a changed sign-in"),
    MailKind.TOKENS_OFFERED: gettext_lazy("Offer of tokens"),
}
TROUBLES: dict[Trouble, Promise] = {
    Trouble.UNREACHABLE: gettext_lazy("the mail server cannot be reached"),
    Trouble.SIGN_IN: gettext_lazy("the mail server refuses the user or the password"),
    Trouble.SECURITY: gettext_lazy("the mail server offers no encryption that can be trusted"),
    Trouble.SENDER: gettext_lazy("the mail server refuses the sender"),
    Trouble.RECIPIENT: gettext_lazy("the mail server refuses the recipient"),
    Trouble.REFUSED: gettext_lazy("the mail server refuses the mail"),
    Trouble.BROKEN: gettext_lazy("the mail could not be written"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A mail that was not sent, in words."""

    mail: Queued
    kind: str
    state: str
    why: str


@for_operator
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show how the mails stand."""
    shown = {
        "standing": mail.standing(),
        "rows": [_row(one) for one in mail.outstanding()],
        "host": settings.MAIL_HOST,
        "sender": settings.MAIL_FROM,
        "files": mail.listed_files() if not settings.MAIL_HOST else [],
    }
    return render(request, "outbox.html", shown)


@for_operator
@require_http_methods(["GET", "HEAD", "POST"])
def retry(request: HttpRequest) -> HttpResponse:
    """Try again at once what failed or waits for its next try."""
    if request.method == "POST":
        again = mail.retry(actor=f"account {request.user.pk}", now=now())
        messages.success(request, ngettext("%d mail is tried again.", "%d mails are tried again.", again) % again)
    return redirect("operator-outbox")


@for_operator
@require_safe
def shown(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail of the folder."""
    return _shown(request, name, back="operator-outbox")


@for_team(Action.PEOPLE)
@require_safe
def demo(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Show the folder of mails of the demo."""
    if not settings.DEMO:
        raise Http404
    return render(request, "outbox_demo.html", {"files": mail.listed_files()})


@for_team(Action.PEOPLE)
@require_safe
def demo_shown(request: HttpRequest, acting: Acting, name: str) -> HttpResponse:
    """Show one mail of the demo."""
    if not settings.DEMO:
        raise Http404
    return _shown(request, name, back="demo-outbox")


def _shown(request: HttpRequest, name: str, *, back: str) -> HttpResponse:
    try:
        found = mail.filed(name)
    except NotFound as error:
        raise Http404 from error
    return render(request, "outbox_mail.html", {"found": found, "back": back})


def _row(one: Queued) -> Row:
    state = _("failed") if one.state is MailState.FAILED else _("waits")
    why = str(TROUBLES[one.trouble]) if one.trouble is not None else ""
    return Row(one, str(KINDS[one.kind]), state, f"{why} ({one.code})" if one.code else why)
