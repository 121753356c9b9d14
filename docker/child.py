"""One process of the app: started in a group of its own, its lines prefixed, restarted, stopped."""

import asyncio
import ctypes
import itertools
import os
import signal
import sys
import time
from collections import deque
from contextlib import suppress

COLOURS = itertools.cycle(["36", "33", "32", "35", "34", "96", "93"])
NAME_WIDTH = 11
IN_COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ

# Given one after another to a process that is to stop. Celery ends its task at the first and
# hands it back to the queue at the second.
STOP_SIGNALS = ((signal.SIGTERM, 10.0), (signal.SIGQUIT, 5.0))
# A process that dies this often within so many seconds will not get better by itself.
DEATHS, WITHIN_SECONDS = 4, 60.0
LAST_LINES = 15


class ChildFailed(Exception):
    """A process keeps dying; the text says which, how, and what it said last."""


class Child:
    """A command that is to be running for as long as the app is."""

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], nice: int = 0
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._nice = nice
        self._colour = next(COLOURS)
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)

    async def run(self) -> int:
        """Run the command once, showing its lines; return its exit code (-N for signal N)."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the supervisor alone, which then asks each
            preexec_fn=self._before_exec,
        )
        if self._stopping.is_set():
            process.terminate()
        reading = asyncio.create_task(self._show_lines(process))
        code = await process.wait()
        kill_group(process.pid)
        await reading
        return code

    async def keep_running(self) -> None:
        """Run the command again whenever it ends, until `stop`; raise ChildFailed if in vain."""
        deaths: deque[float] = deque(maxlen=DEATHS)
        while not self._stopping.is_set():
            code = await self.run()
            if self._stopping.is_set():
                return
            deaths.append(time.monotonic())
            if len(deaths) == DEATHS and deaths[-1] - deaths[0] < WITHIN_SECONDS:
                said = "\n".join(f"    {line}" for line in self._last_lines)
                raise ChildFailed(f"{self.name} keeps ending ({how(code)}). It said last:\n{said}")
            say(f"{self.name} ended ({how(code)}); starting it again")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), timeout=len(deaths))

    async def stop(self) -> None:
        """Ask the process to stop, ever less politely, and return when it has."""
        self._stopping.set()
        if self._process is None:
            return
        for number, patience in STOP_SIGNALS:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), patience)
                break
        kill_group(self._process.pid)
        await self._process.wait()

    def _before_exec(self) -> None:
        os.nice(self._nice)
        if sys.platform == "linux":
            # Should the supervisor be killed outright, its processes are told to stop as well.
            parent_death_signal = 1
            ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)

    async def _show_lines(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        buffer = b""
        while chunk := await process.stdout.read(65536):
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                self._show(line)
        if buffer:
            self._show(buffer)

    def _show(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text:
            self._last_lines.append(text)
            write(self.name, text, self._colour)


def kill_group(pid: int) -> None:
    """Kill the process group that `pid` led, so that nothing it started outlives it."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def how(code: int) -> str:
    """Return how a process with exit code `code` ended, in words."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def say(text: str) -> None:
    """Print a line of the supervisor's own."""
    write("app", text, "1")


def write(name: str, text: str, colour: str) -> None:
    prefix = f"{name:<{NAME_WIDTH}} |"
    if IN_COLOUR:
        prefix = f"\033[{colour}m{prefix}\033[0m"
    print(prefix, text, flush=True)
