"""Run a command of the network on a file that nobody vouches for.

In a process of its own, within limits of time, memory and disk, with nothing of the environment of
the server, its secrets least of all.
"""

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from ml.exceptions import InvalidCheckpoint

logger = logging.getLogger(__name__)

SECONDS = CPU_SECONDS = 120
MEMORY_MB = 4096
# What a complaint may quote of the file.
_LONGEST_COMPLAINT = 2000


def run_confined(command: str, arguments: Sequence[str], path: Path, *, file_mb: int = 1) -> None:
    """Run `python -m ml.sppnet <command> <arguments> <path>`, which writes no file above `file_mb`.

    Raises InvalidCheckpoint with its complaint about the file, or that it needed too much.
    """
    limits = {"memory-mb": MEMORY_MB, "cpu-seconds": CPU_SECONDS, "file-mb": file_mb}
    limited = [word for name, most in limits.items() for word in (f"--{name}", str(most))]
    too_much = InvalidCheckpoint(
        f"{path.name} could not be loaded within the limits of time and memory."
    )
    try:
        process = subprocess.run(
            [sys.executable, "-m", "ml.sppnet", command, *limited, *arguments, str(path)],
            cwd=settings.BASE_DIR,
            env={"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            text=True,
        )
    except subprocess.TimeoutExpired:
        raise too_much from None
    if process.returncode == 0:
        return
    logger.info("%s %s: %s", command, path.name, process.stderr[-2000:])
    if process.returncode < 0:
        raise too_much
    last = (process.stderr.strip().splitlines() or [""])[-1]
    if not last.startswith("error: "):
        # It answers every complaint about a file itself, so this one is ours.
        raise RuntimeError(f"`{command}` exited with {process.returncode}.")
    complaint = last.removeprefix("error: ").rstrip(".")
    raise InvalidCheckpoint(complaint[:_LONGEST_COMPLAINT] + ".")
