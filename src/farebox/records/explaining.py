"""
What the books hold of one charge, for its explanation: everything is read, nothing is decided.

Every list is limited, and ends in a unique order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from farebox.domain.clock import DAY, HOUR, Day, Instant, midnight
from farebox.domain.usage import Row, Use
from farebox.records import db, usage
from farebox.records.usage import Booked

LISTED_MAX = 200
"""How many uses, entries or earlier charges an explanation names."""

OFFSET_US_MAX = 14 * HOUR
"""How far a licence server's clock may be from UTC."""


class ChargeFacts(NamedTuple):
    """A charge with its use, its event and its contract."""

    id: int
    row: Row
    funding: str
    usage_category: str
    family: int | None
    shortfall: int
    over: int
    booked: Instant
    ended: Instant | None
    contract: int
    contract_number: str
    scheme: str
    team: int
    names_hidden: bool
    person: int
    event: int
    kind: str
    late: bool
    unassigned: bool
    open: bool
    offset_seconds: int
    usage_type: str
    use: Use


_CHARGE = (
    "SELECT c.id, c.funding, c.usage_category, c.family_id, c.shortfall_micro, c.over_micro, c.booked_us, c.ended_us, "
    "c.contract_id, k.number, k.scheme, k.team_id, t.names_hidden, c.person_id, u.event_id, u.kind, u.late, "
    "u.unassigned, u.open, u.offset_seconds, u.usage_type, "
    "c.use_id, c.product_id, c.since_us, c.until_us, c.usage_day, c.category, c.tokens_micro, c.at_us, c.reason, "
    "c.window_us, c.rate_id, "
    "u.since_us, u.until_us, u.tie, u.grace_us, u.active "
    "FROM records_charge c JOIN records_use u ON u.id = c.use_id JOIN records_contract k ON k.id = c.contract_id "
    "JOIN records_team t ON t.id = k.team_id WHERE c.id = %s"
)


def charge(number: int) -> ChargeFacts | None:
    """Return a charge by its number."""
    found = db.rows(_CHARGE, (number,))
    if not found:
        return None
    one = found[0]
    row, (since, until, tie, grace_us, active) = Row._make(one[21:32]), one[32:37]
    use = Use(row.use, since, until, tie, grace_us, usage.read_spans(active))
    told = (*one[1:12], bool(one[12]), *one[13:16], *(bool(flag) for flag in one[16:19]), *one[19:21])
    return ChargeFacts._make((one[0], row, *told, use))


class RateFacts(NamedTuple):
    """The rate that priced a charge."""

    card: str
    since: Instant
    tokens: int
    complexity: str
    unit_size: int


def rate(number: int) -> RateFacts | None:
    """Return a rate by its number; 0 is none."""
    found = db.rows(
        "SELECT k.code, r.since_us, r.tokens_micro, r.complexity, r.unit_size FROM records_rate r "
        "JOIN records_ratecard k ON k.id = r.card_id WHERE r.id = %s",
        (number,),
    )
    return RateFacts._make(found[0]) if found else None


def person(number: int) -> tuple[str, str]:
    """Return the key and the pseudonym of a person; both empty where nobody is named."""
    found = db.rows("SELECT key, pseudonym FROM records_person WHERE id = %s", (number,))
    return (found[0][0], found[0][1]) if found else ("", "")


