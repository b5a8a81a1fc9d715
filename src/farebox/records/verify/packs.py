"""Checks of packs and holds against the ledger: caches, burn order, lifetimes, what is reserved."""

from __future__ import annotations

from farebox.records.verify.check import Check

_FLOWS = (
    "flows AS (SELECT source_id, target_id, SUM(tokens_micro) AS tokens FROM records_entry "
    "GROUP BY source_id, target_id), "
    "sides AS (SELECT a.pack_id, b.kind AS other, f.tokens FROM flows f "
    "JOIN records_account a ON a.id = f.target_id AND a.kind = 'PACK' JOIN records_account b ON b.id = f.source_id "
    "UNION ALL SELECT a.pack_id, b.kind, -f.tokens FROM flows f "
    "JOIN records_account a ON a.id = f.source_id AND a.kind = 'PACK' JOIN records_account b ON b.id = f.target_id), "
    "folded AS (SELECT pack_id, SUM(tokens) AS held, "
    "SUM(CASE WHEN other = 'RESERVED' THEN -tokens ELSE 0 END) AS reserved, "
    "SUM(CASE WHEN other = 'EXPIRED' THEN -tokens ELSE 0 END) AS lapsed FROM sides GROUP BY pack_id)"
)
"""What the ledger says of each pack: what its account holds, what went to reserved and what expired, net."""

CACHES = Check(
    rule="L8",
    name="packs",
    holds="What a pack says is left, reserved and lapsed is what its account folds to; a closed pack has nothing left.",
    counted="SELECT COUNT(*) FROM records_pack",
    counts="{} packs",
    broken=(
        f"WITH {_FLOWS} SELECT p.id, p.left_micro, p.reserved_micro, p.lapsed_micro, COALESCE(f.held, 0) AS held, "
        "COALESCE(f.reserved, 0) AS reserved, COALESCE(f.lapsed, 0) AS lapsed FROM records_pack p "
        "LEFT JOIN folded f ON f.pack_id = p.id WHERE p.left_micro <> COALESCE(f.held, 0) "
        "OR p.reserved_micro <> COALESCE(f.reserved, 0) OR p.lapsed_micro <> COALESCE(f.lapsed, 0) "
        "OR (p.swept AND p.left_micro <> 0)"
    ),
    says="pack {} says left {}, reserved {}, lapsed {}; the ledger says {}, {}, {}",
)

_DRAINED = (
    "moves AS (SELECT a.pack_id, e.number, e.tokens_micro AS tokens FROM records_entry e "
    "JOIN records_account a ON a.id = e.target_id AND a.kind = 'PACK' "
    "JOIN records_account b ON b.id = e.source_id AND b.kind <> 'EXPIRED' UNION ALL "
    "SELECT a.pack_id, e.number, -e.tokens_micro FROM records_entry e "
    "JOIN records_account a ON a.id = e.source_id AND a.kind = 'PACK' "
    "JOIN records_account b ON b.id = e.target_id AND b.kind <> 'EXPIRED'), "
    "running AS (SELECT pack_id, number, SUM(tokens) OVER (PARTITION BY pack_id ORDER BY number) AS held FROM moves), "
    "turns AS (SELECT pack_id, number, held, LAG(held, 1, 0) OVER (PARTITION BY pack_id ORDER BY number) AS before "
    "FROM running), "
    "edges AS (SELECT pack_id, number, held, LEAD(number) OVER (PARTITION BY pack_id ORDER BY number) AS ends "
    "FROM turns WHERE (held > 0 AND before <= 0) OR (held <= 0 AND before > 0)), "
    "filled AS (SELECT p.id, p.contract_id, p.pool, p.since_us, p.until_us, p.size_micro, g.number AS fills, g.ends "
    "FROM edges g JOIN records_pack p ON p.id = g.pack_id WHERE g.held > 0)"
)
"""From which entry to which a pack had something to draw, what lapsed included: a charge may be older than a lapse."""

BURN_ORDER = Check(
    rule="L4",
    name="burn order",
    holds="A charge draws on credits before tokens, on the pack that ends first, then the smallest, then the oldest: "
    "none before it that lived at the charge's instant had anything left.",
    counted="SELECT COUNT(*) FROM records_entry WHERE kind = 'DRAWN'",
    counts="{} draws",
    broken=(
        f"WITH {_DRAINED} SELECT e.team_id, e.number, p.id AS pack, MIN(q.id) AS before FROM records_entry e "
        "JOIN records_account a ON a.id = e.source_id AND a.kind = 'PACK' JOIN records_pack p ON p.id = a.pack_id "
        "JOIN filled q ON q.contract_id = p.contract_id AND q.id <> p.id "
        "AND q.fills < e.number AND (q.ends IS NULL OR e.number < q.ends) "
        "AND q.since_us <= e.at_us AND e.at_us < q.until_us "
        "AND ((q.pool = 'CREDIT' AND p.pool = 'FLEX') OR (q.pool = p.pool AND (q.until_us < p.until_us "
        "OR (q.until_us = p.until_us AND (q.size_micro < p.size_micro "
        "OR (q.size_micro = p.size_micro AND q.id < p.id)))))) "
        "WHERE e.kind = 'DRAWN' GROUP BY e.team_id, e.number, p.id"
    ),
    says="team {} entry {}: drawn from pack {} while pack {} had tokens",
)

