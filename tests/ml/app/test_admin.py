"""Administrators see everything that was asked and answered."""

from typing import Any

import pytest

from ml.models import Checkpoint, TrainingRun
from ml.services import request_encoding
from ml.training_queue import start_training


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


def test_a_checkpoint_is_not_made_active_past_the_gate(admin_client: Any, run: TrainingRun) -> None:
    page = admin_client.get("/admin/ml/checkpoint/")
    assert b'value="make_active"' not in page.content


def test_a_run_is_cancelled(admin_client: Any, run: TrainingRun) -> None:
    act(admin_client, "trainingrun", "cancel", run)
    run.refresh_from_db()
    assert run.status == "cancelled"
