"""
What the words of each kind of mail are made of, looked up when it is sent; None drops a mail whose cause has ended.

A kind has its entry in `FACTS` and its three templates in `mail/`. Links begin with the base URL of the settings, never
with the Host of a request. What people named stands on one line: no name can add a line or a header to a mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.urls import reverse

from farebox.domain.clock import HOUR, Instant, day_of
from farebox.domain.invitations import LASTING, InvitationState, has_lapsed
from farebox.domain.mails import MailKind, on_one_line
from farebox.domain.rights import Action
from farebox.domain.usage import Funding
from farebox.records import handovers, invitations, seats, sign_ins, single_sign_on, token_offers
from farebox.records.mails import EVERY
from farebox.records.models import Invitation, Mail, Product
from farebox.records.standing import standings

Facts = Mapping[str, object]
LISTED_MAX = 50
"""How many products a mail names; of more it tells how many they are."""


def _invitation(mail: Mail, now: Instant) -> Facts | None:
    """Return who invites into which team, and the link; None once it was accepted, withdrawn, sent anew or lapsed."""
    row = Invitation.objects.select_related("by").filter(pk=mail.facts["invitation"]).first()
    if row is None or row.state != InvitationState.OPEN or row.sent_us != mail.facts["sent"]:
        return None
    if has_lapsed(Instant(row.sent_us), now=now):
        return None
    products, every = invitations.offered_by(row)
    return {
        "every": every,
        "products": [{"name": on_one_line(one.name)} for one in products[:LISTED_MAX]],
        "more": max(0, len(products) - LISTED_MAX),
        "inviter": on_one_line(row.by.get_full_name()) if row.by is not None else "",
        "role": row.role,
        "until": Instant(row.sent_us + LASTING),
        "days": 7,
        "link": settings.BASE_URL + reverse("invitation", args=[invitations.secret_of(row)]),
    }


def _assigned(mail: Mail, now: Instant) -> Facts | None:
    """
    Return the products that were assigned, and where to get each; None once the person has left.

    Who has no account is led to no page that asks for one.
    """
    person = mail.person
    if person is None or person.member_us is None or person.left_us is not None or person.joined_id is not None:
        return None
    listed = str(mail.facts["products"])
    numbers = [] if listed == EVERY else [int(number) for number in listed.split(",")]
    products = Product.objects.filter(pk__in=numbers).order_by("name", "pk")
    return {
        "every": listed == EVERY,
        "products": [{"name": on_one_line(one.name), "where": one.where} for one in products[:LISTED_MAX]],
        "more": max(0, len(numbers) - LISTED_MAX),
        "link": settings.BASE_URL + reverse("me") if person.user_id is not None else "",
    }


def _seat(mail: Mail, now: Instant) -> Facts | None:
    """Return what is held from which day to which; None once it has ended, or the person has left."""
    person = mail.person
    if person is None or person.member_us is None or person.left_us is not None or person.joined_id is not None:
        return None
    row = seats.rows_of(person.team_id, person.pk).filter(pk=mail.facts["entitlement"]).first()
    if row is None or (row.until_us is not None and row.until_us <= now):
        return None
    return {
        "product": on_one_line(row.product.name),
        "where": row.product.where,
        "is_trial": row.kind == Funding.TRIAL,
        "since": day_of(Instant(row.since_us)),
        "until": None if row.until_us is None else day_of(Instant(row.until_us - 1)),
        "address": person.key,
        "link": settings.BASE_URL + reverse("me") if person.user_id is not None else "",
    }


def _reset(mail: Mail, now: Instant) -> Facts | None:
    """Return the link to a new password, made now; None where it waited so long that another was asked for since."""
    if mail.user is None or now - mail.queued_us > HOUR or single_sign_on.enforced(mail.user.email):
        return None
    return {"link": settings.BASE_URL + sign_ins.reset_path(mail.user)}


def _sign_in_changed(mail: Mail, now: Instant) -> Facts:
    """Return what was changed about how somebody signs in, when, and where to look at it or set a password."""
    about = {"what": mail.facts["what"], "at": Instant(mail.queued_us)}
    links = {"link": reverse("settings-sessions"), "reset": reverse("account_reset_password")}
    return {**about, **{name: settings.BASE_URL + path for name, path in links.items()}}


def _handover(mail: Mail, now: Instant) -> Facts | None:
    """Return who offers the primary role, and where to answer; None once the offer is closed or has lapsed."""
    offer = handovers.open_of(mail.team_id or 0, now=now)
    if offer is None or offer.id != mail.facts["handover"]:
        return None
    return {
        "giver": on_one_line(offer.giver),
        "until": offer.until,
        "days": 7,
        "link": settings.BASE_URL + reverse("users-handover", args=[offer.id]),
    }


def _tokens_offered(mail: Mail, now: Instant) -> Facts | None:
    """
    Return who offers how many tokens of which team, and where to answer; None once the offer is closed or has lapsed.

    It is dropped as well where nobody of that address leads a team: to whoever offered, that is all the same (T2).
    """
    if mail.user is None or not standings(mail.user, Action.MOVE_TOKENS):
        return None
    offers = token_offers.open_to(mail.user.email, now=now)
    found = next((one for one in offers if one.id == mail.facts["offer"]), None)
    if found is None:
        return None
    return {
        "giver": on_one_line(found.giver),
        "team": on_one_line(found.team),
        "tokens": found.tokens,
        "until": found.until,
        "days": 7,
        "link": settings.BASE_URL + reverse("balances-offered", args=[found.id]),
    }


FACTS: Mapping[MailKind, Callable[[Mail, Instant], Facts | None]] = {
    MailKind.INVITATION: _invitation,
    MailKind.ASSIGNED: _assigned,
    MailKind.SEAT: _seat,
    MailKind.RESET: _reset,
    MailKind.SIGN_IN_CHANGED: _sign_in_changed,
    MailKind.HANDOVER: _handover,
    MailKind.TOKENS_OFFERED: _tokens_offered,
}
