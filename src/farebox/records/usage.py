"""Uses, their windows and charges, as the re-rating of a chain or a day reads and writes them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from farebox.domain.clock import Instant, Span
from farebox.domain.usage import Row, Use
from farebox.records import db


class Chain(NamedTuple):
    """The key of a Flex chain: one person and product under one contract (domain F1)."""

    contract: int
    person: int
    product: int


class Date(NamedTuple):
    """The key of an enterprise day: one person, family and date of the licence server (domain N1)."""

    contract: int
    person: int
    family: int
    day: int


class UseRow(NamedTuple):
    """A use to record, in the order of the columns."""

    id: int
    event: int
    contract: int
    person: int
    product: int
    since: Instant
    until: Instant
    open: bool
    tie: int
    grace_us: int
    offset_seconds: int
    usage_type: str
    funding: str
    version_label: int
    feature_label: int
    machine_label: int
    server_label: int
    extra: str | None
    active: str | None
    kind: str = "SESSION"
    late: bool = False
    unassigned: bool = False


class Booked(NamedTuple):
    """A charge that counts: the row it prices, and what of it no pack paid."""

    id: int
    row: Row
    shortfall: int
    over: int


class EndedUse(NamedTuple):
    """A use that its source took back or amended."""

    id: int
    event: int
    contract: int
    person: int
    product: int
    since: Instant
    funding: str
    kind: str = "SESSION"


class ChargeRow(NamedTuple):
    """A charge to record, in the order of the columns."""

    id: int
    use: int
    contract: int
    person: int
    product: int
    family: int | None
    since: Instant
    until: Instant
    usage_day: int
    usage_category: str
    category: str
    reason: str
    funding: str
    tokens_micro: int
    shortfall_micro: int
    over_micro: int
    at: Instant
    window: Instant | None
    rate: int
    booked: Instant


_CHAIN_KEYS = "WITH k (i, contract_id, person_id, product_id, since_us) AS (VALUES {keys})"
_SAME_CHAIN = "{t}.contract_id = k.contract_id AND {t}.person_id = k.person_id AND {t}.product_id = k.product_id "
_ROW = (
    "c.id, c.use_id, c.product_id, c.since_us, c.until_us, c.usage_day, c.category, c.tokens_micro, c.at_us, "
    "c.reason, c.window_us, c.rate_id, c.shortfall_micro, c.over_micro"
)


class Kept(NamedTuple):
    """What a chain has from its last window before an instant on: that window's start, 0 for none, and the uses."""

    base: Instant
    uses: list[Use]


def kept_from(chains: Mapping[Chain, Instant]) -> dict[Chain, Kept]:
    """Return each chain's last window that starts before the instant beside it, and the uses that reach it."""
    keys = list(chains)
    found: dict[Chain, Kept] = {}
    sql = (
        _CHAIN_KEYS + ", b AS (SELECT k.*, COALESCE((SELECT MAX(w.start_us) FROM records_window w WHERE " +
        _SAME_CHAIN.format(t="w") + "AND w.start_us < k.since_us), 0) AS base FROM k) "
        "SELECT k.i, k.base, u.id, u.since_us, u.until_us, u.tie, u.grace_us, u.active FROM b k "
        "CROSS JOIN records_use u WHERE " + _SAME_CHAIN.format(t="u") +
        "AND u.until_us >= k.base AND u.ended_us IS NULL AND u.funding = 'TOKENS' AND u.kind = 'SESSION'"
    )  # fmt: skip
    rows = db.rows_for(sql, [(i, *key, chains[key]) for i, key in enumerate(keys)])
    for i, base, use, since, until, tie, grace, active in rows:
        kept = found.get(keys[i])
        if kept is None:
            kept = found[keys[i]] = Kept(base, [])
        kept.uses.append(Use(use, since, until, tie, grace, read_spans(active)))
    return found


def denials_of(chains: Sequence[Chain]) -> dict[Chain, list[Instant]]:
    """Return the instants at which running sessions of these chains were denied their next window (domain F7a)."""
    found: dict[Chain, list[Instant]] = defaultdict(list)
    if not db.rows("SELECT 1 FROM records_denial WHERE rolled_us IS NOT NULL LIMIT 1"):
        return found
    sql = (
        "WITH k (i, contract_id, person_id, product_id) AS (VALUES {keys}) SELECT DISTINCT k.i, d.rolled_us FROM k "
        "CROSS JOIN records_denial d WHERE d.contract = k.contract_id AND d.person = k.person_id "
        "AND d.product = k.product_id AND d.rolled_us IS NOT NULL ORDER BY k.i, d.rolled_us"
    )
    for i, at in db.rows_for(sql, [(i, *key) for i, key in enumerate(chains)]):
        found[chains[i]].append(at)
    return found


def charges_of(uses: Sequence[int]) -> list[Booked]:
    """Return the charges of these uses that count."""
    found: list[Booked] = []
    for chunk in db.chunks(uses, db.CHUNK_ROWS):
        sql = f"SELECT {_ROW} FROM records_charge c WHERE c.ended_us IS NULL AND c.use_id IN ({db.marks(chunk)})"
        found += [Booked(row[0], Row._make(row[1:12]), row[12], row[13]) for row in db.rows(sql, chunk)]
    return found


