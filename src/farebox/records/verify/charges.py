"""Checks of charges against the ledger, their prices and their windows."""

from __future__ import annotations

from farebox.records.verify.check import Check

_PAID = (
    "paid AS (SELECT e.charge_id, "
    "SUM(CASE WHEN s.kind = 'PACK' THEN e.tokens_micro WHEN t.kind = 'PACK' THEN -e.tokens_micro ELSE 0 END) AS packs, "
    "SUM(CASE WHEN s.kind = 'OVER_CONSUMPTION' THEN e.tokens_micro "
    "WHEN t.kind = 'OVER_CONSUMPTION' THEN -e.tokens_micro ELSE 0 END) AS over FROM records_entry e "
    "JOIN records_account s ON s.id = e.source_id JOIN records_account t ON t.id = e.target_id "
    "WHERE e.charge_id IS NOT NULL GROUP BY e.charge_id)"
)
"""What each charge took from packs and over-consumed, net."""

AMOUNTS = Check(
    rule="L7",
    name="charges",
    holds="What a charge costs is what its entries took from packs, its shortfall and its over-consumption; one that "
    "counts no longer took nothing.",
    counted="SELECT COUNT(*), COALESCE(SUM(CASE WHEN ended_us IS NULL THEN 1 ELSE 0 END), 0) FROM records_charge",
    counts="{} charges, {} of them count",
    broken=(
        f"WITH {_PAID}, owed AS (SELECT c.id, COALESCE(p.packs, 0) AS packs, COALESCE(p.over, 0) AS over, "
        "CASE WHEN c.ended_us IS NULL THEN c.tokens_micro - c.shortfall_micro - c.over_micro ELSE 0 END AS due, "
        "CASE WHEN c.ended_us IS NULL THEN c.over_micro ELSE 0 END AS due_over FROM records_charge c "
        "LEFT JOIN paid p ON p.charge_id = c.id WHERE c.tokens_micro <> 0 OR p.charge_id IS NOT NULL) "
        "SELECT id, due, due_over, packs, over FROM owed WHERE due <> packs OR due_over <> over"
    ),
    says="charge {} should have moved {} from packs and {} over; it moved {} and {}",
)

CAUSES = Check(
    rule="L7",
    name="causes",
    holds="What is consumed or adjusted names a charge of its own team and contract, what is reserved names a hold, "
    "what is moved names an act, and all of these are there.",
    counted="SELECT COUNT(*) FROM records_entry WHERE kind <> 'PURCHASED' AND kind <> 'EXPIRED'",
    counts="{} entries with a cause",
    broken=(
        "WITH told AS (SELECT e.team_id, e.number, e.kind, CASE "
        "WHEN c.id IS NULL AND (e.kind = 'DRAWN' OR e.kind = 'COVERED' OR e.kind = 'ADJUSTED' "
        "OR (e.kind = 'REVERSED' AND s.kind <> 'EXPIRED') OR e.charge_id IS NOT NULL) THEN 'names no charge' "
        "WHEN h.id IS NULL AND (e.kind = 'RESERVED' OR e.kind = 'RELEASED' OR e.hold_id IS NOT NULL) "
        "THEN 'names no hold' "
        "WHEN a.id IS NULL AND (e.kind = 'MOVED' OR e.act_id IS NOT NULL) THEN 'names no act' "
        "WHEN a.team_id <> e.team_id THEN 'names the act of another team' "
        "WHEN k.team_id <> e.team_id OR g.team_id <> e.team_id THEN 'pays for another team' "
        "WHEN p.contract_id <> c.contract_id OR p.contract_id <> h.contract_id "
        "THEN 'is of a pack of another contract' END AS how "
        "FROM records_entry e JOIN records_account s ON s.id = e.source_id "
        "JOIN records_account t ON t.id = e.target_id "
        "LEFT JOIN records_charge c ON c.id = e.charge_id LEFT JOIN records_contract k ON k.id = c.contract_id "
        "LEFT JOIN records_hold h ON h.id = e.hold_id LEFT JOIN records_contract g ON g.id = h.contract_id "
        "LEFT JOIN records_act a ON a.id = e.act_id "
        "LEFT JOIN records_pack p ON p.id = COALESCE(s.pack_id, t.pack_id)) "
        "SELECT team_id, number, how, kind FROM told WHERE how IS NOT NULL"
    ),
    says="team {} entry {} {} ({})",
)

PRICES = Check(
    rule="L7",
    name="prices",
    holds="What is charged for a session is the rate that it names, an increment is no more than it, and what is FREE "
    "or CASUAL costs nothing.",
    counted="SELECT COUNT(*) FROM records_charge WHERE ended_us IS NULL AND usage_category <> 'MANUAL_ADJUSTMENT'",
    counts="{} charges",
    broken=(
        "SELECT c.id, c.category, c.tokens_micro, COALESCE(r.tokens_micro, 0) AS rate, c.rate_id "
        "FROM records_charge c JOIN records_use u ON u.id = c.use_id LEFT JOIN records_rate r ON r.id = c.rate_id "
        "WHERE c.ended_us IS NULL AND NOT u.late AND ("
        "((c.category = 'FREE' OR c.category = 'CASUAL') AND c.tokens_micro <> 0) "
        "OR (u.kind = 'SESSION' AND c.category = 'CHARGED' "
        "AND (r.id IS NULL OR c.tokens_micro <> r.tokens_micro OR r.product_id <> c.product_id)) "
        "OR (u.kind = 'SESSION' AND c.category = 'INCREMENTAL' "
        "AND (r.id IS NULL OR c.tokens_micro <= 0 OR c.tokens_micro > r.tokens_micro OR r.product_id <> c.product_id)))"
    ),
    says="charge {} is {} and costs {} millionths; rate {} (number {})",
)

