"""Threads take turns at what one of them is enough for: a file to read, a tile to encode."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock, RLock


class OneByOne:
    """One thread at a time for each key. Who had to wait finds the work done, and looks first."""

    def __init__(self) -> None:
        self._lock = Lock()
        # By key: the lock, and how many threads have it or wait for it.
        self._turns: dict[Hashable, tuple[RLock, int]] = {}

    @contextmanager
    def turn(self, key: Hashable) -> Iterator[None]:
        """Wait until no other thread is at `key`."""
        lock = self._come(key)
        try:
            with lock:
                yield
        finally:
            self._leave(key)

    def _come(self, key: Hashable) -> RLock:
        with self._lock:
            lock, threads = self._turns.get(key, (RLock(), 0))
            self._turns[key] = lock, threads + 1
            return lock

    def _leave(self, key: Hashable) -> None:
        with self._lock:
            lock, threads = self._turns.pop(key)
            if threads > 1:
                self._turns[key] = lock, threads - 1
