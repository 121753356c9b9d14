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
    """A command that is to be running for as long as the app is; cancel its task to end it."""

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], nice: int = 0
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._nice = nice
        self._colour = next(COLOURS)
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)

    async def keep_running(self) -> None:
        """Run the command again whenever it ends; raise ChildFailed if that is in vain."""
        deaths: deque[float] = deque(maxlen=DEATHS)
        while True:
            code = await self.run()
            deaths.append(time.monotonic())
            if len(deaths) == DEATHS and deaths[-1] - deaths[0] < WITHIN_SECONDS:
                said = "\n".join(f"    {line}" for line in self._last_lines)
                raise ChildFailed(f"{self.name} keeps ending ({how(code)}). It said last:\n{said}")
            say(f"{self.name} ended ({how(code)}); starting it again")
            await asyncio.sleep(len(deaths))

    async def run(self) -> int:
        """Run the command once, showing its lines; return its exit code (-N for signal N).

        Whether it ends by itself or the caller is cancelled: nothing of it is left running.
        """
        # asyncio's own pipe would make process.wait() wait for all who inherited the pipe.
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the supervisor, which then asks each
                preexec_fn=self._before_exec,
            )
        finally:
            os.close(write_end)
        reading = asyncio.create_task(self._show_lines(read_end))
        try:
            return await process.wait()
        finally:
            await end(process)
            await reading

    def _before_exec(self) -> None:
        os.nice(self._nice)
        if sys.platform == "linux":
            # Should the supervisor be killed outright, its processes are told to stop as well.
            parent_death_signal = 1
            ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)

    async def _show_lines(self, read_end: int) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        pipe = os.fdopen(read_end, "rb")
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
        rest = b""
        while chunk := await reader.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._show(line)
        self._show(rest)
        transport.close()

    def _show(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip()
        if text:
            self._last_lines.append(text)
            write(self.name, text, self._colour)


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask `process` to stop, ever less politely, then kill what is left of its group."""
    for number, patience in STOP_SIGNALS:
        if process.returncode is not None:
            break
        with suppress(ProcessLookupError, TimeoutError):
            process.send_signal(number)
            await asyncio.wait_for(process.wait(), patience)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


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
