"""Balances: its tiles, its picture, and its tables."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from farebox.domain.alerts import is_low
from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.packs import Pool
from farebox.domain.periods import last_days
from farebox.query.plan import Question
from farebox.services.report import Readable
from farebox.services.token_events import TokenEventKind
from farebox.web import figures, present
from farebox.web.choice import Choice
from farebox.web.figures import Figure, Series, Words
from farebox.web.report import Command, command, where
from farebox.web.reports.balances import Asked, Balances, Tab
from farebox.web.reports.standing import Account, PackRow, PoolShare, run_out
from farebox.web.shown import balance_tables
from farebox.web.shown.token_words import EVENTS, POOLS, contract_label, pack_label, warning
from farebox.web.tables import Table

PICTURED_MAX = 12
"""Packs that the picture shows; the table has all."""


def tables(found: Balances, asked: Asked) -> tuple[Table, ...]:
    """Return the tables of the tab, the one that a file has first."""
    several = found.choice.is_all
    if asked.tab == Tab.EVENTS:
        hidden = found.choice.names_hidden
        return (balance_tables.events(found.events, asked.kind, several=several, names_hidden=hidden),)
    return balance_tables.packs(found.accounts), balance_tables.ended(found.accounts)


def own(found: Balances, asked: Asked) -> dict[str, Any]:
    """Return the variables of the page's own template."""
    standing = found.standing
    return {
        "balances": found,
        "standing": standing,
        "tabs": _tabs(asked),
        "warnings": warnings(found.accounts),
        "tiles": [] if found.choice.is_all else [_pool(one) for one in found.accounts[0].pools],
        "left_percent": left_of(standing.available, standing.held)[0],
        "added": present.signed(standing.added),
        "removed": present.signed(Tokens(-standing.removed)) if standing.removed else present.amount(ZERO),
        "contract_year_dates": present.dates(standing.year.days) if standing.year else "",
        "years": [{"year": one, "dates": present.dates(one.days)} for one in found.years],
        "kinds": _kinds(found, asked),
        "accounts": [line(account) for account in found.accounts] if found.choice.is_all else [],
        "picture": _picture([row for one in found.accounts for row in one.packs()], several=found.choice.is_all),
        "is_empty": all(account.is_new for account in found.accounts),
    }


def _tabs(asked: Asked) -> list[dict[str, object]]:
    names = {Tab.BALANCES: _("Balances"), Tab.EVENTS: _("Token events")}
    return [
        {"name": name, "address": asked.address(tab=tab, kind=None, search="", sort=""), "is_here": asked.tab == tab}
        for tab, name in names.items()
    ]


def _kinds(found: Balances, asked: Asked) -> list[dict[str, object]]:
    """Return the kinds of events that there are, each a link, and all of them first."""
    there = {row.event.kind for row in found.events} | ({asked.kind} if asked.kind else set())
    kinds: list[tuple[TokenEventKind | None, str]] = [(None, _("All"))]
    kinds += [(kind, str(name)) for kind, name in EVENTS.items() if kind in there]
    return [{"name": name, "address": asked.address(kind=kind), "is_here": asked.kind == kind} for kind, name in kinds]


def _pool(share: PoolShare) -> dict[str, object]:
    """Return the tile of a pool: what is left of it, how much that is, and where the rest is."""
    percent, drawn = left_of(share.left, share.held)
    return {
        "share": share,
        "name": POOLS[share.pool],
        "percent": percent,
        "meter": drawn,
        "pays_first": share.pool is Pool.CREDIT,
        "of_year": share.pool is Pool.CY,
        "pays_never": share.pool is Pool.MY,
    }


def left_of(left: Tokens, held: Tokens) -> tuple[str, str]:
    """Return how much is left as a percent and as a small bar; nothing where nothing was there."""
    if held <= 0:
        return "", ""
    percent = present.share(max(left, 0), held)
    return percent, figures.meter(_("%(percent)s left") % {"percent": percent}, max(left, 0), held)