def products(numbers: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return the code and the name of products."""
    sql = f"SELECT id, code, name FROM records_product WHERE id IN ({db.marks(numbers)})"
    return {number: (code, name) for number, code, name in db.rows(sql, tuple(numbers))} if numbers else {}


class EventFacts(NamedTuple):
    """The event that a use came with."""

    source: str
    event_id: str
    revision: int
    kind: str
    received: Instant
    payload: bytes


def event(number: int) -> EventFacts:
    """Return an event as last revised."""
    row = db.rows(
        "SELECT source, event_id, revision, kind, received_us, payload FROM records_event WHERE id = %s", (number,)
    )[0]
    return EventFacts._make((*row[:5], bytes(row[5])))


def events_of(uses: Sequence[int]) -> dict[int, tuple[str, str, int]]:
    """Return the source, the id and the revision of the events that these uses came with."""
    found: dict[int, tuple[str, str, int]] = {}
    for chunk in db.chunks(uses, db.CHUNK_ROWS):
        sql = (
            "SELECT u.id, e.source, e.event_id, e.revision FROM records_use u JOIN records_event e "
            f"ON e.id = u.event_id WHERE u.id IN ({db.marks(chunk)})"
        )
        found.update({use: (source, name, revision) for use, source, name, revision in db.rows(sql, chunk)})
    return found


def denials_from(contract: int, person: int, product: int, *, since: Instant) -> list[Instant]:
    """Return the window ends, from an instant on, at which a chain was denied its next window (domain F7a)."""
    return [
        Instant(rolled)
        for (rolled,) in db.rows(
            "SELECT DISTINCT rolled_us FROM records_denial WHERE contract = %s AND person = %s "
            "AND product = %s AND rolled_us IS NOT NULL AND rolled_us >= %s ORDER BY rolled_us",
            (contract, person, product, since),
        )
    ]


class DayUse(NamedTuple):
    """A use that may touch a day of the licence server's calendar, and what cuts it into pieces."""

    use: Use
    product: int
    offset_seconds: int
    usage_type: str


def day_uses(contract: int, person: int, family_products: Sequence[int], on: Day) -> list[DayUse]:
    """Return the uses of some products that tokens pay for and that may touch a date on any server's clock."""
    sql = (
        "SELECT id, since_us, until_us, tie, grace_us, product_id, offset_seconds, usage_type FROM records_use "
        "WHERE contract_id = %s AND person_id = %s AND ended_us IS NULL AND funding = 'TOKENS' AND kind = 'SESSION' "
        f"AND product_id IN ({db.marks(family_products)}) AND until_us >= %s AND since_us <= %s "
        "ORDER BY since_us, id"
    )
    begins = midnight(on)
    span = (begins - OFFSET_US_MAX, begins + DAY + OFFSET_US_MAX)
    return [
        DayUse(Use(*row[:5]), row[5], row[6], row[7])
        for row in db.rows(sql, (contract, person, *family_products, *span))
    ]


class Payment(NamedTuple):
    """A ledger entry of a charge, with the account and pack on its other side."""

    number: int
    kind: str
    pool: str
    source: str
    target: str
    tokens: int
    at: Instant
    booked: Instant
    pack: int
    had: int
    """What the pack had left just before the entry."""
    order_number: str
    pack_since: Instant
    pack_until: Instant
    pack_size: int


_PAYMENTS = (
    "SELECT e.number, e.kind, s.pool, s.kind, t.kind, e.tokens_micro, e.at_us, e.booked_us, COALESCE(p.id, 0), "
    "COALESCE(p.left_micro + (SELECT COALESCE(SUM(CASE WHEN x.source_id = a.id THEN x.tokens_micro "
    "ELSE -x.tokens_micro END), 0) FROM records_entry x WHERE x.team_id = e.team_id AND x.number >= e.number "
    "AND (x.source_id = a.id OR x.target_id = a.id)), 0), "
    "COALESCE(p.order_number, ''), COALESCE(p.since_us, 0), COALESCE(p.until_us, 0), COALESCE(p.size_micro, 0) "
    "FROM records_entry e JOIN records_account s ON s.id = e.source_id JOIN records_account t ON t.id = e.target_id "
    "LEFT JOIN records_account a ON a.id = CASE WHEN s.kind = 'PACK' THEN s.id WHEN t.kind = 'PACK' THEN t.id END "
    "LEFT JOIN records_pack p ON p.id = a.pack_id "
    "WHERE e.charge_id = %s ORDER BY e.number LIMIT %s"
)


def payments(charge: int) -> list[Payment]:
    """
    Return the ledger entries of a charge, in order.

    What a pack had is counted back from what it has, in the same statement, so that nothing can come between.
    """
    return [
        Payment._make((*row[:5], int(row[5]), *row[6:9], int(row[9]), *row[10:]))
        for row in db.rows(_PAYMENTS, (charge, LISTED_MAX))
    ]


class HoldFacts(NamedTuple):
    """Tokens that were reserved for a charge."""

    kind: str
    since: Instant
    due: Instant
    tokens: int
    ended: Instant | None
    booked: bool


def holds(facts: ChargeFacts) -> list[HoldFacts]:
    """Return what was reserved for a charge: for its job, or for its person and product at its instant."""
    job = facts.event if facts.kind == "JOB" else 0
    rows = db.rows(
        "SELECT kind, since_us, due_us, tokens_micro, ended_us, booked FROM records_hold WHERE contract_id = %s "
        "AND person_id = %s AND product_id = %s AND event = %s AND since_us <= %s "
        "AND (ended_us IS NULL OR ended_us >= %s) ORDER BY since_us, id LIMIT %s",
        (facts.contract, facts.person, facts.row.product, job, facts.row.at, facts.row.at, LISTED_MAX),
    )
    return [HoldFacts._make((*row[:5], bool(row[5]))) for row in rows]


class Earlier(NamedTuple):
    """A charge for the same event that no longer counts."""

    charge: Booked
    booked: Instant
    ended: Instant
    use: int
    use_ended: Instant | None


def no_longer(event: int) -> list[Earlier]:
    """Return the charges for the uses of an event that no longer count, oldest first."""
    sql = (
        "SELECT c.id, c.use_id, c.product_id, c.since_us, c.until_us, c.usage_day, c.category, c.tokens_micro, "
        "c.at_us, c.reason, c.window_us, c.rate_id, c.shortfall_micro, c.over_micro, c.booked_us, c.ended_us, u.id, "
        "u.ended_us FROM records_use u JOIN records_charge c ON c.use_id = u.id AND c.ended_us IS NOT NULL "
        "WHERE u.event_id = %s ORDER BY c.booked_us, c.id LIMIT %s"
    )
    return [
        Earlier(Booked(row[0], Row._make(row[1:12]), row[12], row[13]), *row[14:])
        for row in db.rows(sql, (event, LISTED_MAX))
    ]


def counting(event: int) -> list[tuple[int, Instant, Instant]]:
    """Return the charges for an event that count now: number, since, until."""
    return [
        (number, Instant(since), Instant(until))
        for number, since, until in db.rows(
            "SELECT c.id, c.since_us, c.until_us FROM records_use u JOIN records_charge c ON c.use_id = u.id "
            "AND c.ended_us IS NULL WHERE u.event_id = %s AND u.ended_us IS NULL ORDER BY c.since_us, c.id LIMIT %s",
            (event, LISTED_MAX),
        )
    ]


class Cause(NamedTuple):
    """An event that was received when a charge ended, of the same person under the same contract."""

    source: str
    event_id: str
    revision: int
    event: int


_CAUSES = (
    "SELECT e.source, e.event_id, e.revision, e.id FROM records_use u JOIN records_event e ON e.id = u.event_id "
    "WHERE u.contract_id = %s AND u.person_id = %s AND e.received_us = %s AND u.ended_us IS NULL UNION "
    "SELECT e.source, e.event_id, e.revision, e.id FROM records_use u JOIN records_event e ON e.id = u.event_id "
    "WHERE u.contract_id = %s AND u.person_id = %s AND u.ended_us = %s ORDER BY 4 LIMIT %s"
)


def causes(facts: ChargeFacts, at: Instant) -> list[Cause]:
    """Return what was received at the instant at which a charge ended, and may have changed it (domain N5, M3)."""
    key = (facts.contract, facts.person, at)
    return [Cause._make(row) for row in db.rows(_CAUSES, (*key, *key, LISTED_MAX))]


def revision_until(event: int, at: Instant) -> int | None:
    """Return the revision of an event that a later one replaced at an instant."""
    found = db.rows("SELECT revision FROM records_eventrevision WHERE event_id = %s AND replaced_us = %s", (event, at))
    return int(found[0][0]) if found else None
