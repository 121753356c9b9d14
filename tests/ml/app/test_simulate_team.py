"""A simulated team works through the real API; a stand-in for the workers answers and learns."""

import json
from collections import OrderedDict
from io import StringIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from annotations.models import Image, Mask
from annotations.services.personal_token import make_token
from ml import registry
from ml.answering import answer_prediction
from ml.encoding import encode_image
from ml.models import Checkpoint, Judgement, Promotion, Status, TrainingRun
from ml.services import ANSWER, ENCODE, TRAIN_RUN, register_checkpoint
from ml.sppnet.predict import Answer
from tests.factories import make_user
from tests.ml.app.disks import DiskPredictor, write_checkpoint

pytestmark = pytest.mark.django_db(transaction=True)

CENTRES = [(10, 10), (25, 12), (14, 28)]


class HalfDiskPredictor(DiskPredictor):
    """What learning has to better: the right half of each nucleus is missing."""

    def segment(self, *asked: Any) -> Answer:
        answer = super().segment(*asked)
        mask = answer.mask.copy()
        mask[:, 4:] = False
        return Answer(answer.x, answer.y, mask, answer.score)


class Workers:
    """Do at once what a message asks for: look at an image, answer a click, or learn to see whole
    nuclei."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trained = 0
        self.passes = True

    def send_task(self, task: str, args: list[Any], **_: Any) -> None:
        if task == ENCODE:
            encode_image(args[0])
        elif task == ANSWER:
            answer_prediction(args[0])
        elif task == TRAIN_RUN:
            self.learn()

    @transaction.atomic
    def learn(self) -> None:
        self.trained += 1
        run = TrainingRun.objects.queue()[0]
        path = self.folder / "checkpoints" / f"better_{self.trained}.safetensors"
        better = register_checkpoint(path=write_checkpoint(path, weight=self.trained))
        know(better, DiskPredictor())
        run.status, run.checkpoint_to = Status.DONE, better
        run.save()
        Judgement.objects.create(
            candidate=better,
            rival=run.checkpoint_from,
            source=run.source,
            run=run,
            status=Status.DONE,
            passed=self.passes,
            reasons=["AJI is higher" if self.passes else "AJI is lower"],
            enqueued_at=run.enqueued_at,
        )


def know(checkpoint: Checkpoint, predictor: DiskPredictor) -> None:
    predictor.sha256 = checkpoint.sha256
    registry._loaded[checkpoint.sha256] = predictor  # type: ignore[assignment]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two images of three nuclei each, with their truth."""
    folder = tmp_path / "pictures"
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    rows, columns = np.mgrid[:40, :40]
    labels = np.zeros((40, 40), np.uint8)
    for number, (x, y) in enumerate(CENTRES, 1):
        labels[(columns - x) ** 2 + (rows - y) ** 2 <= 9] = number
    for seed, name in enumerate(("one", "two")):
        noise = np.random.default_rng(seed).integers(0, 255, (40, 40, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / "images" / f"{name}.png"), noise)
        cv2.imwrite(str(folder / "labels" / f"{name}.png"), labels)
    return folder


@pytest.fixture
def token() -> str:
    admin = make_user("admin", is_staff=True, is_superuser=True)
    return make_token(user=admin, name="simulation", scope="manage")[1]


@pytest.fixture
def workers(
    checkpoint: Checkpoint, data_dir: Path, monkeypatch: pytest.MonkeyPatch, events: Any
) -> Workers:
    monkeypatch.setattr(registry, "_loaded", OrderedDict())
    know(checkpoint, HalfDiskPredictor())
    workers = Workers(data_dir)
    monkeypatch.setattr("ml.broker.app.send_task", workers.send_task)
    return workers


def simulate(pictures: Path, live_server: Any, token: str, **options: Any) -> str:
    out = StringIO()
    sizes = {"field": 40, "rounds": 1, "fields_a_round": 1, "held_out": 1, "minutes": 1}
    where = {"data": pictures, "url": live_server.url, "token": token}
    call_command("simulate_team", stdout=out, **where, **sizes | options)
    return out.getvalue()


def test_a_team_annotates_learns_promotes_and_has_less_to_do(
    pictures: Path, live_server: Any, token: str, workers: Workers, tmp_path: Path
) -> None:
    printed = simulate(pictures, live_server, token, json=tmp_path / "table.json")
    before, after = json.loads((tmp_path / "table.json").read_text())
    # Half a nucleus takes every corrective click and then a stroke, a whole one only the first.
    assert (before["round"], before["nuclei"], before["edits"]) == (0, 3, 4)
    assert (after["round"], after["images"], after["nuclei"], after["edits"]) == (1, 1, 3, 0)
    assert before["iou1"] < 0.8
    assert after["iou1"] == 1
    assert "promoted: AJI is higher" in printed
    assert "100% fewer after 1 rounds" in printed

    run = TrainingRun.objects.get()
    assert Promotion.objects.current(run.source).get().checkpoint == run.checkpoint_to
    held, learned = Image.objects.order_by("pk")
    assert not Image.objects.filter(status__in=["new", "in_progress"]).exists()
    assert set(Mask.objects.filter(image=held).values_list("origin", flat=True)) == {"drawn"}
    kept = Mask.objects.filter(image=learned)
    assert kept.count() == 3
    assert all(mask.origin == "fixed" and mask.prediction_id for mask in kept)


def test_what_the_gate_refuses_answers_nobody(
    pictures: Path, live_server: Any, token: str, workers: Workers, tmp_path: Path
) -> None:
    workers.passes = False
    printed = simulate(pictures, live_server, token, json=tmp_path / "table.json")
    before, after = json.loads((tmp_path / "table.json").read_text())
    assert "refused: AJI is lower" in printed
    assert before["edits"] == after["edits"] == 4
    assert before["checkpoint"] == after["checkpoint"]
    assert not Promotion.objects.current(TrainingRun.objects.get().source).exists()


def test_too_few_images_and_a_refusal_end_as_a_sentence(
    pictures: Path, live_server: Any, token: str, workers: Workers
) -> None:
    with pytest.raises(CommandError, match="has 2 images"):
        simulate(pictures, live_server, token, rounds=2)
    with pytest.raises(CommandError, match="was answered with 401"):
        simulate(pictures, live_server, "wrong")
