"""The tables of the page Balances: packs and token events, typed, so that page and file are made of the same rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant, day_of
from farebox.domain.packs import Pool
from farebox.services.token_events import TokenEventKind
from farebox.web import figures, present
from farebox.web.reports.balances import SORTS, EventRow, Tab
from farebox.web.reports.standing import Account, PackRow
from farebox.web.shown.token_words import POOLS, contract_label, event_label, in_days, major, money, pack_label, who
from farebox.web.tables import Cell, Column, Kind, Row, Table


def packs(accounts: Sequence[Account]) -> Table:
    """Return the packs that have not ended, in the order in which they are drawn from."""
    rows = [(row, account.at) for account in accounts for row in account.packs()]
    holdings = [row.holding for row, _at in rows]
    columns = (
        Column(name="contractNumber", label=_("Contract"), shown=False),
        Column(name="pool", label=_("Token pool"), shown=False),
        Column(name="pack", label=_("Pack")),
        Column(name="turn", label=_("Order of use"), kind=Kind.COUNT),
        Column(name="price", label=_("Price"), shown=any(one.price_minor is not None for one in holdings)),
        Column(name="currency", label=_("Currency"), shown=False),
        Column(name="held", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="used", label=_("Used"), kind=Kind.TOKENS),
        Column(name="reserved", label=_("Reserved"), kind=Kind.TOKENS, shown=any(one.reserved for one in holdings)),
        Column(name="left", label=_("Left"), kind=Kind.TOKENS),
        Column(name="startDate", label=_("Start"), kind=Kind.MOMENT),
        Column(name="endDate", label=_("End"), kind=Kind.MOMENT),
        Column(name="expiresUnused", label=_("Expires unused"), kind=Kind.TOKENS),
    )
    return Table(
        key="packs",
        title=_("Packs"),
        columns=columns,
        rows=tuple(_pack(row, at, several=len(accounts) > 1) for row, at in rows),
        sorts=SORTS[Tab.BALANCES],
        empty=_("There is no pack that has not ended."),
    )


def _pack(row: PackRow, at: Instant, *, several: bool) -> Row:
    one = row.holding
    priced = one.price_minor is not None
    return (
        Cell(row.contract.number),
        Cell(one.pool),
        Cell(pack_label(one.id, one.order_number), note=_note(row, several=several)),
        Cell(row.turn or None, words=_turn(row, at)),
        Cell(
            str(major(one.price_minor or 0, one.currency)) if priced else None,
            words=money(one.price_minor or 0, one.currency) if priced else "",
        ),
        Cell(one.currency or None),
        Cell(one.held),
        Cell(one.used),
        Cell(one.reserved),
        Cell(one.left, drawn=figures.meter(_share(one.left, one.held), one.left, one.held)),
        Cell(one.since, words=_date(one.since)),
        Cell(one.until, words=_date(one.until), note=_ends(row, at)),
        Cell(row.fate.lapsed if row.fate else None, words=present.rounded(row.fate.lapsed) if row.fate else ""),
    )


def _date(at: Instant) -> str:
    """Write a date that stays on one line."""
    return present.short_date(day_of(at)).replace(" ", "\u00a0")


def _note(row: PackRow, *, several: bool) -> str:
    """Say which pool a pack is of, of what purchase it is a part (domain L6), and whose it is among several."""
    one = row.holding
    part = _("of a purchase of %(tokens)s") % {"tokens": present.amount(one.size)} if one.held != one.size else ""
    return " · ".join(filter(None, (str(POOLS[one.pool]), part, contract_label(row.contract) if several else "")))


def _turn(row: PackRow, at: Instant) -> str:
    """Say when a pack is drawn from (domain L1)."""
    one = row.holding
    if row.turn:
        return _("now") if row.turn == 1 else present.count(row.turn)
    if one.since > at:
        return _("later")
    if one.pool is Pool.MY:
        return _("by adjustment only")
    return _("empty")


def _share(left: Tokens, held: Tokens) -> str:
    percent = present.share(left, held) if held > 0 else present.count(0)
    return _("%(percent)s left") % {"percent": percent}


def _ends(row: PackRow, at: Instant) -> str:
    """Say how far away a pack's end is, and when it will be used up at the present pace, where it will."""
    ends = _("ends %(when)s") % {"when": in_days(row.holding.until, at)}
    emptied = row.fate.emptied if row.fate else None
    if emptied is None:
        return ends
    emptied_about = _("used up about %(date)s") % {"date": _date(emptied)}
    return f"{ends} · {emptied_about}"


def ended(accounts: Sequence[Account]) -> Table:
    """Return the packs that ended within a year, the latest first."""
    several = len(accounts) > 1
    columns = (
        Column(name="pack", label=_("Pack")),
        Column(name="held", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="used", label=_("Used"), kind=Kind.TOKENS),
        Column(name="lapsed", label=_("Expired unused"), kind=Kind.TOKENS),
        Column(name="startDate", label=_("Start"), kind=Kind.MOMENT),
        Column(name="endDate", label=_("End"), kind=Kind.MOMENT),
    )
    rows = (_ended(row, account.at, several=several) for account in accounts for row in account.ended())
    return Table(key="ended", title=_("Packs that ended within a year"), columns=columns, rows=tuple(rows))


def _ended(row: PackRow, at: Instant, *, several: bool) -> Row:
    one = row.holding
    return (
        Cell(pack_label(one.id, one.order_number), note=_note(row, several=several)),
        Cell(one.held),
        Cell(one.used),
        Cell(one.lapsed),
        Cell(one.since, words=_date(one.since)),
        Cell(one.until, words=_date(one.until), note=in_days(one.until, at)),
    )


def events(rows: Sequence[EventRow], kind: TokenEventKind | None, *, several: bool, names_hidden: bool) -> Table:
    """Return what happened to tokens without use, of one kind or all."""
    shown = [row for row in rows if kind in (None, row.event.kind)]
    columns = (
        Column(name="contractNumber", label=_("Contract"), shown=False),
        Column(name="booked", label=_("When"), kind=Kind.MOMENT),
        Column(name="event", label=_("What happened")),
        Column(name="tokens", label=_("Tokens"), kind=Kind.TOKENS),
        Column(name="pool", label=_("Token pool"), shown=False),
        Column(name="pack", label=_("Pack")),
        Column(name="otherTeam", label=_("Other team"), shown=any(row.event.team_name for row in shown)),
        Column(name="who", label=_("Who")),
        Column(name="reason", label=_("Reason"), shown=any(row.event.reason for row in shown)),
    )
    return Table(
        key="events",
        title=_("Token events, last 90 days"),
        columns=columns,
        rows=tuple(_event(row, several=several, names_hidden=names_hidden) for row in shown),
        sorts=SORTS[Tab.EVENTS],
        empty=_("Nothing happened to tokens in the last 90 days, besides use.")
        if kind is None
        else _("There is no such event in the last 90 days."),
    )


def _event(row: EventRow, *, several: bool, names_hidden: bool) -> Row:
    one = row.event
    packed = pack_label(one.pack, one.order_number) if one.pack else ""
    note = contract_label(row.contract) if several else str(POOLS[Pool(one.pool)])
    return (
        Cell(row.contract.number),
        Cell(one.booked),
        Cell(one.kind, words=event_label(one)),
        Cell(one.tokens, words=present.signed(one.tokens)),
        Cell(one.pool),
        Cell(packed or None, note=note),
        Cell(one.team_name or None),
        Cell(who(one, names_hidden=names_hidden) or None),
        Cell(one.reason or None),
    )
