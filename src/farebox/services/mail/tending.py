"""What an operator sees of the queue of mails, and does about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count

from farebox.domain.clock import Instant
from farebox.domain.mails import KEPT, MailKind, MailState, Trouble
from farebox.records import audit, db, token_offers
from farebox.records.models import Mail
from farebox.services.mail.outbox import clear

LISTED_MAX = 200


class Standing(NamedTuple):
    """How many mails wait, of these how many were tried in vain, and how many failed."""

    waiting: int
    put_off: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A mail that was not sent; nothing in it names anybody."""

    number: int
    kind: MailKind
    state: MailState
    team: str
    tries: int
    queued: Instant
    due: Instant | None
    trouble: Trouble | None
    code: int


def standing() -> Standing:
    """Return how the queue stands."""
    by_state = Mail.objects.filter(state__in=(MailState.WAITING, MailState.FAILED)).order_by()
    counts = dict(by_state.values_list("state").annotate(Count("pk")))
    tried = Mail.objects.filter(state=MailState.WAITING).exclude(trouble="").count()
    return Standing(counts.get(MailState.WAITING, 0), tried, counts.get(MailState.FAILED, 0))


def outstanding() -> list[Queued]:
    """Return the mails that failed and those that wait, the latest first."""
    rows = Mail.objects.filter(state__in=(MailState.WAITING, MailState.FAILED)).select_related("team")
    return [
        Queued(
            number=row.pk,
            kind=MailKind(row.kind),
            state=MailState(row.state),
            team=row.team.name if row.team is not None else "",
            tries=row.tries,
            queued=Instant(row.queued_us),
            due=Instant(row.due_us) if row.state == MailState.WAITING else None,
            trouble=Trouble(row.trouble) if row.trouble else None,
            code=row.code,
        )
        for row in rows.order_by("state", "-pk")[:LISTED_MAX]
    ]


def retry(*, actor: str, now: Instant) -> int:
    """Try all that failed or wait for their next try again at once, and return how many they are."""
    with db.atomic():
        again = Mail.objects.filter(state=MailState.FAILED).update(
            state=MailState.WAITING, tries=0, due_us=now, done_us=None
        )
        waiting = Mail.objects.filter(state=MailState.WAITING, due_us__gt=now).exclude(trouble="")
        again += waiting.update(due_us=now, tries=0)
        if again:
            audit.note([audit.Change(None, "mails retried", "mails", {"mails": again})], actor, at=now)
    return again


def prune(*, now: Instant) -> int:
    """
    Forget mails that need nothing more and have been kept long enough; return how many.

    Offers of tokens go with them: they hold the address to which they were made.
    """
    clear(now=now)
    with db.atomic():
        gone, _ = Mail.objects.filter(done_us__lt=now - KEPT).delete()
        token_offers.forget(Instant(now - KEPT))
    return gone
