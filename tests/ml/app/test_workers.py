"""A click, a real queue, a real worker, the shipped network; and one of them dies."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import embedded_redis
import numpy as np
import procfile
import psutil
import pytest
import redis

from ml.sppnet.predict import Predictor
from tests.e2e.nuclei import clear_nucleus, deepest_point, iou, labels_of, pasted
from tests.services import ROOT, Service, wait_until

DEMO = ROOT / "annotations" / "demo"
TOPIC = "image:1"


@dataclass
class Machine:
    """Redis, the interactive worker and a web process on one state directory."""

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

    def click(self, picture: str, x: float, y: float) -> str:
        """Ask for the nucleus at (x, y) and return the prompt's id."""
        height, width = cv2.imread(str(self.data_dir / "media" / picture)).shape[:2]
        id = str(uuid4())
        question = {"image_path": picture, "image_sha256": (picture * 64)[:64], "topic": TOPIC}
        clicks = [[x, y, True]]
        self.call("ask", id=id, width=width, height=height, clicks=clicks, **question)
        return id

    def status(self, id: str) -> str:
        return str(self.call("look", id=id)["status"])

    def answer(self, id: str) -> dict[str, Any]:
        wait_until(lambda: self.status(id) in ("done", "failed"), "the answer")
        answer: dict[str, Any] = self.call("look", id=id)
        assert (answer["status"], answer["error"]) == ("done", ""), self.worker.log.read_text()
        return answer

    def large_picture(self) -> str:
        """A new picture whose first click keeps the worker busy for a moment."""
        name = f"{uuid4()}.png"
        noise = np.random.default_rng().integers(0, 255, (3000, 3000, 3), dtype=np.uint8)
        cv2.imwrite(str(self.data_dir / "media" / name), noise)
        return name


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    data_dir = tmp_path_factory.mktemp("machine")
    command, url = embedded_redis.command(data_dir / "redis")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "DATA_DIR": str(data_dir),
        "REDIS_URL": url,
        "DJANGO_SETTINGS_MODULE": "sppnet_app.settings.dev",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "SPPNET_TORCH_THREADS": "1",
        "SPPNET_ENGINE": "torch",
        **procfile.WORKER_ENVIRONMENT,
    }
    for arguments in (["migrate", "-v0"], ["load_starter"]):
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True
        )
    shutil.copytree(DEMO / "images", data_dir / "media")
    commands = procfile.commands(host="127.0.0.1", port=0)
    worker = Service("interactive", commands["interactive"], environment, data_dir / "worker.log")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ml.app.web_side"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as web:
        redis_service = Service("redis", command, dict(os.environ), data_dir / "redis.log")
        machine = Machine(data_dir, redis_service, url, worker, web)
        machine.start_redis()
        worker.start()
        yield machine
        worker.stop()
        machine.redis.stop()
        assert web.stdin
        web.stdin.close()


def test_a_click_comes_back_as_the_mask_that_the_network_sees(machine: Machine) -> None:
    nucleus = clear_nucleus(labels_of("fluorescence_1"))
    x, y = deepest_point(nucleus)
    answer = machine.answer(machine.click("fluorescence_1.png", x, y))
    found = pasted(answer["mask"], nucleus.shape)
    assert found[int(y), int(x)]
    assert answer["mask"]["area"] == found.sum()

    predictor = Predictor.load(ROOT / "ml" / "starter" / "sppnet_click.safetensors")
    image = cv2.imread(str(DEMO / "images" / "fluorescence_1.png"), cv2.IMREAD_COLOR_RGB)
    click = [(x, y, True)]
    tile = predictor.tile_for(click, image.shape[1], image.shape[0])
    expected = predictor.segment(image, tile, predictor.encode(image, tile), click)
    assert iou(found, expected.paste(*nucleus.shape)) > 0.98
    assert answer["score"] == pytest.approx(expected.score, abs=0.01)
    assert machine.call("workers") == {"interactive": True, "batch": False, "train": False}
    assert not machine.call("loaded", module="torch")


