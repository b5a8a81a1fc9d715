"""
The entries by hand of a team, as its operators and its primary administrator look at them.

Where the team hides names, a person beside a use is nobody's to read but theirs who typed the name: a pseudonym beside
it would say whose that is, and a mark for some would say who is known (quality P1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, assert_never

from farebox.domain.amounts import Tokens, tokens
from farebox.domain.clock import Day, day
from farebox.domain.errors import NotFound, Rejected
from farebox.domain.packs import Pool
from farebox.domain.teams import canonical
from farebox.domain.usage_report import HIDDEN
from farebox.records import audit_log, chosen, db, entered
from farebox.records.catalogue import snapshot
from farebox.records.entered import Account, EntryRow, Hands
from farebox.records.models import Team
from farebox.records.models.events import EventState
from farebox.services.ingest.by_hand import is_from_form
from farebox.services.ingest.wire import BY_HAND_SOURCE, AdjustmentData, ConsumptionData, read_payload

PER_PAGE = 50


class Status(StrEnum):
    """What has become of an entry."""

    COUNTS = "COUNTS"
    AMENDED = "AMENDED"
    """It counts as it was amended."""
    WAITS = "WAITS"
    WITHDRAWN = "WITHDRAWN"


class By(NamedTuple):
    """Who did something: the actor of the audit, empty where nobody knows, with the account where it is one."""

    actor: str
    account: Account | None = None
    is_operator: bool = False
    """Whether the account is an operator who is nobody in the team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """
    An entry by hand: the change of a pool, or the use of a product by somebody.

    `tokens` is what it adds to the tokens of the team as it was entered: below zero where it takes or uses them; None
    where units wait for their rate. `who` is empty for a change of a pool, and a mark where the reader may not know.
    """

    number: int
    id: str
    revision: int
    status: Status
    pool: Pool | None
    who: str
    product: str
    tokens: Tokens | None
    units: Tokens | None
    on: Day
    reason: str
    by: By
    as_primary: bool
    withdrawn_by: By
    is_closed: bool

    @property
    def is_withdrawable(self) -> bool:
        """Whether it can be withdrawn; what closed books count cannot: their totals never change (domain L5a)."""
        return self.status is not Status.WITHDRAWN and not self.is_closed

    @property
    def is_primarys(self) -> bool:
        """Whether it stands as a primary administrator of the team entered it."""
        return self.as_primary and self.status in (Status.COUNTS, Status.WAITS) and not self.revision


class Page(NamedTuple):
    """A page of the entries of a team, the newest first."""

    entries: tuple[Listed, ...]
    names_hidden: bool
    found: int
    page: int
    pages: int


