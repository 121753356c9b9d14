"""Real parts for the tests: Redis, workers, the web server, a browser; each a process of its own.

They run the commands of docker/Procfile on a scratch DATA_DIR, so what is tested is what is run.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import embedded_redis
import install
import procfile
import pytest
import supervise
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Service:
    """A command that a test starts, stops and kills; what it prints goes to `log`."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End it as the supervisor would, and whatever it started."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        self.kill()

    def kill(self) -> None:
        """SIGKILL it and whatever it started, with no time to say good-bye."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class App:
    """A running SPPNet Annotate: where it is and the processes that it is made of."""

    url: str
    data_dir: Path
    environment: dict[str, str]
    services: dict[str, Service] = field(default_factory=dict)

    @property
    def password(self) -> str:
        return supervise.admin_password(self.data_dir)

    def logs(self) -> str:
        return "\n".join(f"── {s.name}\n{s.log.read_text()}" for s in self.services.values())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.1)


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Start a Redis of our own in `folder` and yield its URL."""
    command, url = embedded_redis.command(folder)
    redis = Service("redis", command, dict(os.environ), folder / "redis.log")
    redis.start()
    try:
        wait_until(lambda: embedded_redis.answers(url), "an answer from Redis")
        yield url
    finally:
        redis.stop()


@contextmanager
def running_app(data_dir: Path, names: tuple[str, ...]) -> Iterator[App]:
    """Start the processes `names` of the Procfile on `data_dir`, with a Redis, and yield them."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "sppnet_app.settings.dev",
        # To compare engines takes the time of many tests; they have their own.
        "SPPNET_ENGINE": os.environ.get("SPPNET_ENGINE", "torch"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        **procfile.WORKER_ENVIRONMENT,
    }
    with ExitStack() as stack:
        environment["REDIS_URL"] = stack.enter_context(running_redis(data_dir / "redis"))
        subprocess.run([sys.executable, "docker/prepare.py"], cwd=ROOT, env=environment, check=True)
        app = App(url, data_dir, environment)
        commands = procfile.commands(host="127.0.0.1", port=port)
        for name in names:
            log = data_dir / f"{name}.log"
            app.services[name] = service = Service(name, commands[name], environment, log)
            stack.callback(service.stop)
            service.start()
        wait_until(lambda: supervise.page_answers(f"{url}/accounts/login/"), "the log-in page")
        yield app


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start a headless Chromium: the system's, else Playwright's."""
    system = next(filter(None, map(shutil.which, install.BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty Redis that lasts as long as the tests."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url
