"""Run a command of the network in a process of its own: niced, limited, watched, stopped."""

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ml.exceptions import MlError

LOOK_EVERY_SECONDS = 1.0
SECONDS_TO_STOP = 10
# Clicks and encodings, which people wait for, come first.
NICENESS = 15
# What the libraries below torch, numpy and OpenCV are told of threads.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_OUT_OF_MEMORY = (
    "It needed more memory than it may have. Raise the limit, or free some memory, then resume the "
    "run."
)


class Unwanted(Exception):
    """Nobody wants the result any more, or this worker is to end."""


class Killed(MlError):
    """Somebody, or the kernel for want of memory, has ended the process with a signal."""


class FullDisk(MlError):
    """There was no room for what is to be written."""

    def __init__(self) -> None:
        super().__init__(
            f"The disk is full. Free some space below {settings.DATA_DIR}, then resume the run: it "
            "goes on where it last saved."
        )


@dataclass(frozen=True)
class Limits:
    """Wall-clock time, memory for data, and CPU threads (default: half of the cores)."""

    seconds: float
    memory_mb: int | None = None
    threads: int | None = None


def execute(
    arguments: Sequence[str], folder: Path, limits: Limits, look: Callable[[], bool]
) -> None:
    """Run `python -m ml.sppnet <arguments>` and wait; it prints into `folder`/log.

    `look` is called about every second and says whether the result is still wanted. Raises
    Unwanted, Killed, FullDisk, or MlError with the reason why it failed or was stopped.
    """
    worker = os.getppid()
    deadline = time.monotonic() + limits.seconds
    process = _start(arguments, folder, limits)
    try:
        while process.poll() is None:
            time.sleep(LOOK_EVERY_SECONDS)
            if not look() or os.getppid() != worker:
                raise Unwanted
            if time.monotonic() > deadline:
                raise MlError("It went on long after its time and was stopped.")
    finally:
        _stop(process)
        (folder / "pid").unlink()
    if process.returncode < 0:
        raise Killed(f"The process was ended by {signal.Signals(-process.returncode).name}.")
    if process.returncode == errno.ENOSPC:
        raise FullDisk
    if process.returncode:
        raise MlError(_reason(folder / "log", process.returncode))
    look()


def stop_orphan(folder: Path) -> None:
    """End the process that a killed worker has left behind in `folder`."""
    with suppress(OSError, ValueError):
        pid = int((folder / "pid").read_text())
        if str(folder) in Path(f"/proc/{pid}/cmdline").read_text():  # else the number is reused
            os.killpg(pid, signal.SIGKILL)


def command(arguments: Sequence[str]) -> list[str]:
    """What is executed."""
    return ["nice", "-n", str(NICENESS), sys.executable, "-m", "ml.sppnet", *arguments]


def _start(arguments: Sequence[str], folder: Path, limits: Limits) -> subprocess.Popen[bytes]:
    threads = limits.threads or max((os.cpu_count() or 1) // 2, 1)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command(arguments),
            cwd=settings.BASE_DIR,
            env=os.environ | dict.fromkeys(_THREADS, str(threads)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with suppress(OSError):  # Linux alone has it, and not every Linux
        # Where each session has its share of the processor, `nice` counts within the session only.
        Path(f"/proc/{process.pid}/autogroup").write_text(str(NICENESS))
    try:
        (folder / "pid").write_text(str(process.pid))
    except OSError:  # nobody could end it later
        _stop(process)
        raise
    if limits.memory_mb and hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError):  # it has ended already, and will say why
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (limits.memory_mb << 20,) * 2)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _reason(log: Path, status: int) -> str:
    """Its last words; in ours where they are those of the system."""
    words = log.read_text(errors="replace").strip().splitlines()
    last = words[-1] if words else f"It ended with status {status}."
    if last.startswith("error: "):
        return last
    if "no space left on device" in last.lower():
        return str(FullDisk())
    return _OUT_OF_MEMORY if "memory" in last.lower() else last
