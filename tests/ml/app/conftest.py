"""One image, one checkpoint, one network of disks, and what is sent and told."""

from collections import OrderedDict
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
import pytest

from ml import embeddings, registry
from ml.models import Checkpoint, Prediction
from ml.services import register_checkpoint, request_prediction
from tests.ml.app.disks import DiskPredictor, write_checkpoint

WIDTH, HEIGHT = 64, 48
SHA256 = "ab" * 32


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    embeddings.store.cache_clear()
    return tmp_path


@pytest.fixture
def checkpoint(db: None, data_dir: Path) -> Checkpoint:
    """The active checkpoint."""
    path = write_checkpoint(data_dir / "checkpoints" / "disks.safetensors")
    return register_checkpoint(path=path, activate=True)


@pytest.fixture
def predictor(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> DiskPredictor:
    predictor = DiskPredictor()
    predictor.sha256 = checkpoint.sha256
    monkeypatch.setattr(registry, "_loaded", OrderedDict({checkpoint.sha256: predictor}))
    return predictor


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any], str]]:
    """What is sent to workers: (task, ids, queue)."""
    sent: list[tuple[str, list[Any], str]] = []

    def enqueue(task: str, ids: list[Any], *, queue: str, ahead: bool = False) -> bool:
        sent.append((task, ids, queue))
        return True

    for module in (
        *("services", "answering", "encoding", "preparing", "promotions", "recovery"),
        *("training_queue", "judgement_queue"),
    ):
        monkeypatch.setattr(f"ml.{module}.enqueue", enqueue)
    return sent


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """What browsers are told: (topic, event, data)."""
    told: list[tuple[str, str, Any]] = []
    for module in ("answering", "encoding"):
        monkeypatch.setattr(f"ml.{module}.publish", lambda *event: told.append(event))
    return told


@pytest.fixture
def image_path(media: Path) -> str:
    """A picture of noise under MEDIA_ROOT. Another test's picture is not taken for it."""
    path = f"{uuid4()}.png"
    media.mkdir(exist_ok=True)
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    cv2.imwrite(str(media / path), noise)
    return path


@pytest.fixture
def ask(db: None, image_path: str) -> Any:
    """Make a prompt for the picture: ask(clicks, **changes) -> Prediction."""

    def ask(clicks: list[list[Any]], **changes: Any) -> Prediction:
        question: dict[str, Any] = {
            "id": uuid4(),
            "topic": "image:1",
            "image_path": image_path,
            "image_sha256": SHA256,
            "width": WIDTH,
            "height": HEIGHT,
            "clicks": clicks,
        }
        return request_prediction(**question | changes)

    return ask
