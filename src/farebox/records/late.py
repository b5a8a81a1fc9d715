"""What the books have of uses dated in closed books, as the re-rating reads it (domain L5a)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.charging.enterprise import Piece, split_days
from farebox.domain.clock import Day, Instant
from farebox.domain.usage import Use
from farebox.records import db
from farebox.records.usage import Chain, read_spans

_LATE_OF = (
    "SELECT {columns} FROM k CROSS JOIN records_use u WHERE u.late AND u.contract_id = k.contract_id "
    "AND u.person_id = k.person_id"
)


class LateUse(NamedTuple):
    """A use that touches closed books: one that counts, or (ended) one whose charges there still count."""

    contract: int
    person: int
    product: int
    use: Use
    offset_seconds: int
    borrowed: bool
    ended: bool

    def pieces(self) -> tuple[Piece, ...]:
        """Divide the use into its days on the licence server's clock (domain N3)."""
        return split_days(self.use, self.product, offset_seconds=self.offset_seconds, borrowed=self.borrowed)


def last_windows(chains: Mapping[Chain, Instant]) -> dict[Chain, Instant]:
    """Return the start of each chain's last window before an instant, 0 where there is none."""
    keys = list(chains)
    sql = (
        "WITH k (i, contract_id, person_id, product_id, until_us) AS (VALUES {keys}) SELECT k.i, "
        "COALESCE((SELECT MAX(w.start_us) FROM records_window w WHERE w.contract_id = k.contract_id "
        "AND w.person_id = k.person_id AND w.product_id = k.product_id AND w.start_us < k.until_us), 0) FROM k"
    )
    found = db.rows_for(sql, [(i, *key, chains[key]) for i, key in enumerate(keys)])
    return {keys[i]: Instant(start) for i, start in found}


def with_shares(chains: Mapping[Chain, Day]) -> set[Chain]:
    """Return the chains in which a late use was charged in books that are open still: after the given day."""
    keys = list(chains)
    sql = (
        "WITH k (i, contract_id, person_id, product_id, through) AS (VALUES {keys}) "
        + _LATE_OF.format(columns="DISTINCT k.i")
        + " AND u.product_id = k.product_id AND EXISTS (SELECT 1 FROM records_charge c WHERE c.use_id = u.id "
        "AND c.ended_us IS NULL AND c.reason = 'late' AND c.usage_day > k.through)"
    )
    return {keys[i] for (i,) in db.rows_for(sql, [(i, *key, chains[key]) for i, key in enumerate(keys)])}


def uses_of(people: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[LateUse]]:
    """Return the late uses of (contract, person) that tokens pay for, those too that ended while their charges stay."""
    keys = sorted(people)
    found: dict[tuple[int, int], list[LateUse]] = defaultdict(list)
    columns = (
        "k.i, u.product_id, u.id, u.since_us, u.until_us, u.tie, u.grace_us, u.active, u.offset_seconds, "
        "u.usage_type, u.ended_us"
    )
    sql = (
        "WITH k (i, contract_id, person_id) AS (VALUES {keys}) "
        + _LATE_OF.format(columns=columns)
        + " AND u.funding = 'TOKENS' ORDER BY u.id"
    )
    for row in db.rows_for(sql, [(i, *key) for i, key in enumerate(keys)]):
        i, product, use, since, until, tie, grace, active, offset, usage_type, ended = row
        told = Use(use, since, until, tie, grace, read_spans(active))
        late = LateUse(keys[i][0], keys[i][1], product, told, offset, usage_type == "Borrowed", ended is not None)
        found[keys[i]].append(late)
    return found


def mark(uses: Sequence[int]) -> None:
    """Mark uses that end while their charges in closed books stay."""
    db.many("UPDATE records_use SET late = TRUE WHERE id = %s", [(use,) for use in uses])


def charged_before(events: Sequence[int]) -> dict[int, int]:
    """Return what earlier revisions of events still cost in closed books, in millionths of tokens."""
    found: dict[int, int] = {}
    for chunk in db.chunks(events, db.CHUNK_ROWS):
        sql = (
            "SELECT u.event_id, SUM(c.tokens_micro) FROM records_use u JOIN records_charge c ON c.use_id = u.id "
            "AND c.ended_us IS NULL WHERE u.late AND u.ended_us IS NOT NULL "
            f"AND u.event_id IN ({db.marks(chunk)}) GROUP BY u.event_id"
        )
        found.update((event, int(tokens)) for event, tokens in db.rows(sql, chunk))
    return found


def closed_events(events: Sequence[int]) -> set[int]:
    """Return the events that have charges in closed books: their sources cannot take them back."""
    found: set[int] = set()
    for chunk in db.chunks(events, db.CHUNK_ROWS):
        for condition in ("u.ended_us IS NULL", "u.late"):
            sql = (
                "SELECT DISTINCT u.event_id FROM records_use u "
                "JOIN records_contract o ON o.id = u.contract_id AND o.closed_through IS NOT NULL "
                "JOIN records_charge c ON c.use_id = u.id AND c.ended_us IS NULL AND c.usage_day <= o.closed_through "
                f"WHERE {condition} AND u.event_id IN ({db.marks(chunk)})"
            )
            found.update(event for (event,) in db.rows(sql, chunk))
    return found
