"""
The books of a whole database, held to the invariants (quality L1–L10, I4; domain L2–L7).

Everything is read from the tables and folded by the domain's own arithmetic; no stored balance is believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from farebox.domain.clock import Day, Instant, day_of, midnight
from farebox.domain.ledger import (
    Account,
    AccountKind,
    Transfer,
    TransferKind,
    conservation,
    fold,
    is_sound,
    overdrawn,
)
from farebox.domain.packs import Pool
from farebox.domain.periods import contract_year_of
from farebox.records.models import Account as AccountRow
from farebox.records.models import (
    Charge,
    Entry,
    Event,
    Hold,
    HoldPart,
    Intake,
    LedgerHead,
    LiveSession,
    Pack,
    Use,
    Window,
)

CAUSED = {TransferKind.DRAWN, TransferKind.COVERED, TransferKind.ADJUSTED}
"""Kinds of transfer that name the charge they pay for, or the adjustment that they are."""

HELD = {TransferKind.RESERVED, TransferKind.RELEASED}
"""Kinds of transfer that name the hold they belong to."""

PAYING = (Pool.CREDIT, Pool.FLEX)
"""The pools of a Flex contract: both pay."""


def faults() -> list[str]:
    """List everything in the books that an invariant forbids; an empty list is what every request must leave."""
    found = [*_ledger(), *_packs(), *_holds(), *_numbers(), *_charges(), *_adjustments(), *_shortfalls(), *_overs()]
    return [*found, *_uses(), *_windows(), *_intake()]


def transfers(team: int) -> list[Transfer]:
    """Return the ledger of a team, in order, as the domain knows it."""
    accounts = _accounts()
    rows = Entry.objects.filter(team=team).order_by("number")
    return [
        Transfer(accounts[source], accounts[target], tokens, TransferKind(kind), charge or 0, at)
        for source, target, tokens, kind, charge, at in rows.values_list(
            "source_id", "target_id", "tokens_micro", "kind", "charge_id", "at_us"
        )
    ]


def total(team: int) -> int:
    """Return the team's total: drawn net of reversals, open shortfall, and adjustments by their sign (R2, L5b)."""
    net = fold(transfers(team))
    kinds = (AccountKind.CONSUMED, AccountKind.ADJUSTMENTS)
    consumed = sum(tokens for account, tokens in net.items() if account.kind in kinds)
    open_now = Charge.objects.filter(contract__team=team, ended_us__isnull=True)
    return consumed + sum(open_now.values_list("shortfall_micro", flat=True))


def _accounts() -> dict[int, Account]:
    rows = AccountRow.objects.values_list("pk", "pool", "kind", "pack_id")
    return {number: Account(Pool(pool), AccountKind(kind), pack or 0) for number, pool, kind, pack in rows}


def _ledger() -> Iterator[str]:
    """Every transfer goes a way that it may, every pool is conserved, no account that holds tokens is below zero."""
    for team in LedgerHead.objects.values_list("pk", flat=True):
        booked = transfers(team)
        yield from (f"team {team}: {one} is not sound" for one in booked if not is_sound(one))
        yield from (f"team {team}: {account} is overdrawn" for account in overdrawn(fold(booked)))
        for pool in Pool:
            difference = conservation(booked, pool).difference
            if difference:
                yield f"team {team}: {pool} is off by {difference}"
        yield from (f"team {team}: {one} names no charge" for one in booked if one.kind in CAUSED and not one.cause)
    for entry in Entry.objects.filter(kind__in=HELD, hold_id=None):
        yield f"entry {entry.number} of team {entry.team_id} is {entry.kind} and names no hold"


def _packs() -> Iterator[str]:
    """What a pack says of itself is what its account folds to (quality L8)."""
    net: dict[int, int] = defaultdict(int)
    lapsed: dict[int, int] = defaultdict(int)
    for team in LedgerHead.objects.values_list("pk", flat=True):
        booked = transfers(team)
        for account, tokens in fold(booked).items():
            net[account.pack] += tokens
        for source, target, tokens, _, _, _ in booked:
            lapsed[source.pack] += tokens if target.kind is AccountKind.EXPIRED else 0
            lapsed[target.pack] -= tokens if source.kind is AccountKind.EXPIRED else 0
    for pack in Pack.objects.all():
        if (pack.left_micro, pack.lapsed_micro) != (net[pack.pk], lapsed[pack.pk]):
            yield (
                f"pack {pack.pk} says {pack.left_micro} left, {pack.lapsed_micro} lapsed; "
                f"the ledger says {net[pack.pk]}, {lapsed[pack.pk]}"
            )
        if pack.swept and pack.left_micro:
            yield f"pack {pack.pk} is closed and holds {pack.left_micro}"


