"""
Ingest: events in, charges and ledger entries out, in one transaction, with a verdict on each event.

    read        texts to events, checked without any record          wire, reported, arrival
    claim       each identity once: new, duplicate, conflict, amended  claim
    place       names to numbers; what is unknown waits                place
    record      what is charged, and how it is drawn                   farebox.records.recording

A 2xx is a promise: what is answered here is committed (invariants I1–I5).
"""

from farebox.services.ingest.arrival import SourceKey, State
from farebox.services.ingest.service import Receipt, Verdict, charged_from, ingest, release_waiting, waiting_for

__all__ = ["Receipt", "SourceKey", "State", "Verdict", "charged_from", "ingest", "release_waiting", "waiting_for"]
