"""
Ingest: events in, charges and ledger entries out, in one transaction, with a verdict on each event.

    read        texts to events, checked without any record          wire, reported, arrival
    claim       each identity once: new, duplicate, conflict, amended  claim
    place       names to numbers; what is unknown waits                place
    waiting     what waits, and for what
    record      what is charged, and how it is drawn                   farebox.records.recording
    by_hand     what people enter: adjustments, and consumption that nothing reported
    by_primary  such consumption, entered by a team's own primary administrator

A 2xx is a promise: what is answered here is committed (invariants I1–I5).
"""

from farebox.services.ingest.arrival import SourceKey, State
from farebox.services.ingest.service import Receipt, Verdict, charged_from, ingest, release_waiting
from farebox.services.ingest.waiting import AllHeld, Held, held, waiting_for

__all__ = [
    "AllHeld",
    "Held",
    "Receipt",
    "SourceKey",
    "State",
    "Verdict",
    "charged_from",
    "held",
    "ingest",
    "release_waiting",
    "waiting_for",
]
