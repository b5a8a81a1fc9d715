"""
The links of invitations, and the one step in which an invitation ends.

A link holds the number of its invitation and 256 bits that follow from its nonce and the key of the installation. Who
reads the records, a backup or the queue of mails therefore holds no link; and each try to send it gives the same one.
With another key of the installation every open invitation has to be sent again.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode

from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from farebox.domain.access import EVERY
from farebox.domain.clock import Instant
from farebox.domain.invitations import LASTING, InvitationState
from farebox.records import access
from farebox.records.models import Invitation, Product

_SALT = "farebox.invitation"
_DIGITS_MAX = 18


def nonce() -> str:
    """Return what makes a new link; with it, the one before is dead."""
    return secrets.token_hex(16)


def secret_of(invitation: Invitation) -> str:
    """Return the last part of the link to an invitation."""
    mac = salted_hmac(_SALT, f"{invitation.pk}:{invitation.nonce}", algorithm="sha256").digest()
    return f"{invitation.pk}-{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def known_by(secret: str) -> Invitation | None:
    """Return the invitation of a link, whatever became of it; None for a link that is none, or was replaced."""
    number, _, _ = secret.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) <= _DIGITS_MAX):
        return None
    found = Invitation.objects.select_related("team", "person", "by").filter(pk=int(number)).first()
    return found if found is not None and constant_time_compare(secret, secret_of(found)) else None


def still_open(invitation: Invitation, *, now: Instant) -> QuerySet[Invitation]:
    """Return the row while its very link can be accepted: for an UPDATE that only one of several can do."""
    return Invitation.objects.filter(
        pk=invitation.pk, nonce=invitation.nonce, state=InvitationState.OPEN, sent_us__gt=now - LASTING
    )


def offered_by(invitation: Invitation) -> tuple[list[Product], bool]:
    """Return the products that a person may open once they accept, and whether those are all of the offer."""
    held = access.held([invitation.person_id])[invitation.person_id]
    given = set(held.defaults) or {*held.own, *(product for _, product in held.groups)}
    if EVERY in given:
        return [], True
    return list(Product.objects.filter(pk__in=given).order_by("name", "pk")), False
