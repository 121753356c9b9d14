"""The supervisor behind `make run`, started as `make run` starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import supervise

from tests.services import ROOT, free_port, wait_until

READY = "SPPNet Annotate runs at"


@contextmanager
def supervisor(data_dir: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    }
    environment |= {"DATA_DIR": str(data_dir), "PORT": str(port), "HOST": "127.0.0.1"}
    log = data_dir.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "docker/supervise.py"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, log
    finally:
        process.terminate()
        process.wait(60)


def processes_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def command_lines(process: subprocess.Popen[bytes]) -> str:
    return "\n".join(" ".join(child.cmdline()) for child in processes_of(process))


@pytest.mark.timeout(240)
def test_ctrl_c_leaves_nothing_running_and_the_next_start_is_quick(tmp_path: Path) -> None:
    port = free_port()
    login_page = f"http://127.0.0.1:{port}/accounts/login/"
    with supervisor(tmp_path / "data", port) as (process, log):
        wait_until(lambda: READY in log.read_text(), "the box with the password", 120)
        assert supervise.page_answers(login_page)
        assert supervise.admin_password(tmp_path / "data") in log.read_text()
        wait_until(lambda: len(processes_of(process)) >= 6, "the start of every process")
        running = command_lines(process)
        for part in ("redis-server", "uvicorn", "interactive@", "batch@", "train@", "beat"):
            assert part in running

        second = subprocess.run(
            [sys.executable, "docker/supervise.py"],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port())},
            capture_output=True,
            text=True,
        )
        assert second.returncode == 1
        assert "already runs on" in second.stderr

        children = processes_of(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert psutil.wait_procs(children, timeout=5)[1] == []
        assert "Traceback" not in log.read_text()

    with supervisor(tmp_path / "data", port) as (process, log):
        wait_until(lambda: READY in log.read_text(), "the second start", 30)


def test_processes_end_even_if_the_supervisor_is_killed(tmp_path: Path) -> None:
    port = free_port()
    with supervisor(tmp_path / "data", port) as (process, log):
        wait_until(lambda: READY in log.read_text(), "the box with the password", 120)
        children = processes_of(process)
        process.kill()
        # A worker that is choosing its engine ends once it has chosen.
        assert psutil.wait_procs(children, timeout=120)[1] == []
