"""
The domains of a team: claimed, proven by a text in the DNS, looked at again each day, and given back.

The text is `farebox-domain-proof=` and 32 random characters, at the domain itself. A domain is proven for one team at
a time, and for one provider: who owns it says with the text whose word counts for its people. A proof that has not been
found for a week has ended: whoever has the domain now is not vouched for by others.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

import dns.exception
import dns.resolver
from django.conf import settings
from django.db import IntegrityError

from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import Conflict, NotFound, Problem, QuotaExceeded, Rejected
from farebox.domain.rights import Action
from farebox.domain.teams import canonical
from farebox.records import audit, db, sign_ins, standing
from farebox.records.models import SsoConnection, SsoDomain, User

PROOF = "farebox-domain-proof="
DOMAINS_MAX = 50
CHECK_US = DAY
GRACE_US = 7 * DAY
"""How long a proof may be missing: a name server that is being moved does not lock a team out."""
SECONDS = 5.0
TEXTS_MAX = 200

_EVERYBODYS = frozenset(
    (
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com"),
        *("proton.me", "protonmail.com", "gmx.com", "gmx.net", "gmx.de", "web.de", "aol.com", "mail.com"),
        *("orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "telia.com"),
    )
)
"""Domains at which anybody has an address; no team's administrator can prove one, and none should try."""


class Found(StrEnum):
    """What the DNS said of a proof."""

    THERE = "there"
    MISSING = "missing"
    UNKNOWN = "unknown"
    """No name server answered; that proves nothing."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain as its page shows it; `text` is what has to be in the DNS."""

    pk: int
    domain: str
    text: str
    proven_us: int | None
    missed_us: int | None


def domains_of(user: User, team_id: int) -> list[Domain]:
    """Return the domains of a team by name, for those who may change them."""
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    rows = SsoDomain.objects.filter(team_id=team_id).order_by("domain")
    return [Domain(row.pk, row.domain, PROOF + row.challenge, row.proven_us, row.missed_us) for row in rows]


def claim(user: User, team_id: int, text: str, *, now: Instant) -> None:
    """
    Begin to prove a domain. Another team may have it now; only the proof decides.

    Raises `Rejected` for what is no domain of an organisation.
    """
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    domain = read_domain(text)
    with db.atomic():
        if SsoDomain.objects.filter(team_id=team_id).count() >= DOMAINS_MAX:
            raise QuotaExceeded(f"a team has at most {DOMAINS_MAX} domains")
        made = SsoDomain.objects.get_or_create(
            team_id=team_id,
            domain=domain,
            defaults={"challenge": secrets.token_urlsafe(24), "created_us": now},
        )
        if made[1]:
            _note(user, "sso.domain_claimed", made[0], now)


def read_domain(text: str) -> str:
    """Return the one form of a domain. Raises `Rejected`."""
    name = text.strip().removeprefix("@").rstrip(".")
    try:
        domain = canonical(f"x@{name}", pointer="/domain").partition("@")[2]
    except Rejected as error:
        message = "a domain is written like example.com"
        raise Rejected([Problem("/domain", "invalid_value", message)]) from error
    if domain in _EVERYBODYS:
        raise Rejected([Problem("/domain", "invalid_value", "anybody can have an address at this domain")])
    return domain


def prove(user: User, team_id: int, domain_id: int, *, keep: str = "", now: Instant) -> Found:
    """
    Look for the proof of a domain. Raises `Conflict` where another team has proven it, `NotFound` for another's.

    Where single sign-on is enforced, people of the domain sign in again, but for the session to `keep`. The DNS is
    asked outside of the transaction, so that a slow server makes nobody wait.
    """
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    row = SsoDomain.objects.filter(pk=domain_id, team_id=team_id).first()
    if row is None:
        raise NotFound("no such domain")
    found = look(row.domain, PROOF + row.challenge)
    if found is not Found.THERE:
        return found
    try:
        with db.atomic():
            proof = SsoDomain.objects.filter(pk=row.pk, challenge=row.challenge)  # of the provider that there was
            is_new = proof.filter(proven_us__isnull=True).update(proven_us=now, checked_us=now, missed_us=None)
            if is_new:
                _note(user, "sso.domain_proven", row, now)
                if SsoConnection.objects.filter(team_id=team_id, enforced=True).exists():
                    sign_ins.end_all_at([row.domain], keep=keep)
            elif not proof.update(checked_us=now, missed_us=None):
                return Found.MISSING
    except IntegrityError as error:
        raise Conflict("another team has proven this domain; its text has to leave the DNS first") from error
    return found