SHORTFALLS = Check(
    rule="F8",
    name="shortfalls",
    holds="Nothing is short, and no enterprise use is over, while a pack that could pay for it has tokens.",
    counted="SELECT COUNT(*) FROM records_charge WHERE ended_us IS NULL AND (shortfall_micro > 0 OR over_micro > 0)",
    counts="{} charges short or over",
    broken=(
        "SELECT c.id, c.shortfall_micro, c.over_micro, MIN(p.id) AS pack FROM records_charge c JOIN records_pack p "
        "ON p.contract_id = c.contract_id AND p.left_micro + p.lapsed_micro > 0 "
        "AND ((c.shortfall_micro > 0 AND (p.pool = 'FLEX' OR p.pool = 'CREDIT') AND p.until_us > c.at_us) "
        "OR (c.over_micro > 0 AND p.pool = 'CY' AND p.since_us <= c.usage_day * 86400000000 "
        "AND p.until_us > c.usage_day * 86400000000)) "
        "WHERE c.ended_us IS NULL AND (c.shortfall_micro > 0 OR c.over_micro > 0) "
        "GROUP BY c.id, c.shortfall_micro, c.over_micro"
    ),
    says="charge {} is short of {} and over by {} millionths while pack {} has tokens",
)

_OPENED = (
    "SELECT contract_id, person_id, product_id, window_us AS start_us, 1 AS sign FROM records_charge "
    "WHERE ended_us IS NULL AND category = 'CHARGED' AND family_id IS NULL AND window_us IS NOT NULL"
)

WINDOWS = Check(
    rule="L8",
    name="windows",
    holds="The windows are those that a Flex charge opened, each once.",
    counted="SELECT COUNT(*) FROM records_window",
    counts="{} windows",
    broken=(
        f"SELECT contract_id, person_id, product_id, start_us, SUM(sign) AS off FROM ({_OPENED} UNION ALL "
        "SELECT contract_id, person_id, product_id, start_us, -1 FROM records_window) both_sides "
        "GROUP BY contract_id, person_id, product_id, start_us HAVING SUM(sign) <> 0"
    ),
    says="contract {} person {} product {} window {}: {} charges more than windows",
)

ONE_CHARGE = Check(
    rule="E4",
    name="one charge a window",
    holds="Two charged windows of a person and product never overlap: each lasts 24 hours.",
    counted="SELECT COUNT(*) FROM (SELECT DISTINCT contract_id, person_id, product_id FROM records_window) chains",
    counts="{} chains",
    broken=(
        "WITH charged AS (SELECT id, contract_id, person_id, product_id, window_us, LAG(window_us) OVER "
        "(PARTITION BY contract_id, person_id, product_id ORDER BY window_us, id) AS before FROM records_charge "
        "WHERE ended_us IS NULL AND category = 'CHARGED' AND family_id IS NULL AND window_us IS NOT NULL) "
        "SELECT id, contract_id, person_id, product_id, window_us, before FROM charged "
        "WHERE window_us - before < 86400000000"
    ),
    says="charge {} (contract {} person {} product {}): its window {} begins inside {}",
)

RECONCILED = Check(
    rule="R2",
    name="reconciled",
    holds="What all charges of a team cost, less what is short, is what its consumed accounts hold.",
    counted="SELECT COUNT(DISTINCT k.team_id) FROM records_charge c JOIN records_contract k ON k.id = c.contract_id",
    counts="{} teams",
    broken=(
        "WITH pairs AS (SELECT team_id, source_id, target_id, SUM(tokens_micro) AS tokens FROM records_entry "
        "GROUP BY team_id, source_id, target_id), booked AS ("
        "SELECT p.team_id, p.tokens FROM pairs p JOIN records_account a ON a.id = p.target_id AND a.kind = 'CONSUMED' "
        "UNION ALL SELECT p.team_id, -p.tokens FROM pairs p JOIN records_account a ON a.id = p.source_id "
        "AND a.kind = 'CONSUMED' UNION ALL "
        "SELECT k.team_id, -SUM(c.tokens_micro - c.shortfall_micro) FROM records_charge c "
        "JOIN records_contract k ON k.id = c.contract_id "
        "WHERE c.ended_us IS NULL AND c.usage_category <> 'MANUAL_ADJUSTMENT' GROUP BY k.team_id) "
        "SELECT team_id, SUM(tokens) AS off FROM booked GROUP BY team_id HAVING SUM(tokens) <> 0"
    ),
    says="team {}: the ledger consumed {} millionths more than its charges cost",
)

CHECKS = (AMOUNTS, CAUSES, PRICES, SHORTFALLS, WINDOWS, ONE_CHARGE, RECONCILED)