LIFETIMES = Check(
    rule="L5",
    name="lifetimes",
    holds="Every draw, covering and reservation lies in its pack's life, its end excluded; nothing expires before.",
    counted="SELECT COUNT(*) FROM records_entry WHERE kind = 'DRAWN' OR kind = 'COVERED' OR kind = 'RESERVED' "
    "OR kind = 'EXPIRED'",
    counts="{} entries of packs",
    broken=(
        "SELECT e.team_id, e.number, e.kind, p.id AS pack, e.at_us, p.since_us, p.until_us FROM records_entry e "
        "JOIN records_account a ON a.id = e.source_id AND a.kind = 'PACK' JOIN records_pack p ON p.id = a.pack_id "
        "WHERE ((e.kind = 'DRAWN' OR e.kind = 'COVERED' OR e.kind = 'RESERVED') "
        "AND (e.at_us < p.since_us OR e.at_us >= p.until_us)) OR (e.kind = 'EXPIRED' AND e.at_us < p.until_us)"
    ),
    says="team {} entry {}: {} of pack {} at {}, which lives from {} to {}",
)

HOLDS = Check(
    rule="E2",
    name="holds",
    holds="An open hold's parts add up to it and are reserved in the ledger; an ended hold has nothing reserved; a key "
    "has one open hold at most, and a session that runs behind it.",
    counted="SELECT COUNT(*), COALESCE(SUM(CASE WHEN ended_us IS NULL THEN 1 ELSE 0 END), 0) FROM records_hold",
    counts="{} holds, {} of them open",
    broken=(
        "WITH parts AS (SELECT hold_id, SUM(tokens_micro) AS tokens FROM records_holdpart GROUP BY hold_id), "
        "moved AS (SELECT e.hold_id, a.pack_id, SUM(CASE WHEN e.kind = 'RESERVED' THEN e.tokens_micro "
        "ELSE -e.tokens_micro END) AS tokens FROM records_entry e JOIN records_account a ON a.pack_id IS NOT NULL "
        "AND ((e.kind = 'RESERVED' AND a.id = e.source_id) OR (e.kind = 'RELEASED' AND a.id = e.target_id)) "
        "WHERE e.hold_id IS NOT NULL GROUP BY e.hold_id, a.pack_id), "
        "owed AS (SELECT t.hold_id, t.pack_id, SUM(CASE WHEN h.ended_us IS NULL THEN t.tokens_micro ELSE 0 END) "
        "AS tokens FROM records_holdpart t JOIN records_hold h ON h.id = t.hold_id GROUP BY t.hold_id, t.pack_id), "
        "both_sides AS (SELECT hold_id, pack_id, tokens FROM moved UNION ALL "
        "SELECT hold_id, pack_id, -tokens FROM owed) "
        "SELECT h.id, 'of ' || h.tokens_micro || ' millionths has parts of ' || COALESCE(p.tokens, 0) AS how "
        "FROM records_hold h LEFT JOIN parts p ON p.hold_id = h.id WHERE h.tokens_micro <> COALESCE(p.tokens, 0) "
        "UNION ALL SELECT b.hold_id, 'is off by ' || SUM(b.tokens) || ' in pack ' || b.pack_id FROM both_sides b "
        "GROUP BY b.hold_id, b.pack_id HAVING SUM(b.tokens) <> 0 "
        "UNION ALL SELECT MAX(id), 'is open beside another of its key' FROM records_hold WHERE ended_us IS NULL "
        "GROUP BY contract_id, person_id, product_id, event HAVING COUNT(*) > 1 "
        "UNION ALL SELECT h.id, 'is open, and no session runs' FROM records_hold h WHERE h.ended_us IS NULL "
        "AND h.event = 0 AND NOT EXISTS (SELECT 1 FROM records_livesession s WHERE s.contract_id = h.contract_id "
        "AND s.person_id = h.person_id AND s.product_id = h.product_id AND s.closed_us IS NULL)"
    ),
    says="hold {} {}",
)

CHECKS = (BURN_ORDER, LIFETIMES, CACHES, HOLDS)
