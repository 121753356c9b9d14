"""Keep memory that was used once: torch on a CPU otherwise spends much of its time getting it."""

from __future__ import annotations

import ctypes
import sys

# As in mallopt(3). Blocks above the threshold are mapped anew each time; what is free at the top of
# the heap is given back above the other.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
MMAP_THRESHOLD, TRIM_THRESHOLD = 1 << 28, 1 << 30


def hold_memory() -> None:
    """For this process, with glibc: what docker/procfile.py sets for workers. Elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # another C library
        return
    mallopt(_M_MMAP_THRESHOLD, MMAP_THRESHOLD)
    mallopt(_M_TRIM_THRESHOLD, TRIM_THRESHOLD)
