"""Source keys: what a program shows to send events."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.clock import MINUTE, SECOND, Instant
from farebox.domain.errors import Conflict, FareboxError, NotFound, Problem, Rejected, Taken
from farebox.domain.rights import Action
from farebox.records import audit, db
from farebox.records.catalogue import announce_change
from farebox.records.models import Source, Team
from farebox.records.roles import account_of
from farebox.records.standing import Account, standing

BELIEVED_US = SECOND
PREFIX = "fbs_"
SCOPES = ("events:write", "authorize")
SHOWN = 10
"""Characters of a key that are kept in clear, to know it by."""
NAME_MAX = 60
INTERVAL_MINUTES = 24 * 60
"""How often a source is expected to speak, where nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """A key that may be used: its number, its team (None: the installation), and what it opens."""

    id: int
    team: int | None
    name: str
    scopes: frozenset[str]


class Key(NamedTuple):
    """A team's key as its administrators see it: what shows it, what it opens, and when it was last heard of."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    made: Instant
    seen: Instant | None
    ended: Instant | None


def add(
    name: str,
    *,
    now: Instant,
    team: str | None = None,
    scopes: tuple[str, ...] = SCOPES,
    interval_minutes: int | None = None,
    heartbeats: bool = False,
    actor: str = audit.COMMAND,
) -> str:
    """
    Make a source and return its key, which is shown this once; only its hash is kept.

    Raises `NotFound` for an unknown team, `Taken` for a name that the team has already.
    """
    secret = _secret()
    with db.atomic():
        owner = _team(team)
        if Source.objects.filter(team=owner, name=name).exists():
            raise Taken(f"there is a source {name!r} already", pointer="/name", taken=name)
        row = Source.objects.create(
            team=owner,
            name=name,
            prefix=secret[:SHOWN],
            key_hash=_hash(secret),
            scopes=" ".join(scopes),
            interval_minutes=interval_minutes,
            heartbeats=heartbeats,
            created_us=now,
        )
        announce_change()
        _note(row, "source.add", actor, now)
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


def revoke(name: str, *, team: str | None, now: Instant, actor: str = audit.COMMAND) -> None:
    """End a source's key at once. Raises `NotFound` where there is none."""
    with db.atomic():
        row = Source.objects.filter(name=name, team=_team(team), revoked_us__isnull=True).first()
        if row is None or not Source.objects.filter(pk=row.pk, revoked_us__isnull=True).update(revoked_us=now):
            raise NotFound(f"no source {name!r}")
        _note(row, "source.revoke", actor, now)
    _believed.clear()


def keys_of(user: Account, team_id: int) -> list[Key]:
    """Return the keys of a team, those in force first, by name (quality: authorization matrix)."""
    standing(user, team_id, Action.SOURCE_KEYS)
    found = [_key(row) for row in Source.objects.filter(team_id=team_id).order_by("name", "pk")]
    return sorted(found, key=lambda one: one.ended is not None)


def key_of(user: Account, team_id: int, source: int) -> Key:
    """Return a key in force of a team. Raises `NotFound` for one that has ended, is another team's, or never was."""
    standing(user, team_id, Action.SOURCE_KEYS)
    return _key(_in_force(team_id, source))


def make_for(user: Account, team_id: int, name: str, scopes: Collection[str], *, now: Instant) -> str:
    """
    Make a key of a team for one of its administrators, and return it; it is shown this once.

    Raises `Rejected` for a name or scopes that cannot be, `Conflict` for a name that the team has or had a key of.
    """
    team = standing(user, team_id, Action.SOURCE_KEYS).slug
    name = " ".join(name.split())
    problems = list(_problems(name, scopes))
    if problems:
        raise Rejected(problems)
    kept = tuple(scope for scope in SCOPES if scope in scopes)
    return add(name, team=team, scopes=kept, interval_minutes=INTERVAL_MINUTES, actor=account_of(user), now=now)


def rotate_for(user: Account, team_id: int, source: int, *, instead_of: str = "", now: Instant) -> str:
    """
    Give a source another key and return it; the one before is refused at once.

    Raises `Conflict` where `instead_of` are not the first characters of the key of now: somebody was faster.
    """
    standing(user, team_id, Action.SOURCE_KEYS)
    secret = _secret()
    with db.atomic():
        row = _in_force(team_id, source)
        changed = Source.objects.filter(pk=row.pk, prefix=instead_of or row.prefix, revoked_us__isnull=True).update(
            prefix=secret[:SHOWN], key_hash=_hash(secret)
        )
        if not changed:
            raise Conflict("the source has another key already")
        _note(row, "source.rotate", account_of(user), now)
    _believed.clear()
    return secret


def end_for(user: Account, team_id: int, source: int, *, now: Instant) -> None:
    """End a key of a team at once. Raises `NotFound` for one that has ended, is another team's, or never was."""
    slug = standing(user, team_id, Action.SOURCE_KEYS).slug
    revoke(_in_force(team_id, source).name, team=slug, now=now, actor=account_of(user))


def _problems(name: str, scopes: Collection[str]) -> Iterator[Problem]:
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        yield Problem("/name", "invalid_value", f"a name has 1 to {NAME_MAX} printable characters")
    if not scopes or not set(scopes) <= set(SCOPES):
        yield Problem("/scopes", "invalid_value", f"known are {', '.join(SCOPES)}")


def _in_force(team_id: int, source: int) -> Source:
    row = Source.objects.filter(pk=source, team_id=team_id, revoked_us__isnull=True).first()
    if row is None:
        raise NotFound("no such source in this team")
    return row


def _key(row: Source) -> Key:
    return Key(
        id=row.pk,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes.split()),
        made=Instant(row.created_us),
        seen=None if row.seen_us is None else Instant(row.seen_us),
        ended=None if row.revoked_us is None else Instant(row.revoked_us),
    )


def _secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _note(row: Source, verb: str, actor: str, now: Instant) -> None:
    audit.note([audit.Change(row.team_id, verb, f"source {row.pk}", {})], actor, at=now)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
