"""What the web process does with ml.services, driven by lines of JSON: [function, arguments]."""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from django.conf import settings

django.setup()

from ml import services  # noqa: E402
from ml.broker import INTERACTIVE, TRAIN, enqueue  # noqa: E402
from ml.models import Prediction, TrainingRun  # noqa: E402
from ml.training_queue import start_training  # noqa: E402


def ask(id: str, **question: Any) -> str:
    return services.request_prediction(id=UUID(id), **question).status


def look(id: str) -> dict[str, Any]:
    return Prediction.objects.values("status", "error", "mask", "score", "attempts").get(pk=id)


def send_again(id: str, times: int) -> None:
    enqueue(services.ANSWER, [id] * times, queue=INTERACTIVE)


def workers() -> dict[str, bool]:
    return services.worker_status()


def loaded(module: str) -> bool:
    return module in sys.modules


def train(source: str, snapshot: str) -> int:
    (Path(settings.DATA_DIR) / snapshot).mkdir(parents=True)
    run = start_training(source=source, created_by_name="ada", minutes=60)
    TrainingRun.objects.filter(pk=run.pk).update(snapshot=snapshot)
    return run.pk


def look_at_run(id: int) -> dict[str, Any]:
    fields = "status", "error", "progress", "attempts", "checkpoint_to"
    return TrainingRun.objects.values(*fields).get(pk=id)


def send_turns(id: int, times: int) -> None:
    enqueue(services.TRAIN_RUN, [id] * times, queue=TRAIN)


for line in sys.stdin:
    name, arguments = json.loads(line)
    print(json.dumps(globals()[name](**arguments)), flush=True)
