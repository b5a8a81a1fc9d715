"""Reading ahead: what takes long is read in a thread of its own, so that who needs it can look up meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

_AHEAD_MAX = 4
"""How many items wait at most."""
_LOOK_SECONDS = 0.05
"""How often it is looked whether it is over."""


class _End:
    """What comes after the last item."""


class Ahead(Generic[T]):
    """
    Reads an iterator in a thread, a few items ahead; use it in a `with`.

    The iterator is not touched any more when the `with` is left: `interrupt` makes it stop where it waits for long.
    """

    def __init__(self, items: Iterator[T], interrupt: Callable[[], None]) -> None:
        self._items = items
        self._interrupt = interrupt
        self._found: Queue[T | _End | BaseException] = Queue(_AHEAD_MAX)
        self._over = Event()
        self._thread = Thread(target=self._read, name="reading ahead", daemon=True)

    def __enter__(self) -> Ahead[T]:
        """Start reading."""
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Stop reading, and return when nobody reads any more."""
        self._over.set()
        while self._thread.is_alive():
            self._interrupt()  # again and again: it may not have begun to wait
            self._thread.join(_LOOK_SECONDS)

    def items(self, *, pause_seconds: float) -> Iterator[T | None]:
        """Yield each item, and None whenever none came for so long. Raises what reading raised."""
        while True:
            try:
                found = self._found.get(timeout=pause_seconds)
            except Empty:
                yield None
                continue
            match found:
                case _End():
                    return
                case BaseException():
                    raise found
                case _:
                    yield found

    def _read(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
            self._put(_End())
        except BaseException as error:
            self._put(error)

    def _put(self, found: T | _End | BaseException) -> bool:
        """Hand something over, and return whether anybody still wants it."""
        while not self._over.is_set():
            try:
                self._found.put(found, timeout=_LOOK_SECONDS)
            except Full:
                continue
            return True
        return False
