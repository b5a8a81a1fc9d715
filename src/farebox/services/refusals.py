"""
What was refused to somebody, and who signed in or failed to: one row of the audit log for each (quality T5).

A row has numbers and the name of the address, never what was typed into it. Whoever tries without end fills no disk:
of the same, an hour has a thousand rows and one that says so.
"""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.domain.teams import email_or_empty
from farebox.records import audit, db
from farebox.records.audit import NOBODY, Same
from farebox.records.models import Application, User
from farebox.records.standing import log_of

ROUTE_MAX = 80


class Asked(NamedTuple):
    """Who asked for something by a token: the account, the team that the token is bound to, and the program."""

    account: int
    team: int | None = None
    client: str = ""


def refused(who: Asked, *, route: str, method: str, status: int, team: int | None, now: Instant) -> None:
    """
    Write down that somebody was refused; `team` is the one that they asked about.

    Another's team and one that does not exist leave the same row in the same log (quality T2).
    """
    facts: audit.Facts = {"method": method[:10], "status": status, **_program(who.client)}
    own = who.team if who.team is not None else log_of(who.account, team)
    change = audit.Change(own, "refused", route[:ROUTE_MAX], facts)
    with db.atomic():
        audit.note_some(change, f"account {who.account}", of=Same.ACTOR, at=now)


def _program(client: str) -> dict[str, int]:
    row = Application.objects.filter(client_id=client).values_list("pk", flat=True).first() if client else None
    return {} if row is None else {"client": row}


def happened(account: int, verb: str, *, now: Instant) -> None:
    """Write down what somebody did about their own sign-in."""
    with db.atomic():
        change = audit.Change(log_of(account), verb, f"account {account}", {})
        audit.note([change], f"account {account}", at=now)


def failed(address: str, *, now: Instant) -> None:
    """Write down that somebody could not sign in, with the account whose address was given, if it is one's."""
    account = User.objects.filter(email=email_or_empty(address)).values_list("pk", flat=True).first()
    _failed(account, "sign_in.failed", now)


def failed_factor(account: int, *, now: Instant) -> None:
    """Write down that somebody who knew the password had no second proof."""
    _failed(account, "second_factor.failed", now)


def _failed(account: int | None, verb: str, now: Instant) -> None:
    about = "account unknown" if account is None else f"account {account}"
    own = None if account is None else log_of(account)
    with db.atomic():
        audit.note_some(audit.Change(own, verb, about, {}), NOBODY, of=Same.OBJECT, at=now)
