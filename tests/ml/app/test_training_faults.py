"""Trainer, worker and Redis are killed under a training: it goes on, once, from where it was.

The worker, the queue and the database are real. The trainer is a stand-in that counts to a hundred
and saves each step, for `nice` is what the worker starts it with.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import embedded_redis
import procfile
import psutil
import pytest

from ml.management.commands.load_starter import STARTER
from tests.services import ROOT, Service, wait_until

STAND_IN = f"""#!{sys.executable}
import json, os, pathlib, shutil, sys, time
arguments = sys.argv[sys.argv.index("ml.sppnet") + 1:]
out = pathlib.Path(arguments[arguments.index("--out") + 1])
with (out / "starts").open("a") as file:
    file.write(str(os.getpid()) + chr(10))
state = out / "state"
for step in range(int(state.read_text()) if state.exists() else 0, 100):
    state.with_suffix(".partial").write_text(str(step + 1))
    os.replace(state.with_suffix(".partial"), state)
    with (out / "steps").open("a") as file:
        file.write(str(step) + chr(10))
    with (out / "progress.jsonl").open("a") as file:
        file.write(json.dumps({{"progress": (step + 1) / 100, "step": step}}) + chr(10))
    time.sleep(0.1)
shutil.copy({str(STARTER)!r}, out / "best.safetensors")
"""


@dataclass
class Machine:
    data_dir: Path
    redis: Service
    redis_url: str
    worker: Service
    web: subprocess.Popen[str]

    def start_redis(self) -> None:
        self.redis.start()
        wait_until(lambda: embedded_redis.answers(self.redis_url), "an answer from Redis")

    def call(self, name: str, **arguments: Any) -> Any:
        assert self.web.stdin
        assert self.web.stdout
        self.web.stdin.write(json.dumps([name, arguments]) + "\n")
        self.web.stdin.flush()
        return json.loads(self.web.stdout.readline())

    def lines(self, run: int, name: str) -> list[int]:
        path = self.data_dir / "training" / f"run-{run}" / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def wait_for_step(self, run: int, step: int) -> None:
        wait_until(lambda: step in self.lines(run, "steps"), f"step {step}", seconds=90)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    command, url = embedded_redis.command(tmp_path / "redis")
    stand_ins = tmp_path / "bin"
    stand_ins.mkdir()
    (stand_ins / "nice").write_text(STAND_IN)
    (stand_ins / "nice").chmod(0o755)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DATA_DIR": str(tmp_path),
        "REDIS_URL": url,
        "DJANGO_SETTINGS_MODULE": "sppnet_app.settings.dev",
        "PATH": os.pathsep.join(
            [str(stand_ins), str(Path(sys.executable).parent), os.environ["PATH"]]
        ),
        **procfile.WORKER_ENVIRONMENT,
    }
    for arguments in (["migrate", "-v0"], ["load_starter"]):
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True
        )
    command_of = procfile.commands(host="127.0.0.1", port=0)
    worker = Service("train", command_of["train"], environment, tmp_path / "worker.log")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ml.app.web_side"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as web:
        redis = Service("redis", command, dict(os.environ), tmp_path / "redis.log")
        machine = Machine(tmp_path, redis, url, worker, web)
        machine.start_redis()
        worker.start()
        yield machine
        worker.stop()
        redis.stop()
        assert web.stdin
        web.stdin.close()


def test_a_training_outlives_whatever_is_killed(machine: Machine) -> None:
    run = machine.call("train", source="dataset:1", snapshot="snapshots/1")
    machine.wait_for_step(run, 3)
    machine.call("send_turns", id=run, times=3)  # delivered more than once

    os.kill(machine.lines(run, "starts")[-1], 9)  # as the kernel does for want of memory
    machine.wait_for_step(run, 20)
    assert len(machine.lines(run, "starts")) == 2

    machine.worker.kill()
    orphan = machine.lines(run, "starts")[-1]
    machine.worker.start()
    wait_until(lambda: len(machine.lines(run, "starts")) == 3, "another start", seconds=90)
    assert not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == "zombie"

    machine.redis.kill()
    machine.wait_for_step(run, 80)
    machine.start_redis()

    def ended() -> bool:
        return bool(machine.call("look_at_run", id=run)["status"] not in ("queued", "running"))

    wait_until(ended, "the end of the run", seconds=90)
    state = machine.call("look_at_run", id=run)
    assert (state["status"], state["error"], state["attempts"]) == ("done", "", 3)
    assert state["checkpoint_to"]
    steps = machine.lines(run, "steps")
    assert sorted(set(steps)) == list(range(100))
    # Each start went on from the saved state: at most the step under way was taken twice.
    assert len(steps) - 100 <= len(machine.lines(run, "starts")) - 1 == 2