def test_a_message_delivered_often_is_answered_and_told_once(machine: Machine) -> None:
    with redis.Redis.from_url(machine.redis_url) as client, client.pubsub() as listener:
        listener.subscribe(f"events:{TOPIC}")
        wait_until(lambda: listener.get_message(timeout=1), "the subscription")
        id = machine.click("fluorescence_2.png", 50.5, 50.5)
        machine.call("send_again", id=id, times=3)
        machine.answer(id)
        last = machine.click("fluorescence_2.png", 60.5, 60.5)  # behind all of them
        machine.answer(last)
        told = [json.loads(listener.get_message(timeout=5)["data"])["data"] for _ in range(2)]
        assert told == [{"id": id, "status": "done"}, {"id": last, "status": "done"}]
        assert listener.get_message(timeout=0.5) is None
    assert machine.call("look", id=id)["attempts"] == 1


def test_a_worker_killed_between_click_and_answer(machine: Machine) -> None:
    id = machine.click(machine.large_picture(), 1000.5, 1000.5)
    wait_until(lambda: machine.status(id) == "running", "the start of the work", seconds=20)
    machine.worker.kill()
    later = machine.click("stained_1.png", 50.5, 50.5)
    assert machine.status(id) == "running"
    assert machine.status(later) == "queued"
    wait_until(lambda: not any(machine.call("workers").values()), "the sign that it is gone")

    machine.worker.start()
    machine.answer(later)
    machine.answer(id)


def test_a_killed_child_of_the_worker_is_replaced(machine: Machine) -> None:
    id = machine.click(machine.large_picture(), 1000.5, 1000.5)
    wait_until(lambda: machine.status(id) == "running", "the start of the work", seconds=20)
    assert machine.worker.process
    for child in psutil.Process(machine.worker.process.pid).children():
        child.kill()
    machine.answer(id)


def test_a_click_while_redis_is_away_is_kept_and_answered(machine: Machine) -> None:
    machine.answer(machine.click("stained_2.png", 40.5, 40.5))
    machine.redis.kill()
    started = time.monotonic()
    id = machine.click("stained_2.png", 50.5, 50.5)
    assert time.monotonic() - started < 4
    assert machine.status(id) == "queued"
    assert not any(machine.call("workers").values())
    machine.start_redis()
    machine.answer(id)


def test_a_worker_that_ends_says_good_bye(machine: Machine) -> None:
    wait_until(lambda: machine.call("workers")["interactive"], "a sign of life")
    machine.worker.stop()
    assert not machine.call("workers")["interactive"]


def test_threads_of_one_worker_answer_the_clicks_of_many_people(machine: Machine) -> None:
    """As on a GPU, where one process has the network and answers several clicks at once."""
    machine.worker.stop()
    on_a_gpu = procfile.commands(host="127.0.0.1", port=0, gpu=True)["interactive"]
    log = machine.data_dir / "threads.log"
    threads = Service("threads", on_a_gpu, machine.worker.environment, log)
    names = ["fluorescence_1", "fluorescence_2", "stained_1"]
    points = {name: deepest_point(clear_nucleus(labels_of(name))) for name in names}
    ids = [
        (name, machine.click(f"{name}.png", x + dx, y))
        for dx in (0, 1, 2)
        for name, (x, y) in points.items()
    ]
    threads.start()
    try:
        for name, id in ids:
            nucleus = clear_nucleus(labels_of(name))
            x, y = points[name]
            assert pasted(machine.answer(id)["mask"], nucleus.shape)[int(y), int(x)]
            assert machine.call("look", id=id)["attempts"] == 1
        assert threads.process
        assert not psutil.Process(threads.process.pid).children()
        # The signal that has it prepared came: it says what is odd on a machine like this one.
        assert "Threads answer clicks here without a GPU" in log.read_text()
    finally:
        threads.stop()
