"""
Report files that are made each week or each month (product H1).

    service      make, list, change, pause and end them
    due          run what is due, once

When they are due is a rule of the domain (`domain/recurring`); who is due is told by the clock of the team.
"""

from farebox.records.models.report_schedules import Trouble
from farebox.services.recurring.due import run_due
from farebox.services.recurring.service import (
    RECURRING_MAX,
    Order,
    Planned,
    change,
    end,
    make,
    one_of,
    pause,
    recurring_of,
    resume,
)

__all__ = [
    "RECURRING_MAX",
    "Order",
    "Planned",
    "Trouble",
    "change",
    "end",
    "make",
    "one_of",
    "pause",
    "recurring_of",
    "resume",
    "run_due",
]
