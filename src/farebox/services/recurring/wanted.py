"""What recurring report files hold, as it is kept on record: a spec without dates, which each run has of its own."""

from __future__ import annotations

from farebox.domain.report_files import Format, ReportType, Schema, Spec
from farebox.records.models import ReportSchedule


def as_wanted(spec: Spec) -> dict[str, object]:
    """Return what is kept of a spec."""
    return {
        "format": spec.format.value,
        "types": [one.value for one in spec.types],
        "contracts": list(spec.contracts),
        "schema": spec.schema.value,
        "language": spec.language,
    }


def spec_of(row: ReportSchedule) -> Spec:
    """Return what was asked for, without dates."""
    kept = row.wanted
    return Spec(
        format=Format(kept["format"]),
        types=tuple(ReportType(one) for one in kept["types"]),
        contracts=tuple(kept["contracts"]),
        schema=Schema(kept["schema"]),
        language=kept["language"],
    )
