"""
What the page Balances shows: the tokens of a contract, or of several, as the records have them at this very moment.

The words are made in `web.shown`. Nothing comes from the warehouse: a purchase
shows in the very next request.  (product F5, C5; domain §7, R7)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from farebox.domain.clock import Day, Instant
from farebox.domain.contracts import ContractYear
from farebox.domain.errors import Problem, Rejected
from farebox.services import token_events
from farebox.services import years as contract_years
from farebox.services.acting import acting_for
from farebox.services.report import Readable
from farebox.services.token_events import LISTED_US, TokenEvent, TokenEventKind
from farebox.web import question
from farebox.web.choice import Choice
from farebox.web.question import Offers, Question
from farebox.web.reports.standing import Account, Standing, account_of, standing


class Tab(StrEnum):
    """What the page shows: what is there, or what happened to it."""

    BALANCES = "balances"
    EVENTS = "events"


SORTS = {
    Tab.BALANCES: ("turn", "endDate", "startDate", "held", "used", "left", "expiresUnused"),
    Tab.EVENTS: ("-booked", "tokens", "event"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Question):
    """What the URL of the page asks: contract, tab, search, order, page, format, and which events."""

    kind: TokenEventKind | None = None

    def params(self) -> dict[str, str]:
        """Return the parameters of the question."""
        return Question.params(self) | ({"kind": str(self.kind)} if self.kind else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """A token event of a contract."""

    contract: Readable
    event: TokenEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """
    All that the page shows: the contracts chosen, their accounts, and what happened to their tokens in 90 days.

    `years` are those of the one enterprise contract that is chosen (domain N6).
    """

    choice: Choice
    as_of: Instant
    accounts: tuple[Account, ...]
    standing: Standing
    years: tuple[ContractYear, ...] = ()
    events: tuple[EventRow, ...] = ()


def read(params: Mapping[str, str], *, today: Day) -> Asked:
    """Read a URL. Raises `Rejected` with every problem that it has."""
    problems: list[Problem] = []
    tab, said = params.get("tab", ""), params.get("kind", "")
    offers = Offers(sorts=SORTS[Tab(tab) if tab in list(Tab) else Tab.BALANCES], tabs=tuple(Tab))
    if said and said not in list(TokenEventKind):
        known = ", ".join(TokenEventKind)
        problems.append(Problem("/kind", "unknown_kind", _("There is no such event. Choose one of: %s.") % known))
    try:
        found = question.read(params, today=today, offers=offers)
    except Rejected as error:
        raise Rejected([*error.problems, *problems]) from error
    if problems:
        raise Rejected(problems)
    plain = {name: getattr(found, name) for name in Question.__dataclass_fields__}
    return Asked(**plain, kind=TokenEventKind(said) if said else None)


def gather(choice: Choice, *, at: Instant, with_events: bool) -> Balances:
    """Gather the page for the contracts chosen, with what happened to their tokens where it is asked for."""
    accounts = tuple(account_of(contract, at=at) for contract in choice.chosen)
    rows = [row for contract in choice.chosen for row in _events(contract, at)] if with_events else []
    is_enterprise = not choice.is_all and accounts[0].books.balance.year is not None
    return Balances(
        choice=choice,
        as_of=at,
        accounts=accounts,
        standing=standing(accounts),
        years=_years(choice.one, at) if is_enterprise else (),
        events=tuple(rows),
    )


def _years(contract: Readable, at: Instant) -> tuple[ContractYear, ...]:
    with acting_for(contract.team_id):
        return contract_years.years(contract.number, at=at)


def _events(contract: Readable, at: Instant) -> Iterator[EventRow]:
    with acting_for(contract.team_id):
        found = token_events.token_events(contract.number, Instant(at - LISTED_US), Instant(at + 1))
    for event in found:
        yield EventRow(contract=contract, event=event)
