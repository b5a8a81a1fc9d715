"""What takes a written mail away: the mail server of the settings, or a folder where there is none."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from farebox.domain.clock import Instant
from farebox.domain.mails import Trouble
from farebox.services.mail.outbox import file_away

TIMEOUT_SECONDS = 20
"""How long the mail server may take for one step."""

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_OF_THE_SERVER = frozenset((Trouble.UNREACHABLE, Trouble.SIGN_IN, Trouble.SECURITY))


class Undelivered(Exception):
    """A mail that was not taken: why, with the server's code; for good, or not now."""

    def __init__(self, trouble: Trouble, code: int = 0, *, final: bool = False) -> None:
        self.trouble, self.code, self.final = trouble, code, final
        super().__init__(f"{trouble} {code}" if code else str(trouble))

    @property
    def stops(self) -> bool:
        """Whether another mail would meet the same."""
        return self.trouble in _OF_THE_SERVER


class Carrier(Protocol):
    """Takes one mail. Raises `Undelivered`."""

    def __call__(self, made: EmailMultiAlternatives, number: int, /) -> None:
        """Take it."""


@contextmanager
def carrier(*, now: Instant) -> Iterator[Carrier]:
    """Return what takes mails, over one connection that is opened for the first of them."""
    if not settings.MAIL_HOST:
        yield lambda made, number: file_away(made.message().as_bytes(), number, now=now)
        return
    line = get_connection(
        _SMTP,
        host=settings.MAIL_HOST,
        port=settings.MAIL_PORT,
        username=settings.MAIL_USER,
        password=settings.MAIL_PASSWORD,
        use_tls=settings.MAIL_SECURITY == "starttls",
        use_ssl=settings.MAIL_SECURITY == "tls",
        timeout=TIMEOUT_SECONDS,
    )

    def carry(made: EmailMultiAlternatives, number: int, /) -> None:
        try:
            line.open()
            line.send_messages([made])
        except (smtplib.SMTPException, OSError) as error:
            refusal = undelivered(error)
            if refusal.stops:
                with suppress(smtplib.SMTPException, OSError):
                    line.close()
            raise refusal from error

    try:
        yield carry
    finally:
        with suppress(smtplib.SMTPException, OSError):
            line.close()


def undelivered(error: Exception) -> Undelivered:
    """
    Return what an error of the mail server means; its own words may hold addresses and are not kept.

    What it refuses with a code from 500 on, about the recipient or the mail, it will refuse again. Where the line
    breaks after the mail was handed over, nobody knows whether it was taken: it is sent again, with the Message-ID
    by which servers know it, because a mail twice does less harm than an invitation that never came.
    """
    code = int(getattr(error, "smtp_code", 0) or 0)
    match error:
        case smtplib.SMTPAuthenticationError():
            return Undelivered(Trouble.SIGN_IN, code)
        case smtplib.SMTPNotSupportedError() | ssl.SSLError():
            return Undelivered(Trouble.SECURITY)
        case smtplib.SMTPSenderRefused():
            return Undelivered(Trouble.SENDER, code)
        case smtplib.SMTPRecipientsRefused():
            codes = [int(refused) for refused, _ in error.recipients.values()]
            return Undelivered(Trouble.RECIPIENT, max(codes, default=0), final=min(codes, default=0) >= 500)
        case smtplib.SMTPDataError():
            return Undelivered(Trouble.REFUSED, code, final=code >= 500)
        case smtplib.SMTPServerDisconnected() | smtplib.SMTPConnectError() | OSError():
            return Undelivered(Trouble.UNREACHABLE, code)
    return Undelivered(Trouble.REFUSED, code)
