"""Times taken by turns, so that what else the machine does meets all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass
class Times:
    """Milliseconds of repetitions."""

    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        """The median, and the fastest and slowest."""
        low, high = min(self.values), max(self.values)
        digits = 1 if self.median < 100 else 0
        return f"{self.median:,.{digits}f} ms ({low:,.{digits}f} – {high:,.{digits}f})"


def by_turns(
    calls: Mapping[str, Callable[[], float | None]], rounds: Mapping[str, int]
) -> dict[str, Times]:
    """Each call as often as ``rounds`` says, in turns, after one that does not count. A call may
    return its own milliseconds; else it is timed here."""
    for call in calls.values():
        call()
    found = {name: Times() for name in calls}
    for turn in range(max(rounds.values())):
        for name, call in calls.items():
            if turn < rounds[name]:
                began = time.perf_counter()
                own = call()
                took = (time.perf_counter() - began) * 1000
                found[name].values.append(took if own is None else own)
    return found
