"""
Sending what waits in the queue; any number of servers may do so at once, and one that dies leaves nothing behind.

A mail belongs to who puts off its due time; who died before saying how it went let it come due again. As long as the
mail server is away, mails wait and nothing else notices (quality X27).
"""

from __future__ import annotations

from django.db.models import F, QuerySet

from farebox.domain.clock import Instant
from farebox.domain.errors import Busy
from farebox.domain.mails import LEASE, MailState, Trouble, next_try
from farebox.records import db
from farebox.records.models import Mail
from farebox.services.mail.carriers import Carrier, Undelivered, carrier
from farebox.services.mail.letters import compose

BATCH = 10
"""Mails that one run sends: all of them while the lease of the last lasts, however slow the server is."""


def send_due(*, now: Instant) -> int:
    """
    Send mails that are due, and return how many were sent.

    One that cannot be written keeps no other waiting. Raises `ExceptionGroup` of what went wrong, at the end.
    """
    due = Mail.objects.filter(state=MailState.WAITING, due_us__lte=now)
    waiting = list(due.select_related("team", "person__user", "user").order_by("due_us", "pk")[:BATCH])
    sent, faults = 0, []
    if waiting:
        with carrier(now=now) as carry:
            for mail in waiting:
                try:
                    sent += _send(mail, carry, now)
                except Undelivered:
                    break
                except Busy:
                    continue  # it comes due again
                except Exception as error:
                    faults.append(error)
    if faults:
        raise ExceptionGroup("mails could not be written", faults)
    return sent


def _send(mail: Mail, carry: Carrier, now: Instant) -> bool:
    """Send one, if it is this runner's; tell whether it was sent. Raises `Undelivered` where the server is away."""
    if not _claim(mail, now):
        return False
    try:
        made = compose(mail, now=now)
        if made is not None:
            carry(made, mail.pk)
    except Undelivered as refusal:
        _put_off(mail, refusal, now)
        if refusal.stops:
            raise
        return False
    except Exception:
        _put_off(mail, Undelivered(Trouble.BROKEN), now)
        raise
    _finish(mail, MailState.SENT if made is not None else MailState.DROPPED, now)
    return made is not None


def _claim(mail: Mail, now: Instant) -> bool:
    """Put off its due time, which only one of several can do."""
    with db.atomic():
        as_read = Mail.objects.filter(pk=mail.pk, state=MailState.WAITING, due_us=mail.due_us)
        is_mine = bool(as_read.update(due_us=now + LEASE, tries=F("tries") + 1))
    mail.due_us, mail.tries = now + LEASE, mail.tries + 1
    return is_mine


def _put_off(mail: Mail, refusal: Undelivered, now: Instant) -> None:
    """Let a mail wait for its next try, or fail where there is none."""
    again = None if refusal.final else next_try(mail.tries, now=now)
    if again is None:
        _finish(mail, MailState.FAILED, now, trouble=refusal.trouble, code=refusal.code)
        return
    with db.atomic():
        _mine(mail).update(due_us=again, trouble=refusal.trouble, code=refusal.code)


def _finish(mail: Mail, state: MailState, now: Instant, *, trouble: str = "", code: int = 0) -> None:
    with db.atomic():
        _mine(mail).update(state=state, done_us=now, trouble=trouble, code=code)


def _mine(mail: Mail) -> QuerySet[Mail]:
    return Mail.objects.filter(pk=mail.pk, state=MailState.WAITING, due_us=mail.due_us)
