"""Contenders in processes of their own, so that each has its memory and its libraries' settings.

A contender reads lines, does what one says, and answers with a line of JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

# Settings of the allocator, which a contender has to make for itself.
_LEFT_OUT = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "LD_PRELOAD")


class Contender:
    """A module of this package as a process, to be used as a context. Raises RuntimeError if it
    dies."""

    def __init__(self, module: str, *arguments: object) -> None:
        self._command = [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)]
        environment = {k: v for k, v in os.environ.items() if k not in _LEFT_OUT}
        self._process = subprocess.Popen(
            self._command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.memory_mb = 0.0

    def __enter__(self) -> Contender:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Closes its input, which ends it, and waits.
        self._process.__exit__(kind, error, trace)

    def ask(self, *words: object) -> float:
        """Have it do something; returns its milliseconds, and notes its peak of memory."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        while (line := self._process.stdout.readline()) and not line.startswith("{"):
            pass  # what libraries print while they are loaded
        if not line:
            raise RuntimeError(f"it ended: {' '.join(self._command)}")
        answer: dict[str, float] = json.loads(line)
        self.memory_mb = answer["memory_mb"]
        return answer["milliseconds"]


def serve(actions: Mapping[str, Callable[..., Any]]) -> None:
    """The contender's side: run the named actions until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr  # libraries print what they like
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        began = time.perf_counter()
        actions[name](*arguments)
        took = (time.perf_counter() - began) * 1000
        answer = {"milliseconds": took, "memory_mb": peak_memory_mb()}
        print(json.dumps(answer), file=answers, flush=True)


def peak_memory_mb() -> float:
    """The most memory that this process has had."""
    try:
        # What getrusage tells is inherited from the process that started this one.
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except FileNotFoundError:
        bytes_in_unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_in_unit / 2**20