def line(account: Account) -> dict[str, object]:
    """Return an account among several: its balance, its share, its run-out."""
    balance = account.books.balance
    percent, drawn = left_of(balance.available, balance.held)
    return {
        "account": account,
        "balance": balance,
        "is_low": is_low(balance.available, balance.held),
        "percent": percent,
        "meter": drawn,
        "run_out": run_out([account]),
    }


def warnings(accounts: Sequence[Account]) -> list[dict[str, object]]:
    """Return what to be warned of, the most urgent first, with whose it is where there are several."""
    found = [(alert, account) for account in accounts for alert in account.alerts]
    return [
        {
            "alert": alert,
            "text": warning(alert, at=account.at, pack=_packs(account).get(alert.pack, "")),
            "contract": account.contract if len(accounts) > 1 else None,
            "number": account.contract.number,
        }
        for alert, account in sorted(found, key=lambda one: one[0].urgency)
    ]


def _packs(account: Account) -> dict[int, str]:
    return {one.id: _("Pack %(number)s") % {"number": one.order_number or one.id} for one in account.books.packs}


def _picture(rows: Sequence[PackRow], *, several: bool) -> Figure:
    """Draw where the tokens of each pack are, and what of them will expire unused."""
    shown = rows[:PICTURED_MAX]
    lapsing = [row.fate.lapsed if row.fate else ZERO for row in shown]
    waiting = [row.holding.left if row.holding.pool is Pool.MY else ZERO for row in shown]
    gone = [lost + kept for lost, kept in zip(lapsing, waiting, strict=True)]
    parts = [
        Series(_("Left"), tuple(int(row.holding.left - less) for row, less in zip(shown, gone, strict=True))),
        Series(_("Left, by adjustment only"), tuple(map(int, waiting))),
        Series(_("Will expire unused"), tuple(map(int, lapsing))),
        Series(_("Reserved"), tuple(int(row.holding.reserved) for row in shown)),
        Series(_("Used"), tuple(int(row.holding.used) for row in shown), rest=True),
    ]
    words = Words(
        key="packs-picture",
        title=_("Where the tokens of each pack are"),
        place=_("Pack"),
        note=_("“Left” is what will be used before the pack ends, if use goes on as it was."),
        empty=_("There is no pack that has not ended."),
    )
    labels = [_labelled(row, several=several) for row in shown]
    return figures.shares(
        words, labels, [part for part in parts if any(part.values)] or parts, write=figures.tokens_rounded
    )


def _labelled(row: PackRow, *, several: bool) -> str:
    label = pack_label(row.holding.id, row.holding.order_number)
    return f"{label} · {row.contract.team}" if several else label


def commands(found: Balances) -> list[Command]:
    """
    Return the commands that ask the API for what it knows of this, each with what it gives: years, and uses.

    It has no packs, and foretells nothing.  (usage-api 4.2; product F8)
    """
    return [
        *(Command(_years(one), _ask_years(one)) for one in found.choice.chosen),
        *(_pace(account, found.as_of) for account in found.accounts),
    ]


def _years(contract: Readable) -> str:
    words = _("%(contract)s: the tokens of each contract year, as the usage API has them. It has no packs.")
    return words % {"contract": contract_label(contract)}


def _ask_years(contract: Readable) -> str:
    address = f"{settings.BASE_URL}/tokenflex/v1/contract/{quote(contract.number, safe='')}"
    return f'curl --silent --show-error {shlex.quote(address)} \\\n  --header "Authorization: Bearer $FAREBOX_TOKEN"'


def _pace(account: Account, at: Instant) -> Command:
    """Return the command that gives the tokens of which the pace is made (product F8)."""
    days, contract = account.outlook.pace.days, account.contract
    said = ngettext(
        "%(contract)s: the tokens used in the last %(days)s day, of which the pace is made",
        "%(contract)s: the tokens used in the last %(days)s days, of which the pace is made",
        days,
    )
    dates = last_days(day_of(at), days)
    asked = Question(metrics=("tokensConsumed",), where=where(dates, "usageCategory != 'MANUAL_ADJUSTMENT'"))
    words = said % {"contract": contract_label(contract), "days": present.count(days)}
    return Command(words, command(asked, Choice((contract,), (contract,))))
