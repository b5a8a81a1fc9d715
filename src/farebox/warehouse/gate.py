"""A gate that many may pass together, and one alone when it must."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Gate:
    """Lets any number of threads in, or one alone; who wants to be alone waits until nobody is inside."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._inside = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Be inside together with others."""
        with self._condition:
            self._inside += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be inside alone; others wait at the gate meanwhile."""
        with self._condition:
            self._condition.wait_for(lambda: self._inside == 0)
            yield
