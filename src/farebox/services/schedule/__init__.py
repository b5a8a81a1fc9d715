"""
Exports that are made again and again (usage-api 6.9).

    service      make, list, replace and end schedules
    cron         when an expression of six fields comes true
    due          run what is due, once
    questions    what the exports of a run ask
"""

from farebox.services.schedule.cron import check
from farebox.services.schedule.due import run_due
from farebox.services.schedule.service import (
    SCHEDULES_MAX,
    Order,
    Planned,
    end,
    make,
    replace,
    schedule_of,
    schedules_of,
)

__all__ = [
    "SCHEDULES_MAX",
    "Order",
    "Planned",
    "check",
    "end",
    "make",
    "replace",
    "run_due",
    "schedule_of",
    "schedules_of",
]
