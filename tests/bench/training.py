"""What a training costs those who click: the median latency of a click, at rest and meanwhile.

A real server with its workers; clicks go through the REST API, one after another, on nuclei of the
demo images that are encoded already. In one run: at rest, while a training runs, at rest again.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import numpy as np

from ml.simulation.api_client import ApiClient
from ml.simulation.team import Team, nuclei_of
from ml.sppnet.datasets import Sample, read_sample
from ml.sppnet.sampling import centre
from tests.bench import report
from tests.services import ROOT, App, running_app

DEMO = ROOT / "annotations" / "demo"
IMAGE = "stained_1"
MAKE_TOKEN = """
from django.contrib.auth import get_user_model
from annotations.services.personal_token import make_token
person = get_user_model().objects.get(username="admin")
print(make_token(user=person, name="benchmark", scope="manage")[1])
"""


def token_of(app: App) -> str:
    """A token of the administrator, as the account page would make it."""
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", MAKE_TOKEN]
    made = subprocess.run(
        command, cwd=ROOT, env=app.environment, check=True, capture_output=True, text=True
    )
    return made.stdout.strip().splitlines()[-1]


class Clicker:
    """Clicks the nuclei of one image in turn."""

    def __init__(self, api: ApiClient, image: int, sample: Sample) -> None:
        self._api, self._image = api, image
        self._places = [centre(nucleus) for nucleus in nuclei_of(sample)]

    def click(self, number: int) -> float:
        """Seconds from asking to the answer."""
        x, y = self._places[number % len(self._places)]
        id = str(uuid4())
        click = {"id": str(uuid4()), "x": x + 0.5, "y": y + 0.5, "positive": True}
        began = time.perf_counter()
        self._api.post("/api/prompts/", {"id": id, "image": self._image, "clicks": [click]})
        self._api.wait_for(f"/api/prompts/{id}/", lambda state: state["status"] == "done", 120)
        return time.perf_counter() - began

    def median_ms(self, clicks: int) -> float:
        return 1000 * statistics.median(self.click(number) for number in range(clicks))


@contextmanager
def training(api: ApiClient, dataset: int) -> Iterator[None]:
    """Inside, a training is under way: past its loading, well before its end."""
    run = api.post("/api/training-runs/", {"dataset": dataset, "minutes": 30})["id"]
    path = f"/api/training-runs/{run}/"
    api.wait_for(path, lambda state: "loss" in state["metrics"], 900)
    yield
    api.delete(path)
    api.wait_for(path, lambda state: state["status"] == "cancelled", 60)


def measure(clicks: int) -> str:
    # Uploads are encoded by Django, which asks for its settings.
    os.environ["DJANGO_SETTINGS_MODULE"] = "sppnet_app.settings.dev"
    names = ("web", "interactive", "batch", "train")
    with TemporaryDirectory() as folder, running_app(Path(folder), names) as app:
        api = ApiClient(app.url, token_of(app))
        team = Team(api, "Benchmark")
        sample = read_sample(DEMO, IMAGE)
        image = team.upload(sample)
        team.draw(image, sample)
        ready = f"/api/images/{image['id']}/"
        api.wait_for(ready, lambda state: state["encoding"] == "ready", 300)
        clicker = Clicker(api, image["id"], sample)
        clicker.median_ms(5)  # the first ones load what the others find
        before = clicker.median_ms(clicks)
        with training(api, team.dataset):
            meanwhile = clicker.median_ms(clicks)
        after = clicker.median_ms(clicks)
    rest = float(np.mean([before, after]))
    return "\n".join(
        [
            "| Clicks | At rest, before | after | While training | ratio |",
            "| ---: | ---: | ---: | ---: | ---: |",
            f"| {clicks} | {before:.0f} ms | {after:.0f} ms | {meanwhile:.0f} ms "
            f"| {meanwhile / rest:.2f} |",
        ]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=60)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    arguments = parser.parse_args()
    table = measure(arguments.clicks)
    print(f"{os.cpu_count()} cores\n{table}")
    if arguments.write:
        report.write("training", table)