def charges_on(dates: Sequence[Date]) -> dict[Date, list[tuple[Booked, int, int]]]:
    """Return the charges that count on each date, each with the tie and the offset of its use."""
    found: dict[Date, list[tuple[Booked, int, int]]] = {key: [] for key in dates}
    sql = (
        "WITH k (i, contract_id, person_id, family_id, usage_day) AS (VALUES {keys}) "
        f"SELECT k.i, {_ROW}, u.tie, u.offset_seconds FROM k CROSS JOIN records_charge c JOIN records_use u "
        "ON u.id = c.use_id WHERE c.contract_id = k.contract_id AND c.person_id = k.person_id "
        "AND c.family_id = k.family_id AND c.usage_day = k.usage_day AND c.ended_us IS NULL AND c.reason <> 'late'"
    )
    for row in db.rows_for(sql, [(i, *key) for i, key in enumerate(dates)]):
        booked = Booked(row[1], Row._make(row[2:13]), row[13], row[14])
        found[dates[row[0]]].append((booked, row[15], row[16]))
    return found


def highest_on(dates: Sequence[Date]) -> dict[Date, int]:
    """Return the highest rate charged on each date, in millionths of a token (domain N2)."""
    sql = (
        "WITH k (i, contract_id, person_id, family_id, usage_day) AS (VALUES {keys}) "
        "SELECT k.i, SUM(c.tokens_micro) FROM k CROSS JOIN records_charge c WHERE c.contract_id = k.contract_id "
        "AND c.person_id = k.person_id AND c.family_id = k.family_id AND c.usage_day = k.usage_day "
        "AND c.ended_us IS NULL AND c.reason <> 'late' "
        "AND c.usage_category IN ('DESKTOP_PRODUCT', 'CLOUD_PRODUCT') GROUP BY k.i"
    )
    return {dates[i]: int(tokens) for i, tokens in db.rows_for(sql, [(i, *key) for i, key in enumerate(dates)])}


def live_uses_of(events: Sequence[int]) -> list[EndedUse]:
    """Return the uses that these events stand for now."""
    found: list[EndedUse] = []
    for chunk in db.chunks(events, db.CHUNK_ROWS):
        sql = (
            "SELECT id, event_id, contract_id, person_id, product_id, since_us, funding, kind FROM records_use "
            f"WHERE ended_us IS NULL AND event_id IN ({db.marks(chunk)})"
        )
        found += [EndedUse._make(row) for row in db.rows(sql, chunk)]
    return found


def end_uses(uses: Sequence[int], *, at: Instant) -> None:
    """Mark uses as no longer counting."""
    db.many("UPDATE records_use SET ended_us = %s WHERE id = %s", [(at, use) for use in uses])


USE_COLUMNS = (
    "id", "event_id", "contract_id", "person_id", "product_id", "since_us", "until_us", "open", "tie", "grace_us",
    "offset_seconds", "usage_type", "funding", "version_label", "feature_label", "machine_label", "server_label",
    "extra", "active", "kind", "late", "unassigned",
)  # fmt: skip


def add_uses(uses: Sequence[UseRow]) -> None:
    """Record uses."""
    db.insert("records_use", USE_COLUMNS, uses)


def end_charges(charges: Sequence[int], *, at: Instant) -> None:
    """Mark charges as no longer counting; what they moved is reversed in the ledger."""
    db.many("UPDATE records_charge SET ended_us = %s WHERE id = %s", [(at, charge) for charge in charges])


_CHARGE = ("id", "use_id", "contract_id", "person_id", "product_id", "family_id", "since_us", "until_us", "usage_day",
           "usage_category", "category", "reason", "funding", "tokens_micro", "shortfall_micro", "over_micro", "at_us",
           "window_us", "rate_id", "booked_us")  # fmt: skip


def add_charges(charges: Sequence[ChargeRow]) -> None:
    """Record charges; a second one for the same part of a use is refused."""
    db.insert("records_charge", _CHARGE, charges)


_WINDOW = ("id", "contract_id", "person_id", "product_id", "start_us")


def move_windows(ended: Sequence[tuple[Chain, Instant]], started: Sequence[tuple[Chain, Instant]]) -> None:
    """Take away windows that no longer stand and add those that do."""
    db.many(
        "DELETE FROM records_window WHERE contract_id = %s AND person_id = %s AND product_id = %s AND start_us = %s",
        [(*key, start) for key, start in ended],
    )
    if started:
        first = db.reserve("window", len(started))
        db.insert("records_window", _WINDOW, [(first + nth, *key, start) for nth, (key, start) in enumerate(started)])


def read_spans(text: str | None) -> tuple[Span, ...] | None:
    """Read activity spans back from their column."""
    return None if text is None else tuple(Span(since, until) for since, until in json.loads(text))


def write_spans(spans: Sequence[Span] | None) -> str | None:
    """Write activity spans for their column."""
    return None if spans is None else json.dumps(spans, separators=(",", ":"))


def charged_from(team: int, source: str) -> list[tuple[str, int, int]]:
    """Sum the charges of all uses that a source reported, by category: (category, how many, millionths of tokens)."""
    return [
        (category, int(number), int(tokens))
        for category, number, tokens in db.rows(
            "SELECT c.category, COUNT(*), SUM(c.tokens_micro) FROM records_event e "
            "JOIN records_use u ON u.event_id = e.id AND u.ended_us IS NULL "
            "JOIN records_charge c ON c.use_id = u.id AND c.ended_us IS NULL "
            "WHERE e.team_id = %s AND e.source = %s GROUP BY c.category ORDER BY c.category",
            (team, source),
        )
    ]
