"""Who changed what: rows that are written in the transaction of the change, without anything about a person (T5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q

from farebox.domain.clock import HOUR, Instant
from farebox.records.models import Act, Audit
from farebox.records.models.ledger import ActKind

COMMAND = "command"
"""The actor of what was done at the command line of the installation."""

NOBODY = "nobody"
"""The actor of what was tried by somebody unknown."""

OFTEN = 1_000
MORE = ".more"


class Same(StrEnum):
    """What tells that something was caused again."""

    ACTOR = "actor"
    OBJECT = "object"


Facts = Mapping[str, str | int | None]


class Change(NamedTuple):
    """One change: whose books (None: the installation's), what was done, to what, and how; numbers, never names."""

    team: int | None
    verb: str
    object: str
    facts: Facts


def source(key: int) -> str:
    """Return the actor that a source key stands for; 0 is a command."""
    return f"source {key}" if key else COMMAND


def note(changes: Sequence[Change], actor: str, *, at: Instant) -> None:
    """Write one row for each change (invariant T5)."""
    if changes:
        Audit.objects.bulk_create(
            Audit(team_id=one.team, at_us=at, actor=actor, verb=one.verb, object=one.object, facts=dict(one.facts))
            for one in changes
        )


def note_some(change: Change, actor: str, *, of: Same, at: Instant) -> None:
    """
    Write one row of what anybody may cause as often as they like: at most `OFTEN` an hour of the same, then one more.

    The last one has the verb with `MORE` behind it: it says that the rest of the hour is not written down.
    """
    verbs = (change.verb, change.verb + MORE)
    log = Q(team_id__isnull=True) if change.team is None else Q(team_id=change.team)
    lately = Audit.objects.filter(log, at_us__gt=at - HOUR, verb__in=verbs)
    many = lately.filter(**{of: actor if of is Same.ACTOR else change.object}).count()
    if many < OFTEN:
        note([change], actor, at=at)
    elif many == OFTEN:
        note([change._replace(verb=change.verb + MORE)], actor, at=at)


def act(kind: ActKind, change: Change, actor: str, *, reason: str = "", at: Instant) -> int:
    """Write down what somebody did by hand, with its one row of the audit, and return its number."""
    assert change.team is not None, "what is done by hand is done in a team's books"
    done = Act.objects.create(
        team_id=change.team, kind=kind, actor=actor, reason=reason, facts=dict(change.facts), booked_us=at
    )
    note([change._replace(facts={**change.facts, "act": done.pk})], actor, at=at)
    return done.pk
