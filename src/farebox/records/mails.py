"""
The queue of mails: what is to be told to whom is put there in the transaction that it is about  (quality X27).

Facts are numbers and codes, never a name, an address or a link: those are looked up and made when it is sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from farebox.domain.clock import Instant
from farebox.domain.mails import MailKind
from farebox.domain.teams import is_email
from farebox.records.models import Mail, Person

__all__ = ["MailKind", "queue", "tell_assigned", "tell_seat"]

EVERY = "all"
"""What stands for all products of the offer, in the place of their numbers."""


def queue(
    team: int | None,
    person: int | None,
    user: int | None,
    kind: MailKind,
    facts: Mapping[str, str | int],
    *,
    language: str,
    now: Instant,
) -> int:
    """
    Put a mail to a person or an account into the queue, and return its number.

    Call it in the transaction of what it is about: undone, it was never queued. `language` is that of who has none.
    """
    row = Mail.objects.create(
        team_id=team,
        person_id=person,
        user_id=user,
        kind=kind,
        facts=dict(facts),
        language=language,
        queued_us=now,
        due_us=now,
        reference=secrets.token_hex(16),
    )
    return row.pk


def tell_assigned(
    person: Person, products: Sequence[int], *, every: bool = False, language: str = "", now: Instant
) -> bool:
    """
    Tell a person which products were assigned to them one by one [S 003], and tell whether a mail was queued.

    Who has no address is told nothing.

    With `every` it was all products of the offer. Not for imports, groups and default assignments: those are silent.
    """
    if not (products or every) or not _has_address(person):
        return False
    listed = EVERY if every else ",".join(str(product) for product in products)
    queue(person.team_id, person.pk, None, MailKind.ASSIGNED, {"products": listed}, language=language, now=now)
    return True


def tell_seat(person: Person, entitlement: int, *, language: str = "", now: Instant) -> None:
    """Tell a person of a seat or a trial that they were given by hand [S 003]; not for lists: those are silent."""
    if _has_address(person):
        facts = {"entitlement": entitlement}
        queue(person.team_id, person.pk, None, MailKind.SEAT, facts, language=language, now=now)


def _has_address(person: Person) -> bool:
    return person.user_id is not None or is_email(person.key)
