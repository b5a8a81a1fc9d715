"""The years of a contract: what each was given and consumed, from the ledger and the charges (domain C1, N6)."""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.domain.contracts import ContractYear
from farebox.domain.errors import NotFound
from farebox.records import db
from farebox.records import years as recorded
from farebox.records.models import Contract


def years(number: str, *, at: Instant) -> tuple[ContractYear, ...]:
    """
    Return every year of a contract, one row each; one without an end up to the present year or the last pack's.

    Raises `NotFound`.
    """
    with db.atomic():
        contract = Contract.objects.filter(number=number).first()
        if contract is None:
            raise NotFound(f"no contract {number}")
        return recorded.table(contract, at=at)