def _holds() -> Iterator[str]:
    """What is reserved of a pack is what open holds have of it, and what the ledger moved there for them (L1)."""
    reserved: dict[int, int] = defaultdict(int)
    moved: dict[int, int] = defaultdict(int)
    for part in HoldPart.objects.select_related("hold"):
        reserved[part.pack_id] += part.tokens_micro if part.hold.ended_us is None else 0
        moved[part.hold_id] += part.tokens_micro
    for pack in Pack.objects.all():
        if pack.reserved_micro != reserved[pack.pk]:
            yield f"pack {pack.pk} says {pack.reserved_micro} reserved; its holds have {reserved[pack.pk]}"
    net: dict[int, int] = defaultdict(int)
    for hold, kind, tokens in Entry.objects.exclude(hold=None).values_list("hold_id", "kind", "tokens_micro"):
        net[hold] += tokens if kind == TransferKind.RESERVED else -tokens if kind == TransferKind.RELEASED else 0
    running = set(LiveSession.objects.filter(closed_us=None).values_list("contract_id", "person_id", "product_id"))
    for one in Hold.objects.all():
        if one.tokens_micro != moved[one.pk] or net[one.pk] != (one.tokens_micro if one.ended_us is None else 0):
            yield f"hold {one.pk} of {one.tokens_micro} has parts of {moved[one.pk]}, and {net[one.pk]} in the ledger"
        key = (one.contract_id, one.person_id, one.product_id)
        if one.ended_us is None and not one.event and key not in running:
            yield f"hold {one.pk} is open, and no session of its key runs"


def _numbers() -> Iterator[str]:
    """Numbers are gapless, and booking instants never go back, whatever the clock does (quality L10)."""
    for head in LedgerHead.objects.all():
        rows = list(Entry.objects.filter(team=head.team_id).order_by("number").values_list("number", "booked_us"))
        if [number for number, _ in rows] != list(range(1, head.number + 1)):
            yield f"team {head.team_id}: the numbers have a gap, or the head {head.number} is wrong"
        yield from (f"team {head.team_id}: {one} before {two}" for one, two in pairwise(rows) if two[1] < one[1])
        if rows and rows[-1][1] > head.booked_us:
            yield f"team {head.team_id}: the head is behind its last entry"


def _charges() -> Iterator[str]:
    """What a charge costs is what its entries moved, and what it says is open or over (quality L7)."""
    accounts = _accounts()
    drawn: dict[int, int] = defaultdict(int)
    over: dict[int, int] = defaultdict(int)
    for charge, source, target, tokens in Entry.objects.exclude(charge=None).values_list(
        "charge_id", "source_id", "target_id", "tokens_micro"
    ):
        for account, sign in ((accounts[source], 1), (accounts[target], -1)):
            drawn[charge] += sign * tokens if account.kind is AccountKind.PACK else 0
            over[charge] += sign * tokens if account.kind is AccountKind.OVER_CONSUMPTION else 0
    for charge in Charge.objects.select_related("contract"):
        counts = charge.ended_us is None
        owed = (
            (charge.tokens_micro - charge.shortfall_micro - charge.over_micro, charge.over_micro) if counts else (0, 0)
        )
        if (drawn[charge.pk], over[charge.pk]) != owed:
            yield f"charge {charge.pk} should have moved {owed}, and moved {(drawn[charge.pk], over[charge.pk])}"
        if charge.contract.scheme == "FLEX" and charge.over_micro:
            yield f"charge {charge.pk} is Flex and over-consumed"
        if charge.contract.scheme == "ENTERPRISE" and charge.shortfall_micro:
            yield f"charge {charge.pk} is enterprise and short"


