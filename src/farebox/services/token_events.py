"""What happened to a contract's tokens besides use, with who and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from farebox.domain.amounts import Tokens
from farebox.domain.clock import DAY, Instant
from farebox.domain.errors import NotFound
from farebox.domain.ledger import AccountKind
from farebox.records import db, turnover
from farebox.records.models import Contract, Pack, Team, User
from farebox.records.models.ledger import ActKind
from farebox.records.tenancy import everyone
from farebox.records.turnover import Cause, Flow

ACCOUNT = "account "
"""How an actor is written that is an account: this, and its number."""

LISTED_US = 90 * DAY
"""How far back token events are listed (product C5)."""


class TokenEventKind(StrEnum):
    """What happened to tokens without a use."""

    PURCHASED = "PURCHASED"
    MOVED_IN = "MOVED_IN"
    MOVED_OUT = "MOVED_OUT"
    MERGED_IN = "MERGED_IN"
    MERGED_OUT = "MERGED_OUT"
    ADJUSTED = "ADJUSTED"
    EXPIRED = "EXPIRED"
    BACK_FROM_LAPSE = "BACK_FROM_LAPSE"
    """A late use from a pack's lifetime was paid from what had lapsed (domain L5)."""
    COVERED = "COVERED"
    """
    A pack paid for what had been used before there were tokens (domain F8, N7).

    Above zero: such a use was taken back, and what had covered it came back to the pack (domain L5).
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEvent:
    """
    One thing that happened to a pack: tokens that came (above zero) or went, when they were booked, by whom and why.

    `team` is the slug of the other team of a move, `team_name` its name. `who` is the name of the account that acted,
    where the actor is an account. `pack` is 0 where an adjustment concerned no pack.
    """

    booked: Instant
    kind: TokenEventKind
    tokens: Tokens
    pool: str
    pack: int
    order_number: str
    actor: str
    who: str
    reason: str
    team: str
    team_name: str


def token_events(contract: str, since: Instant, until: Instant) -> list[TokenEvent]:
    """
    Return what happened to a contract's tokens besides use, booked from `since` on and before `until`, newest first.

    What one booking covered from one pack is one event, so is what came back to it of covered uses, and so is what it
    took back from one lapse. These events and the draws are all that changes what is left. Raises `NotFound`.
    """
    with db.reading():
        row = Contract.objects.filter(number=contract).first()
        if row is None:
            raise NotFound(f"no contract {contract}")
        span = {"after": Instant(since - 1), "until": Instant(until - 1)}
        flows = turnover.by_hand(row.team_id, row.pk, **span)
        flows += turnover.adjusting(row.pk, **span)
        flows += turnover.covering(row.team_id, row.pk, **span)
        return list(_told(flows))


def _told(flows: list[Flow]) -> Iterator[TokenEvent]:
    acts = turnover.causes_of_acts(sorted({flow.act for flow in flows if flow.act}))
    adjusting = sorted({flow.charge for flow in flows if flow.charge and flow.kind != "COVERED"})
    charges = turnover.causes_of_charges(adjusting)
    orders = dict(Pack.objects.filter(pk__in={flow.pack for flow in flows}).values_list("pk", "order_number"))
    teams = _teams({cause.team for _, cause in acts.values()})
    names = _accounts({cause.actor for _, cause in acts.values()})
    for together in _together(flows):
        first = together[0]
        did, cause = acts.get(first.act, ("", Cause("", "")))
        if first.kind != "COVERED":
            cause = charges.get(first.charge, cause)
        slug, name = teams.get(cause.team, ("", ""))
        yield TokenEvent(
            booked=first.booked,
            kind=_kind(first, did),
            tokens=Tokens(sum(flow.tokens for flow in together)),
            pool=first.pool,
            pack=first.pack,
            order_number=orders.get(first.pack, ""),
            actor=cause.actor,
            who=names.get(cause.actor, ""),
            reason=cause.reason,
            team=slug,
            team_name=name,
        )


def _teams(numbers: set[int]) -> dict[int, tuple[str, str]]:
    """Return slug and name of the teams that a team's own acts name; that much of another team both of them know."""
    with everyone():
        rows = Team.objects.filter(pk__in=numbers).values_list("pk", "slug", "name")
        return {number: (slug, name) for number, slug, name in rows}


def _accounts(actors: set[str]) -> dict[str, str]:
    """Return the names of the accounts among those who acted."""
    numbers = {int(actor.removeprefix(ACCOUNT)): actor for actor in actors if actor.startswith(ACCOUNT)}
    return {numbers[user.pk]: user.get_full_name() for user in User.objects.filter(pk__in=numbers)}


def _together(flows: Iterable[Flow]) -> list[list[Flow]]:
    """Put what one booking did to one pack for one reason together, the newest first."""

    def same(flow: Flow) -> tuple[int, int, str, bool, int, int]:
        caused = 0 if flow.kind == "COVERED" else flow.charge
        return flow.booked, flow.pack, flow.kind, flow.tokens > 0, flow.act, caused

    ordered = sorted(flows, key=lambda flow: (*same(flow), flow.number))
    groups = [list(together) for _, together in groupby(ordered, key=same)]
    return sorted(groups, key=lambda together: -together[0].number)


_IN_OR_OUT: Mapping[tuple[str, bool], TokenEventKind] = {
    (ActKind.MERGE, True): TokenEventKind.MERGED_IN,
    (ActKind.MERGE, False): TokenEventKind.MERGED_OUT,
    (ActKind.MOVE, True): TokenEventKind.MOVED_IN,
    (ActKind.MOVE, False): TokenEventKind.MOVED_OUT,
}
_KINDS: Mapping[str, TokenEventKind] = {
    AccountKind.OUTSIDE: TokenEventKind.PURCHASED,
    AccountKind.CONSUMED: TokenEventKind.COVERED,
    AccountKind.ADJUSTMENTS: TokenEventKind.ADJUSTED,
}


def _kind(flow: Flow, did: str) -> TokenEventKind:
    came = flow.tokens > 0
    if flow.other == AccountKind.OTHER_TEAMS:
        return _IN_OR_OUT[did, came]
    if flow.other == AccountKind.EXPIRED:
        return TokenEventKind.BACK_FROM_LAPSE if came else TokenEventKind.EXPIRED
    return _KINDS[flow.other]
