"""
The audit log as it is shown: who did what, about whom, and when, with names in the place of numbers (quality T5).

Managing people shows names, and never a use or a pseudonym: rows about use and reports name nobody but who acted, and
of what a row keeps only what is listed here is told (quality P1).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser

from farebox.domain.audited import NAMING, VERBS, Area, seen_by
from farebox.domain.clock import Instant, as_iso
from farebox.domain.errors import NotFound
from farebox.domain.rights import Action, Cell, cell
from farebox.records import audit_log, privacy
from farebox.records.audit_log import Cursor, Wanted
from farebox.records.entered import AS_PRIMARY
from farebox.records.models import Audit
from farebox.records.standing import standing

PAGE = 50
EXPORT_MAX = 20_000
"""Rows of one file; an earlier part is had by its dates."""

OPERATOR = "operator"
_THINGS = ("account", "person", "group", "product", "client", "team")
_WORDS = ("before", "now", "was", "role", "reason", "status", "method", "writes", "days", "lines", "people")
"""What of any row's facts is shown."""

_TOKENS = ("tokens_micro", "tokens")
_OTHER_TEAM = ("to_team", "from_team")
_MOVED = frozenset(("pack.give", "move", "merge", "tokens.adjust"))
_MOVED |= {"tokens.offer", "tokens.offer.accept", "tokens.offer.refuse", "tokens.offer.withdraw"}
"""
What is done to tokens by hand, of which the amount is told.

Of a use or a person no sum is told: this page has names, and that is left to those who read the books (quality P1).
"""

_SPAN = ("since", "until")
"""What is shown of seats and trials beside: from when, and before when."""


class Thing(NamedTuple):
    """Something that a row is about: its kind, its number, and its name where it has one that may be shown."""

    kind: str
    number: int
    name: str = ""


