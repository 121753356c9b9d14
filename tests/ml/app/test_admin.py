"""Administrators see everything that was asked and answered, and choose who answers."""

from pathlib import Path
from typing import Any

import pytest

from ml.models import Checkpoint, TrainingRun
from ml.services import register_checkpoint, request_encoding
from ml.training_queue import start_training
from tests.ml.app.disks import write_checkpoint


@pytest.fixture
def run(checkpoint: Checkpoint, messages: Any) -> TrainingRun:
    return start_training(source="dataset:1", created_by_name="ada", minutes=5)


def act(client: Any, kind: str, action: str, *rows: Any) -> None:
    body = {"action": action, "_selected_action": [row.pk for row in rows]}
    assert client.post(f"/admin/ml/{kind}/", body).status_code == 302


def test_every_table_is_shown(admin_client: Any, ask: Any, run: TrainingRun) -> None:
    prediction = ask([[1, 2, True]])
    encoding = request_encoding(
        image_path="a.png", image_sha256="a", width=1, height=1, topic="image:1"
    )
    for row in (prediction, encoding, run, run.checkpoint_from):
        url = f"/admin/ml/{row._meta.model_name}/"
        assert admin_client.get(url).status_code == 200
        assert admin_client.get(f"{url}{row.pk}/change/").status_code == 200


def test_a_checkpoint_is_made_active(
    admin_client: Any, checkpoint: Checkpoint, data_dir: Path
) -> None:
    other = register_checkpoint(path=write_checkpoint(data_dir / "other.safetensors", 1.0))
    act(admin_client, "checkpoint", "make_active", other, checkpoint)
    assert Checkpoint.objects.active().get() == checkpoint
    act(admin_client, "checkpoint", "make_active", other)
    assert Checkpoint.objects.active().get() == other


def test_a_run_is_cancelled(admin_client: Any, run: TrainingRun) -> None:
    act(admin_client, "trainingrun", "cancel", run)
    run.refresh_from_db()
    assert run.status == "cancelled"