def listed(team: int, *, reader: int = 0, page: int = 1) -> Page:
    """Return a page of the entries of a team, for the account that reads it; beyond the last one the last one."""
    with db.reading():
        found = entered.count(team, BY_HAND_SOURCE)
        pages = max(1, -(-found // PER_PAGE))
        page = min(max(page, 1), pages)
        rows = entered.page(team, BY_HAND_SOURCE, after=(page - 1) * PER_PAGE, limit=PER_PAGE)
        is_hidden = _is_hidden(team)
        return Page(tuple(_shown(team, rows, reader, is_hidden=is_hidden)), is_hidden, found, page, pages)


def one(team: int, number: int, *, reader: int = 0) -> Listed:
    """Return an entry of a team, for the account that reads it. Raises `NotFound`."""
    with db.reading():
        row = entered.one(team, BY_HAND_SOURCE, pk=number)
        if row is None:
            raise NotFound("no such entry in this team")
        return _shown(team, [row], reader, is_hidden=_is_hidden(team))[0]


def under(team: int, id: str, *, reader: int, source: str = BY_HAND_SOURCE) -> Listed | None:  # noqa: A002
    """Return the entry that a team has under an id, if it has one; `source` is a program's that sent it."""
    reader = reader if source == BY_HAND_SOURCE else 0  # the ids of programs are their own
    with db.reading():
        row = entered.one(team, source, event_id=id)
        return next(iter(_shown(team, [row], reader, is_hidden=_is_hidden(team))), None) if row else None


def said_of(team: int, typed: str, *, is_own: bool) -> str:
    """Return how an entry that is only proposed speaks of a person, to who typed the name or to others (quality P1)."""
    with db.reading():
        return _People(entered.people(team, [_key(typed)]), _is_hidden(team)).who(typed, is_own=is_own)


def _is_hidden(team: int) -> bool:
    return Team.objects.get(pk=team).names_hidden


def _shown(team: int, rows: list[EntryRow], reader: int, *, is_hidden: bool) -> list[Listed]:
    told = [(row, data) for row in rows if (data := _told(row)) is not None]
    uses = [data for _row, data in told if isinstance(data, ConsumptionData)]
    hands = entered.hands(team, rows)
    known = _People(entered.people(team, [_key(data.person) for data in uses]), is_hidden)
    actors = _actors(team, hands.values())
    products = _products(data.product for data in uses)
    return [
        _line(row, data, hands.get(row.event, Hands()), known.of(row, data, reader), products, actors)
        for row, data in told
    ]


def _told(row: EntryRow) -> AdjustmentData | ConsumptionData | None:
    data = read_payload(BY_HAND_SOURCE, row.id, row.kind, row.payload).data
    return data if isinstance(data, AdjustmentData | ConsumptionData) else None


class _People(NamedTuple):
    """The names of the people that entries are about, by their canonical names."""

    known: Mapping[str, str]
    is_hidden: bool

    def of(self, row: EntryRow, told: AdjustmentData | ConsumptionData, reader: int) -> str:
        """Return whom an entry is about, for a reader; what amends one is a command's, whoever entered it first."""
        is_own = not row.told and is_from_form(row.id, reader)
        return self.who(told.person, is_own=is_own) if isinstance(told, ConsumptionData) else ""

    def who(self, typed: str, *, is_own: bool) -> str:
        """Return who somebody is; where names are hidden as it was typed to who typed it, and a mark to all others."""
        if self.is_hidden:
            return typed if is_own else HIDDEN
        return self.known.get(_key(typed), typed)


def _key(typed: str) -> str:
    try:
        return canonical(typed)
    except Rejected:  # it was checked as it came, by the rules of then
        return typed


def _actors(team: int, hands: Iterable[Hands]) -> Mapping[str, By]:
    """Return those who did something, by the actor of the audit."""
    actors = {actor for hand in hands for actor in (hand.by, hand.withdrawn_by)}
    numbers = {int(actor.removeprefix("account ")) for actor in actors if actor.startswith("account ")}
    operators = audit_log.operators_among(numbers, team)
    found = {
        f"account {number}": By(f"account {number}", account, number in operators)
        for number, account in entered.accounts(sorted(numbers)).items()
    }
    return {actor: By(actor) for actor in actors} | found


def _products(typed: Iterable[str]) -> Mapping[str, str]:
    """Return the names of the products that entries are about, by what was typed; nothing of unknown ones."""
    codes = snapshot().codes
    numbers = {text: codes[text][0] for text in typed if text in codes}
    names = {thing.id: thing.name for thing in chosen.things(set(numbers.values()))}
    return {text: names[number] for text, number in numbers.items() if number in names}


def _line(
    row: EntryRow,
    told: AdjustmentData | ConsumptionData,
    hands: Hands,
    who: str,
    products: Mapping[str, str],
    actors: Mapping[str, By],
) -> Listed:
    use = told if isinstance(told, ConsumptionData) else None
    return Listed(
        number=row.event,
        id=row.id,
        revision=row.revision,
        status=_status(row),
        pool=None if isinstance(told, ConsumptionData) else Pool(told.pool),
        who=who,
        product="" if use is None else products.get(use.product, use.product),
        tokens=_tokens(row, told),
        units=None if use is None or use.quantity is None else tokens(use.quantity),
        on=day(told.transactionDate),
        reason=told.reasonType,
        by=actors.get(hands.by, By("")),
        as_primary=hands.as_primary,
        withdrawn_by=actors.get(hands.withdrawn_by, By("")),
        is_closed=row.is_closed,
    )


def _status(row: EntryRow) -> Status:
    match row.state:
        case EventState.WITHDRAWN:
            return Status.WITHDRAWN
        case EventState.QUARANTINED:
            return Status.WAITS
        case EventState.ACCEPTED:
            return Status.AMENDED if row.revision else Status.COUNTS
        case _:
            assert_never(row.state)


def _tokens(row: EntryRow, told: AdjustmentData | ConsumptionData) -> Tokens | None:
    if isinstance(told, AdjustmentData):
        return tokens(told.tokens)
    if told.tokens is not None:
        return Tokens(-tokens(told.tokens))
    return None if row.tokens is None else Tokens(-row.tokens)