class Row(NamedTuple):
    """A row of the log: when, who, what, about what, and how."""

    id: int
    at: Instant
    actor: Thing
    verb: str
    about: Thing
    facts: tuple[tuple[str, Thing | str | int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a log is asked for: about or by people with a name, of one verb or area, between two instants."""

    person: str = ""
    verbs: frozenset[str] | None = None
    since: Instant | None = None
    until: Instant | None = None
    before: Cursor | None = None


class Page(NamedTuple):
    """Rows of a log, the newest first, and where the next ones begin, if there are more."""

    rows: tuple[Row, ...]
    next: Cursor | None


def read(user: AbstractBaseUser, team: int, asked: Asked, *, limit: int = PAGE) -> Page:
    """Return rows of a team's log, as far as the reader's role sees it. Raises `Forbidden`, `NotFound`."""
    held = standing(user, team, Action.AUDIT)
    reveals = cell(held.role, Action.REVEAL) is not Cell.NO
    return _page(team, asked, seen_by(held.role), limit, names_operators=False, reveals=reveals)


def verbs_for(user: AbstractBaseUser, team: int) -> frozenset[str]:
    """Return the verbs that the reader of a team's log may see."""
    seen = seen_by(standing(user, team, Action.AUDIT).role)
    return frozenset(VERBS) if seen is None else seen


def read_any(user: AbstractBaseUser, team: int | None, asked: Asked, *, limit: int = PAGE) -> Page:
    """Return rows of the installation's log or of any team's, to its operators. Raises `NotFound` for others."""
    if not getattr(user, "is_operator", False):
        raise NotFound("there is no such log")
    return _page(team, asked, None, limit, names_operators=True, reveals=False)


def teams(user: AbstractBaseUser) -> list[tuple[int, str]]:
    """Return every team of the installation, to its operators. Raises `NotFound` for others."""
    if not getattr(user, "is_operator", False):
        raise NotFound("there is no such log")
    return audit_log.teams()


def lines(slug: str = "", *, limit: int) -> Iterator[dict[str, object]]:
    """
    Yield the newest rows of a team's log as they are, or without a team of the installation's: numbers, no names.

    For commands of the installation. Raises `NotFound` for an unknown team.
    """
    team = audit_log.team_of(slug) if slug else None
    if slug and team is None:
        raise NotFound(f"no team {slug!r}")
    before: Cursor | None = None
    while limit > 0 and (found := audit_log.rows(Wanted(team=team), before=before, limit=min(limit, EXPORT_MAX))):
        for row in found:
            yield {
                "id": row.pk,
                "at": as_iso(Instant(row.at_us)),
                "team": slug,
                "actor": row.actor,
                "verb": row.verb,
                "object": row.object,
                "facts": row.facts,
            }
        limit -= len(found)
        before = Instant(found[-1].at_us), found[-1].pk


def _page(
    team: int | None,
    asked: Asked,
    seen: Collection[str] | None,
    limit: int,
    *,
    names_operators: bool,
    reveals: bool,
) -> Page:
    verbs = asked.verbs if seen is None else frozenset(seen) & (frozenset(seen) if asked.verbs is None else asked.verbs)
    about = audit_log.people_like(asked.person, team) if asked.person else None
    wanted = Wanted(team=team, verbs=verbs, since=asked.since, until=asked.until, about=about)
    found = audit_log.rows(wanted, before=asked.before, limit=limit + 1)
    shown = found[:limit]
    more = (Instant(shown[-1].at_us), shown[-1].pk) if len(found) > limit else None
    return Page(tuple(_named(shown, team, names_operators=names_operators, reveals=reveals)), more)


def _named(rows: Sequence[Audit], team: int | None, *, names_operators: bool, reveals: bool) -> Iterator[Row]:
    """Yield rows with the names of what they are about, which are read for all of them together."""
    things = [[_thing(row.actor), _about(row), *(one for _, one in _things_of(row))] for row in rows]
    numbers: dict[str, set[int]] = {kind: set() for kind in audit_log.KINDS}
    for thing in (one for some in things for one in some):
        if thing.kind in numbers:
            numbers[thing.kind].add(thing.number)
    names = audit_log.names(numbers)
    acting = {actor.number for actor, *_ in things if actor.kind == "account" and not names_operators}
    operators = audit_log.operators_among(acting, team)
    for row, (actor, about, *_) in zip(rows, things, strict=True):
        by = Thing(OPERATOR, 0) if actor.kind == "account" and actor.number in operators else actor
        yield Row(
            row.pk,
            Instant(row.at_us),
            _with_name(by, names),
            row.verb,
            _with_name(about, names),
            tuple(_facts(row, names, reveals=reveals)),
        )


def _with_name(thing: Thing, names: dict[tuple[str, int], str]) -> Thing:
    return thing._replace(name=names.get((thing.kind, thing.number), thing.name))


def _thing(text: str) -> Thing:
    """Read "account 3" as an account with a number, and a word without one as itself."""
    kind, _, number = text.rpartition(" ")
    return Thing(kind, int(number)) if kind and number.isascii() and number.isdecimal() else Thing(text, 0)


def _about(row: Audit) -> Thing:
    """Return what a row is about; a person stays unnamed in what is about use and reports (P1)."""
    thing = _thing(row.object)
    return Thing("somebody", 0) if thing.kind == "person" and not _names_people(row) else thing


def _names_people(row: Audit) -> bool:
    return VERBS.get(row.verb, Area.TOKENS) in NAMING


def _things_of(row: Audit) -> list[tuple[str, Thing]]:
    """Return the things that a row's facts name, each with what it is there for."""
    kinds = {**{kind: kind for kind in _THINGS}, **dict.fromkeys(_OTHER_TEAM, "other team")}
    return [
        (name, Thing(kind, int(row.facts[name])))
        for name, kind in kinds.items()
        if isinstance(row.facts.get(name), int) and (name != "person" or _names_people(row))
    ]


def _of_tokens(row: Audit) -> Iterator[tuple[str, str | int]]:
    """Yield what is told of what somebody did to tokens by hand: how many, as whom, and what was proposed (P1)."""
    if row.verb.startswith("proposal.") and "kind" in row.facts:
        yield "kind", row.facts["kind"]
    if row.verb in _MOVED and _thing(row.object).kind != "person":
        yield from (("tokens", row.facts[name]) for name in _TOKENS if row.facts.get(name))
    if row.facts.get("as") == AS_PRIMARY:
        yield "as", AS_PRIMARY


def _facts(row: Audit, names: dict[tuple[str, int], str], *, reveals: bool) -> Iterator[tuple[str, Thing | str | int]]:
    """Yield what is told of a row; why a pseudonym was asked about often names it, so only who may ask reads it."""
    yield from _of_tokens(row)
    yield from ((name, _with_name(thing, names)) for name, thing in _things_of(row))
    if row.facts.get("product", 0) is None:
        yield "product", Thing("product", 0)  # all of the offer
    is_hidden = row.verb in (privacy.REVEAL, privacy.REVEAL_MISSED) and not reveals
    shown = (*_WORDS, *_SPAN) if _thing(row.object).kind == "entitlement" else _WORDS
    words = [name for name in shown if not (is_hidden and name == "reason")]
    yield from ((name, row.facts[name]) for name in words if row.facts.get(name) not in (None, ""))
