"""What sources tell, thrown with seeded dice: sessions of two teams, amended and withdrawn, and packs beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.world import World

from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, as_iso, read_instant
from farebox.domain.packs import Pool
from farebox.services.give import Purchase, give
from farebox.services.ingest import SourceKey, ingest

FIRST = read_instant("2026-03-02T00:00:00Z")
"""When the first of them may begin."""

PEOPLE = tuple(f"p{nth}@example.com" for nth in range(6))
LENGTHS = (0, 3, 5, 6, 20, 60, 240, 600, 1439, 1440, 1441, 3000)
"""Minutes, often at the edges of the rules."""


@dataclass(frozen=True)
class Sent:
    """One event as it is sent: for which team, under which identity, when it is true, and its text."""

    ent: bool
    id: str
    revision: int
    since: Instant
    raw: bytes


def write(kind: str, name: str, revision: int, subject: str, at: Instant, data: dict[str, Any]) -> bytes:
    """Write an event of a kind."""
    envelope = {"specversion": "1.0", "id": name, "source": "dice", "type": kind, "time": as_iso(at)}
    return json.dumps({**envelope, "revision": revision, "subject": subject, "data": data}).encode()


def throw(dice: Random, name: str, *, days: int) -> list[Sent]:
    """Throw one session: most are told once, some are amended, and some of those withdrawn."""
    ent = dice.random() < 0.4
    revisions = dice.choice((1, 1, 1, 1, 2, 3))
    told = [_session(dice, ent, name, revision, days) for revision in range(revisions)]
    if dice.random() < 0.15:
        told.append(Sent(ent, name, revisions, FIRST, write("farebox.withdrawal", name, revisions, "", FIRST, {})))
    return told


def _session(dice: Random, ent: bool, name: str, revision: int, days: int) -> Sent:
    hour = dice.random() < 0.5
    since = Instant(FIRST + (dice.randrange(days * 24) * HOUR if hour else dice.randrange(days * 1440) * MINUTE))
    until = Instant(since + dice.choice(LENGTHS) * MINUTE)
    data: dict[str, Any] = {"product": dice.choice("AABZ"), "start": as_iso(since), "end": as_iso(until)}
    if ent:
        data["utcOffset"] = dice.choice(("+0:00", "+9:00", "-7:00", "+5:30"))
    elif dice.random() < 0.3:
        data["active"] = [{"start": as_iso(since), "end": as_iso(Instant(since + dice.randrange(120) * MINUTE))}]
    return Sent(ent, name, revision, since, write("farebox.session", name, revision, dice.choice(PEOPLE), since, data))


def some(dice: Random, count: int, *, days: int) -> list[Sent]:
    """Throw so many sessions, with their amendments, in the order in which they were made."""
    return [sent for nth in range(count) for sent in throw(dice, f"s{nth}", days=days)]


def shuffled(dice: Random, sent: Sequence[Sent], *, copies: int = 1) -> list[Sent]:
    """Return everything in any order, each from once to `copies` times."""
    many = [one for one in sent for _ in range(dice.randint(1, copies))]
    dice.shuffle(many)
    return many


def cut(dice: Random, sent: Sequence[Sent], *, most: int) -> list[list[Sent]]:
    """Cut a delivery into requests of one team each, of at most so many events."""
    requests, since = [], 0
    while since < len(sent):
        until = since + dice.randint(1, most)
        for ent in (False, True):
            of_team = [one for one in sent[since:until] if one.ent is ent]
            if of_team:
                requests.append(of_team)
        since = until
    return requests


def deliver(world: World, request: Sequence[Sent], *, now: Instant) -> list[Sent]:
    """Send one request; return what a careful client sends again: withdrawals of what did not arrive yet."""
    team = world.ent if request[0].ent else world.flex
    receipt = ingest([one.raw for one in request], key=SourceKey(0, team.pk), now=now)
    again = []
    for one, verdict in zip(request, receipt.verdicts, strict=True):
        if verdict.state == "rejected":
            assert [problem.code for problem in verdict.problems] == ["withdraws_nothing"], verdict
            again.append(one)
    return again


def buy(world: World, dice: Random, *, days: int, now: Instant) -> str:
    """Give a small pack that starts and ends somewhere in the days of the sessions."""
    ent = dice.random() < 0.4
    since = Instant(FIRST + dice.randrange(days) * DAY)
    contract = world.ent_contract if ent else world.flex_contract
    pool = Pool.CY if ent else Pool.FLEX
    amount = tokens(str(dice.randint(5, 60)))
    until = Instant(since + dice.randint(1, days) * DAY)
    give(Purchase(contract=contract.number, pool=pool, tokens=amount, since=since, until=until), now=now)
    return as_text(amount)
