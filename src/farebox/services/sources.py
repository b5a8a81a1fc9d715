"""Source keys: what a program shows to send events."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from farebox.domain.clock import MINUTE, SECOND, Instant
from farebox.domain.errors import Conflict, FareboxError, NotFound
from farebox.records import db
from farebox.records.catalogue import announce_change
from farebox.records.models import Source, Team

BELIEVED_US = SECOND
PREFIX = "fbs_"
SCOPES = ("events:write", "authorize")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """A key that may be used: its number, its team (None: the installation), and what it opens."""

    id: int
    team: int | None
    name: str
    scopes: frozenset[str]


def add(
    name: str,
    *,
    now: Instant,
    team: str | None = None,
    scopes: tuple[str, ...] = SCOPES,
    interval_minutes: int | None = None,
    heartbeats: bool = False,
) -> str:
    """
    Make a source and return its key, which is shown this once; only its hash is kept.

    Raises `NotFound` for an unknown team, `Conflict` for a name that the team has already.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    with db.atomic():
        owner = _team(team)
        if Source.objects.filter(team=owner, name=name).exists():
            raise Conflict(f"there is a source {name!r} already")
        Source.objects.create(
            team=owner,
            name=name,
            prefix=secret[:10],
            key_hash=_hash(secret),
            scopes=" ".join(scopes),
            interval_minutes=interval_minutes,
            heartbeats=heartbeats,
            created_us=now,
        )
        announce_change()
    return secret


def _team(slug: str | None) -> Team | None:
    if slug is None:
        return None
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise NotFound(f"no team {slug!r}")
    return team


def of_key(secret: str, *, now: Instant) -> SourceFacts | None:
    """
    Return the source that a key belongs to, or None for an unknown or revoked one.

    What was read is believed for a second: a key that another process revokes is refused a second later at most.
    """
    if not secret.startswith(PREFIX):
        return None
    key_hash = _hash(secret)
    believed = _believed.get(key_hash)
    if believed is not None and 0 <= now - believed[1] < BELIEVED_US:
        return believed[0]
    found = db.rows(
        "SELECT id, team_id, name, scopes, seen_us FROM records_source WHERE key_hash = %s AND revoked_us IS NULL",
        (key_hash,),
    )
    if not found:
        _believed.pop(key_hash, None)
        return None
    source, team, name, scopes, seen = found[0]
    if seen is None or now - seen > MINUTE:
        _note_seen(source, now)
    facts = SourceFacts(id=source, team=team, name=name, scopes=frozenset(scopes.split()))
    _believed[key_hash] = facts, now
    return facts


_believed: dict[bytes, tuple[SourceFacts, Instant]] = {}
"""Keys that were shown lately, and when they were read."""


def _note_seen(source: int, now: Instant) -> None:
    """Write down when a source was last heard of; a request does not fail because that cannot be written."""
    try:
        with db.atomic():
            db.execute("UPDATE records_source SET seen_us = %s WHERE id = %s", (now, source))
    except FareboxError:
        pass  # the next request tries again


def listed() -> list[Source]:
    """Return every source, by name."""
    return list(Source.objects.select_related("team").order_by("name", "pk"))


def revoke(name: str, *, team: str | None, now: Instant) -> None:
    """End a source's key at once. Raises `NotFound` where there is none."""
    with db.atomic():
        ended = Source.objects.filter(name=name, team=_team(team), revoked_us__isnull=True).update(revoked_us=now)
    _believed.clear()
    if not ended:
        raise NotFound(f"no source {name!r}")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