def drop(user: User, team_id: int, domain_id: int, *, now: Instant) -> None:
    """Give a domain back. Raises `Conflict` for the last one while single sign-on is enforced."""
    standing.standing(user, team_id, Action.SINGLE_SIGN_ON)
    with db.atomic():
        row = SsoDomain.objects.filter(pk=domain_id, team_id=team_id).first()
        if row is None:
            raise NotFound("no such domain")
        others = SsoDomain.objects.filter(team_id=team_id, proven_us__isnull=False).exclude(pk=row.pk)
        if row.proven_us and not others and SsoConnection.objects.filter(team_id=team_id, enforced=True).exists():
            raise Conflict("single sign-on is enforced for this domain; relax that first")
        _note(user, "sso.domain_dropped", row, now)
        row.delete()


def unprove(user: User, team_id: int, *, now: Instant) -> int:
    """Give each domain of a team another text, in the transaction that gives it another provider; return how many."""
    rows = list(SsoDomain.objects.select_for_update().filter(team_id=team_id).order_by("pk"))
    for row in rows:
        if row.proven_us is not None:
            _note(user, "sso.domain_lapsed", row, now)
        row.challenge = secrets.token_urlsafe(24)
        row.proven_us = row.checked_us = row.missed_us = None
        row.save()
    return len(rows)


def check_due(*, now: Instant) -> int:
    """Look again at proofs that have not been looked at for a day; return how many. Runs beside the requests."""
    due = SsoDomain.objects.filter(proven_us__isnull=False, checked_us__lte=now - CHECK_US)
    rows = list(due.order_by("checked_us")[:100])
    for row in rows:
        _check(row, look(row.domain, PROOF + row.challenge), now)
    return len(rows)


def _check(row: SsoDomain, found: Found, now: Instant) -> None:
    proof = SsoDomain.objects.filter(pk=row.pk, proven_us=row.proven_us, checked_us=row.checked_us)
    with db.atomic():
        if found is not Found.MISSING:
            proof.update(checked_us=now, **({"missed_us": None} if found is Found.THERE else {}))
            return
        missed = row.missed_us or now
        is_over = now - missed >= GRACE_US
        changed = proof.update(checked_us=now, missed_us=missed, proven_us=None if is_over else row.proven_us)
        if changed and is_over:
            _note(None, "sso.domain_lapsed", row, now)


def look(domain: str, text: str) -> Found:
    """Ask the DNS whether a domain has a text."""
    try:
        answer = _resolver().resolve(f"{domain}.", "TXT", lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Found.MISSING
    except (dns.exception.DNSException, OSError):
        return Found.UNKNOWN
    told = [b"".join(one.strings) for one in list(answer)[:TEXTS_MAX]]
    return Found.THERE if any(re.sub(rb"\s", b"", one) == text.encode() for one in told) else Found.MISSING


def _resolver() -> dns.resolver.Resolver:
    """Return who is asked: the servers of the setting, else the machine's."""
    if not settings.DNS_SERVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    places = [one.rpartition(":") if one.count(":") == 1 else (one, "", "53") for one in settings.DNS_SERVERS]
    resolver.nameservers = [host.strip() for host, _, _ in places]
    resolver.nameserver_ports = {host.strip(): int(port) for host, _, port in places}
    return resolver


def _note(user: User | None, verb: str, row: SsoDomain, now: Instant) -> None:
    actor = f"account {user.pk}" if user is not None else "job"
    audit.note([audit.Change(row.team_id, verb, f"domain {row.pk}", {})], actor, at=now)
