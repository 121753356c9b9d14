"""Run every process of the app under one roof: start, watch, restart, stop.

Environment: HOST, PORT, DATA_DIR; with REDIS_URL set, that Redis is used instead of our own.
"""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import embedded_redis
import procfile
from child import Child, ChildFailed, say

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60.0
SECRETS = "secrets.json"
# Where a machine with NVIDIA's driver shows it; the second one is Windows' Linux.
GPU_DEVICES = ("nvidia[0-9]*", "dxg")
ASK_TORCH = "import sys, torch; sys.exit(not torch.cuda.is_available())"
# A click goes before an export, an export before a training run.
NICENESS = {"batch": 5, "train": 10}


class StartError(Exception):
    """The app cannot run; its text is the one line that is shown."""


class Supervisor:
    """The app's processes; each is a task in the order in which they were started."""

    def __init__(self, host: str, port: int, data_dir: Path) -> None:
        self.host = host
        self.port = port
        self.data_dir = data_dir
        self.url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
        self.environment = {**os.environ, "DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
        venv_bin = str(Path(sys.executable).parent)
        self.environment["PATH"] = os.pathsep.join([venv_bin, os.environ["PATH"]])
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; raise StartError or ChildFailed if in vain."""
        signalled = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, signalled.set)
        stopped = asyncio.create_task(signalled.wait())
        started = asyncio.create_task(self._start_all())
        try:
            await first_of(stopped, started, self._failed)
            if started.done():
                started.result()
                await first_of(stopped, self._failed)
            if self._failed.done():
                self._failed.result()
            say("stopping")
        finally:
            stopped.cancel()
            # Redis was started first and goes last: the workers hand their messages back to it.
            await cancel(started, *self._watchers[1:])
            await cancel(*self._watchers[:1])

    async def _start_all(self) -> None:
        redis_url = self.environment.get("REDIS_URL")
        if not redis_url:
            command, redis_url = embedded_redis.command(self.data_dir / "redis")
            self.environment["REDIS_URL"] = redis_url
            self._start(Child("redis", command, self.environment))
        await until(lambda: embedded_redis.answers(redis_url), f"no Redis answers at {redis_url}")
        preparation = Child("prepare", [sys.executable, "docker/prepare.py"], self.environment)
        if await preparation.run():
            raise StartError("The database could not be prepared; the messages are above.")
        commands = procfile.commands(host=self.host, port=self.port, gpu=torch_has_a_gpu())
        for name, command in commands.items():
            extra = procfile.WORKER_ENVIRONMENT if "worker" in command else {}
            environment = self.environment | extra
            self._start(Child(name, command, environment, NICENESS.get(name, 0)))
        await until(lambda: page_answers(f"{self.url}/accounts/login/"), "no page is served")
        self._announce()

    def _start(self, child: Child) -> None:
        async def watch() -> None:
            try:
                await child.keep_running()
            except (ChildFailed, OSError) as error:
                if not self._failed.done():
                    self._failed.set_exception(error)

        self._watchers.append(asyncio.create_task(watch()))

    def _announce(self) -> None:
        lines = [
            f"SPPNet Annotate runs at {self.url}",
            "",
            "user      admin",
            f"password  {admin_password(self.data_dir)}",
            f"          (kept in {self.data_dir / SECRETS})",
            "",
            "Ctrl-C stops it.",
        ]
        width = max(map(len, lines))
        print(f"┌─{'─' * width}─┐")
        for line in lines:
            print(f"│ {line:<{width}} │")
        print(f"└─{'─' * width}─┘", flush=True)


def admin_password(data_dir: Path) -> str:
    """Return the password that was made for the user "admin", if it was made here."""
    try:
        return str(json.loads((data_dir / SECRETS).read_text())["admin_password"])
    except (OSError, KeyError):
        return "(the one you chose)"


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancel `tasks` and wait until they have ended, one way or another."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


async def until(condition: Callable[[], bool], otherwise: str) -> None:
    """Wait until `condition` holds; raise StartError after SECONDS_TO_START."""
    deadline = asyncio.get_running_loop().time() + SECONDS_TO_START
    while not await asyncio.to_thread(condition):
        if asyncio.get_running_loop().time() > deadline:
            raise StartError(f"After {SECONDS_TO_START:.0f} seconds {otherwise}.")
        await asyncio.sleep(0.1)


def torch_has_a_gpu() -> bool:
    """Ask torch, which takes seconds, only where there may be one."""
    if not any(any(Path("/dev").glob(name)) for name in GPU_DEVICES):
        return False
    return subprocess.run([sys.executable, "-c", ASK_TORCH]).returncode == 0


def page_answers(url: str) -> bool:
    """Tell whether `url` answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def lock(data_dir: Path) -> int:
    """Keep other supervisors out of `data_dir` until this process ends; raise StartError."""
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_dir / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartError(
            f"SPPNet Annotate already runs on {data_dir}; stop it, "
            "or give this one its own: make run DATA_DIR=other-folder PORT=8001"
        ) from None
    return descriptor


async def main() -> None:
    os.chdir(ROOT)
    data_dir = Path(os.environ.get("DATA_DIR") or "var").resolve()
    lock(data_dir)
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    await Supervisor(host, port, data_dir).run()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (StartError, ChildFailed) as error:
        sys.exit(f"{error}")
