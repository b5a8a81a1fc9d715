"""
How often one person may ask, over all of their tokens and programs: a setting, and without it as often as they like.

Counted in this process and forgotten when it ends; servers side by side count each for themselves (usage-api 1.3).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache

from django.conf import settings
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from farebox.domain.clock import SECOND
from farebox.domain.errors import QuotaExceeded
from farebox.wallclock import now


class Limiter:
    """Counts requests in windows that move with the time; each limit holds by itself, so a short one allows bursts."""

    def __init__(self, limits: Sequence[RateLimitItem]) -> None:
        self._limits = tuple(limits)
        self._counted = MovingWindowRateLimiter(MemoryStorage())
        self._one_at_a_time = threading.Lock()

    def admit(self, who: str) -> None:
        """Count a request. Raises `QuotaExceeded`, and counts nothing, where any limit is reached."""
        with self._one_at_a_time:
            reached = [limit for limit in self._limits if not self._counted.test(limit, who)]
            if reached:
                raise QuotaExceeded("too many requests", retry_seconds=max(self._seconds(one, who) for one in reached))
            for limit in self._limits:
                self._counted.hit(limit, who)

    def _seconds(self, limit: RateLimitItem, who: str) -> int:
        """Return after how many whole seconds a limit lets the next request through."""
        free = self._counted.get_window_stats(limit, who).reset_time
        return max(1, int(free) + 1 - now() // SECOND)


def admit(person: int) -> None:
    """Count a request of a person. Raises `QuotaExceeded` where the setting allows no more of them now."""
    if settings.API_RATE:
        _limiter(tuple(settings.API_RATE)).admit(str(person))


@cache
def _limiter(limits: tuple[RateLimitItem, ...]) -> Limiter:
    return Limiter(limits)
