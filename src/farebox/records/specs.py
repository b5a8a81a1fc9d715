"""What a file of reports is to be, as it is kept on record: with the request of one, or for all runs of a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from farebox.domain.clock import Day
from farebox.domain.periods import Days
from farebox.domain.report_files import Format, ReportType, Schema, Spec


def undated(spec: Spec) -> dict[str, Any]:
    """Return what is kept of a spec whose dates each run has of its own."""
    return {
        "format": spec.format.value,
        "types": [one.value for one in spec.reports],
        "contracts": list(spec.contracts),
        "schema": spec.schema.value,
        "language": spec.language,
    }


def dated(spec: Spec) -> dict[str, Any]:
    """Return what is kept of a spec, dates and all."""
    return undated(spec) | {"days": list(spec.days) if spec.days and spec.dated else None, "rolling": spec.rolling}


def spec_in(kept: Mapping[str, Any]) -> Spec:
    """Return the spec that was kept, either way."""
    days = kept.get("days")
    return Spec(
        format=Format(kept["format"]),
        types=tuple(map(ReportType, kept["types"])),
        contracts=tuple(kept["contracts"]),
        days=Days(*map(Day, days)) if days else None,
        rolling=kept.get("rolling", False),
        schema=Schema(kept["schema"]),
        language=kept["language"],
    )
