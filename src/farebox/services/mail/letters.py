"""A mail as it goes out: to one address, in one language, as plain text and as HTML that loads nothing."""

from __future__ import annotations

from email.charset import QP, Charset
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from farebox.domain.clock import Instant, moment
from farebox.domain.mails import MailKind, on_one_line
from farebox.domain.teams import is_email
from farebox.records.models import Mail, Person, User
from farebox.services.mail.facts import FACTS

_SEVEN_BITS = Charset("utf-8")
_SEVEN_BITS.body_encoding = QP
"""Every server passes it on, also one that takes no eight bits."""


class Letter(EmailMultiAlternatives):
    """A mail whose subject begins on the first line of its header: not every server likes an empty one."""

    def message(self, **how: Any) -> EmailMessage:
        """Write the message; the first encoded word is as much shorter as the name of the header is long."""
        made = super().message(**how)
        subject = str(self.subject)
        if not subject.isascii():
            made.replace_header("Subject", Header(subject, "utf-8", maxlinelen=75, header_name="Subject").encode())
        return made


class Recipient(NamedTuple):
    """Whom a mail goes to: one canonical address, the name to greet with, and the language."""

    address: str
    name: str
    language: str


def recipient_of(mail: Mail) -> Recipient | None:
    """Return whom a mail goes to now, None where nobody can be written to; a chosen language wins."""
    user = mail.user or (mail.person.user if mail.person is not None else None)
    address = _address(user, mail.person)
    if not address:
        return None
    name = (mail.person.name if mail.person is not None else "") or (user.name if user is not None else "")
    chosen = user.language if user is not None and user.language else mail.language
    return Recipient(address, on_one_line(name), chosen)


def _address(user: User | None, person: Person | None) -> str:
    """Return the address on record: of the account, where it may be used, else of the person; a login is none."""
    if user is not None:
        return user.email if user.is_active else ""
    return person.key if person is not None and person.joined_id is None and is_email(person.key) else ""


def compose(mail: Mail, *, now: Instant) -> EmailMultiAlternatives | None:
    """Write a mail, or return None where it is to be dropped: its cause has ended, or nobody is there to read it."""
    to = recipient_of(mail)
    if to is None:
        return None
    kind = MailKind(mail.kind)
    facts = FACTS[kind](mail, now)
    if facts is None:
        return None
    with translation.override(to.language):
        team = on_one_line(mail.team.name) if mail.team is not None else ""
        words = {"base": settings.BASE_URL, "name": to.name, "team": team, "language": to.language, **facts}
        parts = [render_to_string(f"mail/{kind.lower()}{end}", words) for end in (".subject.txt", ".txt", ".html")]
    return message(to.address, *parts, reference=mail.reference, language=to.language, now=now)


def message(
    address: str, subject: str, text: str, html: str, *, reference: str, language: str, now: Instant
) -> EmailMultiAlternatives:
    """
    Put a message together; the same `reference` makes the same Message-ID.

    That it was made by a program keeps absence notes from being sent back.
    """
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    made = Letter(
        subject=" ".join(subject.split()),
        body=text.strip() + "\n",
        from_email=settings.MAIL_FROM,
        to=[address],
        headers={
            "Message-ID": f"<{reference}@{host}>",
            "Date": format_datetime(moment(now)),
            "Auto-Submitted": "auto-generated",
            "Content-Language": language,
        },
    )
    made.encoding = _SEVEN_BITS
    if html:
        made.attach_alternative(html, "text/html")
    return made
