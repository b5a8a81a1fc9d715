"""Proposals of operators, and the one statement by which one is decided: two who are quick cannot both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from farebox.domain.approval import Kind, State, lapses
from farebox.domain.clock import Instant
from farebox.records import db
from farebox.records.models import Proposal


def add(kind: Kind, team: int, payload: Mapping[str, Any], *, by: str, key: str, at: Instant) -> Proposal:
    """Write down a proposal; call it in the transaction that audits it."""
    return Proposal.objects.create(
        team_id=team, kind=kind, payload=dict(payload), key=key, proposed_by=by, proposed_us=at, lapses_us=lapses(at)
    )


def decide(number: int, state: State, *, by: str, at: Instant) -> bool:
    """
    Decide an open proposal; tell whether this was what decided it.

    It is done by somebody else than its proposer, withdrawn by the proposer alone, and neither after it lapsed.
    """
    who = {State.DONE: "<>", State.REFUSED: "<>", State.WITHDRAWN: "="}[state]
    return bool(
        db.execute(
            "UPDATE records_proposal SET state = %s, decided_by = %s, decided_us = %s "
            f"WHERE id = %s AND state = 'OPEN' AND lapses_us > %s AND proposed_by {who} %s",
            (db.word(state), by, at, number, at, by),
        )
    )


def keep_answer(number: int, answer: Mapping[str, Any]) -> None:
    """Keep what came of a proposal that was carried out."""
    Proposal.objects.filter(pk=number).update(answer=dict(answer))
