"""Checks of what came in: identities, uses and their charges, batches, counts, audit."""

from __future__ import annotations

from farebox.records.verify.check import Check

IDENTITIES = Check(
    rule="I2",
    name="identities",
    holds="An event of a team and source is there once, stands for one use at most, and no part of a use counts twice.",
    counted="SELECT COUNT(*) FROM records_event",
    counts="{} events",
    broken=(
        "SELECT MAX(id) AS id, 'event' AS what, 'is there ' || COUNT(*) || ' times' AS how FROM records_event "
        "GROUP BY team_id, source, event_id HAVING COUNT(*) > 1 UNION ALL "
        "SELECT event_id, 'event', 'stands for ' || COUNT(*) || ' uses' FROM records_use WHERE ended_us IS NULL "
        "GROUP BY event_id HAVING COUNT(*) > 1 UNION ALL "
        "SELECT use_id, 'use', 'has ' || COUNT(*) || ' charges from ' || since_us FROM records_charge "
        "WHERE ended_us IS NULL GROUP BY use_id, since_us HAVING COUNT(*) > 1"
    ),
    says="{1} {0} {2}",
)

ACCEPTED = Check(
    rule="I3",
    name="events",
    holds="An accepted event has a use that counts; one that waits or was withdrawn has none.",
    counted="SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 'ACCEPTED' THEN 1 ELSE 0 END), 0) FROM records_event",
    counts="{} events, {} of them accepted",
    broken=(
        "SELECT e.id, e.state, 'no use' AS how FROM records_event e LEFT JOIN records_use u ON u.event_id = e.id "
        "AND u.ended_us IS NULL WHERE e.state = 'ACCEPTED' AND u.id IS NULL UNION ALL "
        "SELECT u.event_id, COALESCE(e.state, 'missing'), 'use ' || u.id FROM records_use u "
        "LEFT JOIN records_event e ON e.id = u.event_id "
        "WHERE u.ended_us IS NULL AND (e.state IS NULL OR e.state <> 'ACCEPTED')"
    ),
    says="event {} is {} and has {}",
)

_PIECES = (
    "pieces AS (SELECT use_id, since_us, until_us, "
    "LAG(until_us) OVER (PARTITION BY use_id ORDER BY since_us, until_us, id) AS before "
    "FROM records_charge WHERE ended_us IS NULL), "
    "spans AS (SELECT use_id, COUNT(*) AS many, MIN(since_us) AS since_us, MAX(until_us) AS until_us, "
    "MAX(CASE WHEN before <> since_us THEN 1 ELSE 0 END) AS torn FROM pieces GROUP BY use_id)"
)

USES = Check(
    rule="I3",
    name="uses",
    holds="The charges of a use that counts divide it from start to end; only closed books still count charges of a "
    "use that was taken back.",
    counted="SELECT COUNT(*), COALESCE(SUM(CASE WHEN ended_us IS NULL THEN 1 ELSE 0 END), 0) FROM records_use",
    counts="{} uses, {} of them count",
    broken=(
        f"WITH {_PIECES} SELECT u.id, 'is charged in ' || COALESCE(s.many, 0) || ' pieces from ' "
        "|| COALESCE(s.since_us, 0) || ' to ' || COALESCE(s.until_us, 0) AS how FROM records_use u "
        "LEFT JOIN spans s ON s.use_id = u.id WHERE u.ended_us IS NULL AND (s.use_id IS NULL "
        "OR s.torn = 1 OR s.since_us <> u.since_us OR s.until_us <> u.until_us) UNION ALL "
        "SELECT u.id, 'was taken back and charge ' || MIN(c.id) || ' counts' FROM records_charge c "
        "JOIN records_use u ON u.id = c.use_id JOIN records_contract k ON k.id = c.contract_id "
        "WHERE c.ended_us IS NULL AND u.ended_us IS NOT NULL "
        "AND (k.closed_through IS NULL OR c.usage_day > k.closed_through) GROUP BY u.id UNION ALL "
        "SELECT c.use_id, 'is charged and not there' FROM records_charge c "
        "LEFT JOIN records_use u ON u.id = c.use_id WHERE u.id IS NULL"
    ),
    says="use {} {}",
)

