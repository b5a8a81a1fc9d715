"""
The ledger as a journal of plain-text accounting, for beancount to prove without us.

Every entry is a transaction on the day on which it was booked, and at the end stands what our own books say each
account holds, to the millionth: a journal that loads without an error adds up. It says nothing about a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from farebox.domain.amounts import MICRO
from farebox.domain.chain import Chained
from farebox.domain.clock import Day, Instant, as_date, as_iso, day_of
from farebox.domain.errors import NotFound
from farebox.domain.ids import charged_item_id
from farebox.records import chain, journal, verify
from farebox.records.chain import Head
from farebox.records.journal import AccountRow

COMMODITY = "TOKEN"

_HEADER = f'option "title" "Farebox ledger"\noption "operating_currency" "{COMMODITY}"\n'

_NAMES = {
    "PACK": "Assets:{team}:{pool}:Pack:{pack}",
    "RESERVED": "Assets:{team}:{pool}:Reserved",
    "CONSUMED": "Expenses:{team}:{pool}:Consumed",
    "EXPIRED": "Expenses:{team}:{pool}:Expired",
    "ADJUSTMENTS": "Equity:{team}:{pool}:Adjustments",
    "OVER_CONSUMPTION": "Equity:{team}:{pool}:OverConsumption",
    "OTHER_TEAMS": "Equity:{team}:{pool}:OtherTeams",
    "OUTSIDE": "Equity:{team}:{pool}:Outside",
}
"""What each kind of account is called in the journal."""


def beancount(*, team: str = "") -> Iterator[str]:
    """Return the journal of one team, or of all, in pieces. Raises `NotFound` for a team without a ledger."""
    heads = [head for head in chain.heads() if team in ("", head.slug)]
    if team and not heads:
        raise NotFound(f"no team {team} with a ledger")
    return _journal(heads)


def _journal(heads: Sequence[Head]) -> Iterator[str]:
    with verify.one_position():
        yield _HEADER
        for head in heads:
            yield from _of_team(head)


def _of_team(head: Head) -> Iterator[str]:
    team = _component(head.slug)
    accounts = journal.accounts(head.team)
    for account in accounts:
        name = _name(team, account.pool, account.kind, account.pack)
        yield f"\n{_date(day_of(account.since))} open {name} {COMMODITY}"
    yield "\n"
    last = Day(0)
    for entry in chain.all_entries(head.team):
        last = max(last, day_of(Instant(entry.booked_us)))
        yield _transaction(team, entry)
    for account in accounts:
        yield _balance(team, account, Day(last + 1))


def _component(slug: str) -> str:
    """Return a slug as a part of an account's name, which starts with a capital letter."""
    return f"Team-{slug}"


def _name(team: str, pool: str | None, kind: str | None, pack: int) -> str:
    return _NAMES.get(kind or "", "Equity:{team}:{pool}:Unknown").format(team=team, pool=pool, pack=pack)


def _transaction(team: str, entry: Chained) -> str:
    """Write an entry; its own instant, and what caused it, are its metadata."""
    source = _name(team, entry.source_pool, entry.source, entry.source_pack)
    target = _name(team, entry.target_pool, entry.target, entry.target_pack)
    amount = _amount(entry.tokens_micro)
    return (
        f'\n{_date(day_of(Instant(entry.booked_us)))} * "{entry.kind}"\n  number: {entry.number}\n'
        f'  at: "{as_iso(Instant(entry.at_us))}"\n{_cause(entry)}  {source}  -{amount}\n  {target}  {amount}\n'
    )


def _cause(entry: Chained) -> str:
    if entry.charge:
        return f'  charge: "{charged_item_id(entry.charge)}"\n'
    if entry.hold:
        return f"  hold: {entry.hold}\n"
    return f"  act: {entry.act}\n" if entry.act else ""


def _balance(team: str, account: AccountRow, on: Day) -> str:
    """Write what an account holds at the start of a day; beancount allows nothing beside it."""
    name = _name(team, account.pool, account.kind, account.pack)
    sign = "-" if account.tokens_micro < 0 else ""
    amount = _amount(abs(account.tokens_micro)).removesuffix(f" {COMMODITY}")
    return f"\n{_date(on)} balance {name} {sign}{amount} ~ 0 {COMMODITY}\n"


def _amount(tokens_micro: int) -> str:
    whole, part = divmod(tokens_micro, MICRO)
    return f"{whole}.{part:06d} {COMMODITY}"


def _date(on: Day) -> str:
    return as_date(on).isoformat()
