"""
Everything that Farebox refuses, as one tree without HTTP.

    FareboxError
    ├── InvalidAmount      a text that is not a token amount
    ├── InvalidTime        a text that is not a moment, a date or a zone
    │   └── NaiveTime      a moment without a time zone
    ├── Rejected           input that cannot mean anything; lists every problem
    │   └── QueryRejected  a usage query that cannot mean anything
    ├── NotFound           something that is not there, or not there for the one who asks
    ├── Forbidden          an action that the one who asks may not take
    │   └── Apart          tokens between teams that nobody leads both of
    ├── Conflict           a request that contradicts one already recorded
    │   ├── KeyReused      another request under the idempotency key of one already recorded
    │   └── Taken          a name, a code or a place that something else has already
    ├── QuotaExceeded      a request beyond what one person may have under way; later it may be sent again
    ├── Busy               a request that others kept from finishing; it may be sent again
    └── Unavailable        records that cannot be read or written just now; it may be sent again
        └── StorageFull    records for which there is no room

`farebox.api.errors` translates each of them to a status code; a test proves that none is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong with an input: where (a JSON pointer), a stable code, and a sentence."""

    pointer: str
    code: str
    message: str


class FareboxError(Exception):
    """Anything that Farebox refuses."""

    code = "refused"


class InvalidAmount(FareboxError):
    """A text that is not a token amount."""

    code = "invalid_amount"


class InvalidTime(FareboxError):
    """A text that is not a moment, a date or a zone."""

    code = "invalid_time"


class NaiveTime(InvalidTime):
    """A moment without a time zone (domain T1)."""

    code = "naive_time"


class Rejected(FareboxError):
    """Input that cannot mean anything; carries every problem found, in a fixed order."""

    code = "rejected"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.pointer}: {p.message}" if p.pointer else p.message for p in self.problems))


class QueryRejected(Rejected):
    """A usage query that cannot mean anything."""

    code = "query_rejected"


class NotFound(FareboxError):
    """Something that is not there, or not there for the one who asks; the two look the same."""

    code = "not_found"


class Forbidden(FareboxError):
    """An action that the one who asks may not take."""

    code = "forbidden"


class Apart(Forbidden):
    """Tokens between teams that nobody leads both of, without the operator's word for it (domain L6)."""


class Conflict(FareboxError):
    """A request that contradicts one already recorded."""

    code = "conflict"


class KeyReused(Conflict):
    """Another request under the idempotency key of one already recorded (domain L8)."""


class Taken(Conflict):
    """A name, a code or a place that something else has already: where it was told, and what of it is taken."""

    def __init__(self, message: str, *, pointer: str = "", taken: str = "") -> None:
        self.pointer, self.taken = pointer, taken
        super().__init__(message)


class QuotaExceeded(FareboxError):
    """A request beyond what one person may have under way at once; it may be sent again when some of it is done."""

    code = "quota_exceeded"

    def __init__(self, message: str, *, retry_seconds: int = 60) -> None:
        self.retry_seconds = retry_seconds
        super().__init__(message)


class Busy(FareboxError):
    """A request that others kept from finishing, with nothing of it done; it may be sent again."""

    code = "busy"


class Unavailable(FareboxError):
    """Records that cannot be read or written just now; nothing was acknowledged, and it may be sent again."""

    code = "unavailable"


class StorageFull(Unavailable):
    """Records for which there is no room on the disk; what was recorded can be read, and room lets it go on."""

    code = "storage_full"