def _adjustments() -> Iterator[str]:
    """An adjustment moves what it changes its pool by, between packs and the adjustments (domain N6)."""
    accounts = _accounts()
    changed: dict[int, int] = defaultdict(int)
    for charge, source, target, tokens in Entry.objects.exclude(charge=None).values_list(
        "charge_id", "source_id", "target_id", "tokens_micro"
    ):
        changed[charge] += tokens if accounts[target].kind is AccountKind.ADJUSTMENTS else 0
        changed[charge] -= tokens if accounts[source].kind is AccountKind.ADJUSTMENTS else 0
    for charge in Charge.objects.all():
        counts = charge.ended_us is None and charge.usage_category == "MANUAL_ADJUSTMENT"
        if changed[charge.pk] != (charge.tokens_micro if counts else 0):
            yield f"charge {charge.pk} of {charge.tokens_micro} adjusted by {-changed[charge.pk]}"


def _shortfalls() -> Iterator[str]:
    """Nothing is short while a pack that ends later has tokens, lapsed ones included (domain F8, L5)."""
    packs = list(Pack.objects.filter(pool__in=PAYING))
    for charge in Charge.objects.filter(ended_us__isnull=True, shortfall_micro__gt=0):
        for pack in packs:
            could_pay = pack.contract_id == charge.contract_id and pack.until_us > charge.at_us
            if could_pay and pack.left_micro + pack.lapsed_micro:
                yield f"charge {charge.pk} is short while pack {pack.pk} has {pack.left_micro} and {pack.lapsed_micro}"


def _overs() -> Iterator[str]:
    """Nothing is over-consumed in a contract year while tokens of that year are left for its date (domain N6, N7)."""
    packs = list(Pack.objects.filter(pool=Pool.CY))
    for charge in Charge.objects.filter(ended_us__isnull=True, over_micro__gt=0).select_related("contract"):
        start, at = charge.contract.start_day, midnight(Day(charge.usage_day))
        year = contract_year_of(Day(start), Day(charge.usage_day))
        for pack in packs:
            began = contract_year_of(Day(start), day_of(Instant(pack.since_us)))
            could_pay = pack.contract_id == charge.contract_id and pack.until_us > at and began <= year
            if could_pay and pack.left_micro + pack.lapsed_micro:
                yield f"charge {charge.pk} is over while pack {pack.pk} has {pack.left_micro} and {pack.lapsed_micro}"


def _uses() -> Iterator[str]:
    """The charges that count divide each use that counts, whole and once; others have none (domain T2)."""
    parts: dict[int, list[tuple[int, int]]] = defaultdict(list)
    live = Charge.objects.filter(ended_us__isnull=True).order_by("since_us", "until_us")
    for use, since, until in live.values_list("use_id", "since_us", "until_us"):
        parts[use].append((since, until))
    for use in Use.objects.all():
        found = parts[use.pk]
        if use.ended_us is not None:
            if found and not use.late:  # one that was amended in closed books keeps its charges there (L5a)
                yield f"use {use.pk} was taken back and is charged"
        elif not found or (found[0][0], found[-1][1]) != (use.since_us, use.until_us):
            yield f"use {use.pk} is not charged from its start to its end: {found}"
        elif any(one[1] != two[0] for one, two in pairwise(found)):
            yield f"use {use.pk} is charged with a gap or twice: {found}"
    counted = {event for event, state in Event.objects.values_list("pk", "state") if state == "ACCEPTED"}
    if counted != set(Use.objects.filter(ended_us__isnull=True).values_list("event_id", flat=True)):
        yield "the accepted events and the uses that count are not the same"


def _windows() -> Iterator[str]:
    """The windows are those that a Flex charge opened, each once (quality E4)."""
    keys = ("contract_id", "person_id", "product_id")
    opened = Charge.objects.filter(ended_us__isnull=True, category="CHARGED", window_us__isnull=False)
    charged = sorted(opened.exclude(reason="late").values_list(*keys, "at_us"))
    if charged != sorted(Window.objects.values_list(*keys, "start_us")):
        yield "the windows are not those that were charged"


def _intake() -> Iterator[str]:
    """What was received is what was accepted, known, refused and put aside (quality I4)."""
    for row in Intake.objects.all():
        if row.received != row.accepted + row.duplicate + row.rejected + row.quarantined:
            yield f"intake {row.pk} does not add up"
