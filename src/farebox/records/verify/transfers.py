"""Checks of the ledger's transfers among themselves: routes, conservation, no account below zero, order."""

from __future__ import annotations

from itertools import product

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.ledger import Account, AccountKind, Transfer, TransferKind, is_sound
from farebox.domain.packs import Pool
from farebox.records.verify.check import Check


def _is_route(kind: TransferKind, source: AccountKind, target: AccountKind) -> bool:
    pool, one = Pool.FLEX, Tokens(1)
    return is_sound(Transfer(Account(pool, source), Account(pool, target), one, kind, 0, Instant(0)))


HELD = "({a}.kind = 'PACK' OR {a}.kind = 'RESERVED' OR {a}.kind = 'CONSUMED' OR {a}.kind = 'EXPIRED')"
"""The accounts that hold tokens; from the others tokens come."""

_ROUTES = ", ".join(
    f"('{kind.value}', '{source.value}', '{target.value}')"
    for kind, source, target in product(TransferKind, AccountKind, AccountKind)
    if _is_route(kind, source, target)
)
"""Every way that a transfer may go, as the domain says, for a VALUES list; the words are our own."""

ROUTES = Check(
    rule="L1",
    name="transfers",
    holds="Every entry moves more than nothing between two accounts, on a way that its kind may go.",
    counted="SELECT COUNT(*) FROM records_entry",
    counts="{} entries",
    broken=(
        f"WITH routes (kind, source, target) AS (VALUES {_ROUTES}) "
        "SELECT e.team_id, e.number, e.kind, s.kind AS source, t.kind AS target, e.tokens_micro "
        "FROM records_entry e LEFT JOIN records_account s ON s.id = e.source_id "
        "LEFT JOIN records_account t ON t.id = e.target_id "
        "LEFT JOIN routes r ON r.kind = e.kind AND r.source = s.kind AND r.target = t.kind "
        "WHERE r.kind IS NULL OR e.tokens_micro <= 0 OR e.source_id = e.target_id"
    ),
    says="team {} entry {}: {} {} to {}, {} millionths",
)

_PAIRS = (
    "pairs AS (SELECT team_id, source_id, target_id, COUNT(*) AS entries, SUM(tokens_micro) AS tokens "
    "FROM records_entry GROUP BY team_id, source_id, target_id)"
)

CONSERVATION = Check(
    rule="L2",
    name="conservation",
    holds="In each pool of a team, what was granted, moved, adjusted and over-consumed is what packs hold and what is "
    "reserved, consumed and expired: no entry leads out of its team or its pool.",
    counted="SELECT COUNT(*), COUNT(DISTINCT team_id) FROM (SELECT DISTINCT e.team_id, a.pool FROM records_entry e "
    "JOIN records_account a ON a.id = e.target_id) pools",
    counts="{} pools of {} teams",
    broken=(
        f"WITH {_PAIRS}, sides AS ("
        "SELECT p.team_id, a.pool, a.kind, p.tokens FROM pairs p JOIN records_account a ON a.id = p.target_id "
        "AND a.team_id = p.team_id UNION ALL SELECT p.team_id, a.pool, a.kind, -p.tokens FROM pairs p "
        "JOIN records_account a ON a.id = p.source_id AND a.team_id = p.team_id), "
        f"sums AS (SELECT team_id, pool, SUM(CASE WHEN {HELD.format(a='sides')} THEN tokens ELSE 0 END) AS held, "
        "SUM(tokens) AS off FROM sides GROUP BY team_id, pool) "
        "SELECT team_id, pool, 'holds ' || held || ' millionths, and ' || (held - off) || ' came' AS how FROM sums "
        "WHERE off <> 0 UNION ALL SELECT p.team_id, s.pool, p.entries || ' entries lead to ' || t.pool || ' of team ' "
        "|| t.team_id FROM pairs p JOIN records_account s ON s.id = p.source_id "
        "JOIN records_account t ON t.id = p.target_id "
        "WHERE s.pool <> t.pool OR s.team_id <> p.team_id OR t.team_id <> p.team_id"
    ),
    says="team {} pool {} {}",
)

NOT_OVERDRAWN = Check(
    rule="L3",
    name="no overdraft",
    holds="No pack, and no reserved, consumed or expired account, was ever below zero after a commit.",
    counted=f"SELECT COUNT(*) FROM records_account a WHERE {HELD.format(a='a')}",
    counts="{} accounts at every commit",
    broken=(
        "WITH moves (account_id, booked_us, number, tokens) AS ("
        "SELECT target_id, booked_us, number, tokens_micro FROM records_entry UNION ALL "
        "SELECT source_id, booked_us, number, -tokens_micro FROM records_entry), "
        "commits AS (SELECT m.account_id, m.booked_us, MAX(m.number) AS number, SUM(m.tokens) AS tokens FROM moves m "
        f"JOIN records_account a ON a.id = m.account_id AND {HELD.format(a='a')} "
        "GROUP BY m.account_id, m.booked_us), "
        "running AS (SELECT account_id, number, SUM(tokens) OVER (PARTITION BY account_id ORDER BY number) AS balance "
        "FROM commits) "
        "SELECT a.team_id, MIN(r.number) AS number, a.pool, a.kind, COALESCE(a.pack_id, 0) AS pack, "
        "MIN(r.balance) AS balance FROM running r JOIN records_account a ON a.id = r.account_id "
        "WHERE r.balance < 0 GROUP BY a.id, a.team_id, a.pool, a.kind, a.pack_id"
    ),
    says="team {} at entry {}: {} {} {} falls to {} millionths",
)

ORDER = Check(
    rule="L10",
    name="order",
    holds="A team's numbers have no gap, and what is booked later is not dated earlier, whatever the clock does.",
    counted="SELECT COUNT(*) FROM records_ledgerhead",
    counts="{} ledgers",
    broken=(
        "WITH steps AS (SELECT team_id, number, booked_us, "
        "LAG(number, 1, 0) OVER (PARTITION BY team_id ORDER BY number) AS number_before, "
        "LAG(booked_us, 1, 0) OVER (PARTITION BY team_id ORDER BY number) AS booked_before FROM records_entry), "
        "ends AS (SELECT team_id, MAX(number) AS number, MAX(booked_us) AS booked_us FROM records_entry "
        "GROUP BY team_id) "
        "SELECT team_id, number, 'follows ' || number_before || '; booked ' || booked_us || ' after ' || booked_before "
        "AS how FROM steps WHERE number <> number_before + 1 OR booked_us < booked_before UNION ALL "
        "SELECT h.team_id, h.number, 'is the head, but the last entry is ' || COALESCE(n.number, 0) "
        "FROM records_ledgerhead h LEFT JOIN ends n ON n.team_id = h.team_id "
        "WHERE h.number <> COALESCE(n.number, 0) OR h.booked_us < COALESCE(n.booked_us, 0) UNION ALL "
        "SELECT n.team_id, n.number, 'has no head' FROM ends n LEFT JOIN records_ledgerhead h "
        "ON h.team_id = n.team_id WHERE h.team_id IS NULL"
    ),
    says="team {} entry {} {}",
)

CHECKS = (ROUTES, CONSERVATION, NOT_OVERDRAWN, ORDER)
