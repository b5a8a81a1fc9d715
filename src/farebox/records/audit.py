"""Who changed what: rows that are written in the transaction of the change, without anything about a person (T5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from farebox.domain.clock import Instant
from farebox.records.models import Act, Audit
from farebox.records.models.ledger import ActKind

COMMAND = "command"
"""The actor of what was done at the command line of the installation."""

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


def act(kind: ActKind, change: Change, actor: str, *, reason: str = "", at: Instant) -> int:
    """Write down what somebody did by hand, with its one row of the audit, and return its number."""
    assert change.team is not None, "what is done by hand is done in a team's books"
    done = Act.objects.create(
        team_id=change.team, kind=kind, actor=actor, reason=reason, facts=dict(change.facts), booked_us=at
    )
    note([change._replace(facts={**change.facts, "act": done.pk})], actor, at=at)
    return done.pk
