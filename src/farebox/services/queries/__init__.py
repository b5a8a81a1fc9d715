"""
Usage queries that run beside the request that asked: submitted, polled by their id, read page by page (usage-api 5.3).

`submit` puts a question on record and has it carried out, `hold` waits a little, `look` says how it stands. The
answer is stored whole, from one snapshot, and all its pages are read from there (domain R4).
"""

from farebox.records.models.answers import QueryStatus
from farebox.services.queries.running import RESULT_US
from farebox.services.queries.service import FORGET_US, Clock, Page, Standing, hold, look, submit, tend
from farebox.services.queries.workers import Pool, pool, stop

__all__ = [
    "FORGET_US",
    "RESULT_US",
    "Clock",
    "Page",
    "Pool",
    "QueryStatus",
    "Standing",
    "hold",
    "look",
    "pool",
    "stop",
    "submit",
    "tend",
]