_ANNOUNCED = (
    "(SELECT charges_since, charges_until, ended FROM records_batch "
    "UNION ALL SELECT charges_since, charges_until, ended FROM records_batchdraft) AS b"
)
"""Every batch, with or without its position."""

BATCHES = Check(
    rule="I3",
    name="batches",
    holds="Every charge, and every end of one, was announced to the warehouse.",
    counted=f"SELECT COUNT(*) FROM {_ANNOUNCED}",
    counts="{} batches",
    broken=(
        f"WITH ranges AS (SELECT charges_since AS since, charges_until AS until FROM {_ANNOUNCED} UNION ALL "
        "SELECT 9223372036854775807, 9223372036854775807), "
        "ordered AS (SELECT since, MAX(until) OVER (ORDER BY since, until ROWS BETWEEN UNBOUNDED PRECEDING "
        "AND 1 PRECEDING) AS covered FROM ranges) "
        "SELECT c.id, 'new' AS what FROM ordered o JOIN records_charge c ON c.id >= COALESCE(o.covered, 0) "
        "AND c.id < o.since WHERE COALESCE(o.covered, 0) < o.since UNION ALL "
        "SELECT c.id, 'ended' FROM records_charge c WHERE c.ended_us IS NOT NULL AND c.id NOT IN ({engine})"
    ),
    sqlite=f"SELECT j.value FROM {_ANNOUNCED}, json_each(b.ended) j",
    postgresql=f"SELECT CAST(j.value AS BIGINT) FROM {_ANNOUNCED}, "
    "jsonb_array_elements_text(CAST(b.ended AS JSONB)) AS j (value)",
    says="charge {} was never announced as {}",
)

COUNTS = Check(
    rule="I4",
    name="intake",
    holds="What was received is what was accepted, known, refused and put aside; what was accepted or put aside is "
    "kept.",
    counted="SELECT COUNT(*), COALESCE(SUM(received), 0) FROM records_intake",
    counts="{} hours, {} events received",
    broken=(
        "SELECT id, 'row' AS what, received || ' received, ' || (accepted + duplicate + rejected + quarantined) "
        "|| ' told' AS how FROM records_intake WHERE received <> accepted + duplicate + rejected + quarantined "
        "UNION ALL "
        "SELECT team_id, 'team', SUM(told) || ' accepted or put aside, ' || SUM(kept) || ' kept' FROM ("
        "SELECT team AS team_id, accepted + quarantined AS told, 0 AS kept FROM records_intake UNION ALL "
        "SELECT team_id, 0, COUNT(*) FROM records_event WHERE revision >= 0 GROUP BY team_id UNION ALL "
        "SELECT e.team_id, 0, COUNT(*) FROM records_eventrevision r JOIN records_event e ON e.id = r.event_id "
        "WHERE r.revision >= 0 GROUP BY e.team_id) sides GROUP BY team_id HAVING SUM(told) <> SUM(kept)"
    ),
    says="{1} {0}: {2}",
)

AUDITED = Check(
    rule="T5",
    name="audit",
    holds="Every correction of an event, and everything done by hand, is in the audit; what was corrected before there "
    "was one is not.",
    counted="SELECT COUNT(*) FROM records_audit",
    counts="{} rows",
    broken=(
        "WITH noted AS (SELECT object, COUNT(*) AS many FROM records_audit "
        "WHERE verb = 'amended' OR verb = 'withdrew' GROUP BY object), "
        "corrected AS (SELECT 'event ' || event_id AS object, COUNT(*) AS many FROM records_eventrevision "
        "WHERE replaced_us >= (SELECT MIN(at_us) FROM records_audit) GROUP BY event_id) "
        "SELECT c.object, 'corrected ' || c.many || ' times, noted ' || COALESCE(n.many, 0) AS how FROM corrected c "
        "LEFT JOIN noted n ON n.object = c.object WHERE COALESCE(n.many, 0) < c.many UNION ALL "
        "SELECT 'act ' || a.id, 'not noted' FROM records_act a LEFT JOIN records_audit n ON n.team_id = a.team_id "
        "AND {engine} = a.id WHERE n.id IS NULL"
    ),
    sqlite="json_extract(n.facts, '$.act')",
    postgresql="CAST(n.facts ->> 'act' AS BIGINT)",
    says="{}: {}",
)

CHECKS = (IDENTITIES, ACCEPTED, USES, BATCHES, COUNTS, AUDITED)
