"""When the recurring report files of a team are due: by its clock, which it may change."""

from __future__ import annotations

from farebox.domain.clock import Instant
from farebox.domain.recurring import Every, Rhythm, following
from farebox.records.models import ReportSchedule


def rhythm_of(row: ReportSchedule, zone: str) -> Rhythm:
    """Return when a schedule is due by the clock of a zone."""
    return Rhythm(every=Every(row.every), on=row.on_day, hour=row.hour, zone=zone)


def by_another_clock(team_id: int, zone: str, *, now: Instant) -> None:
    """Have every schedule of a team go on by another clock; what was missed before is not made up."""
    for row in ReportSchedule.objects.filter(team_id=team_id).select_for_update():
        row.next_us = following(rhythm_of(row, zone), after=now).at
        row.trouble = ""
        row.save(update_fields=["next_us", "trouble"])
