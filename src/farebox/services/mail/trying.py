"""A mail that tells nothing but that mails arrive, for who sets the mail server up."""

from __future__ import annotations

import secrets

from django.conf import settings

from farebox.domain.clock import Instant
from farebox.domain.errors import FareboxError, Problem, Rejected
from farebox.domain.teams import canonical, is_email
from farebox.services.mail.carriers import Undelivered, carrier
from farebox.services.mail.letters import message

WORDS = "This is a test from Farebox at {base}: mails arrive.\n"


def try_out(address: str, *, now: Instant) -> None:
    """
    Send a test mail past the queue. Raises `Rejected` for what is no address, `FareboxError` where it was not taken.
    """
    to = canonical(address, pointer="/address")
    if not is_email(to):
        raise Rejected([Problem("/address", "invalid_person", "a test mail needs an e-mail address")])
    words = WORDS.format(base=settings.BASE_URL)
    made = message(to, "Farebox test", words, "", reference=secrets.token_hex(16), language="en", now=now)
    with carrier(now=now) as carry:
        try:
            carry(made, 0)
        except Undelivered as refusal:
            raise FareboxError(f"the mail was not taken: {refusal}") from refusal
