"""Whatever loses a message, its row is found and sent again, to whom it concerns, and not more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ml.broker import QUEUES
from ml.models import Checkpoint, Encoding, Prediction, TrainingRun
from ml.recovery import requeue_lost_jobs, requeue_unfinished
from ml.services import request_encoding

CLICK = [[20.5, 10.5, True]]


@pytest.fixture
def backlog(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Messages in each queue that no worker has taken."""
    lengths = dict.fromkeys(QUEUES, 0)
    monkeypatch.setattr("ml.recovery.waiting", lengths.__getitem__)
    return lengths


@pytest.fixture
def rows(ask: Any, checkpoint: Checkpoint, image_path: str) -> dict[str, Any]:
    """One row of each kind."""
    now = timezone.now()
    run = TrainingRun.objects.create(
        checkpoint_from=checkpoint, snapshot="s", created_by_name="ada", enqueued_at=now
    )
    encoding = request_encoding(
        image_path=image_path, image_sha256="ab" * 32, width=64, height=48, topic="image:1"
    )
    return {"click": ask(CLICK), "all": ask([]), "encoding": encoding, "run": run}


def age(**changes: Any) -> None:
    for model in (Prediction, Encoding, TrainingRun):
        model.objects.update(**changes)


def ids(row: Any) -> list[Any]:
    return [row.pk if isinstance(row.pk, int) else str(row.pk)]


def test_a_new_worker_sends_again_all_that_its_queues_owe(
    rows: dict[str, Any], messages: Any
) -> None:
    age(status="running", started_at=timezone.now(), attempts=1)
    assert requeue_unfinished(["interactive"]) == 2
    assert messages == [
        ("ml.answer_prediction", ids(rows["click"]) + ids(rows["all"]), "interactive")
    ]
    messages.clear()
    assert requeue_unfinished(["batch", "train"]) == 3
    assert messages == [
        ("ml.propose_nuclei", ids(rows["all"]), "batch"),
        ("ml.encode_image", ids(rows["encoding"]), "batch"),
        ("ml.run_training", ids(rows["run"]), "train"),
    ]


def test_answered_rows_are_left_alone(rows: dict[str, Any], messages: Any) -> None:
    Prediction.objects.update(status="done")
    Encoding.objects.update(status="ready")
    TrainingRun.objects.update(status="cancelled")
    assert requeue_unfinished(QUEUES) == 0
    assert not messages


def test_what_has_waited_for_long_is_sent_again_once(
    rows: dict[str, Any], messages: Any, backlog: dict[str, int]
) -> None:
    assert requeue_lost_jobs() == 0
    age(enqueued_at=timezone.now() - timedelta(seconds=25))
    assert requeue_lost_jobs() == 4
    assert ("ml.answer_prediction", ids(rows["click"]), "interactive") in messages
    assert ("ml.propose_nuclei", ids(rows["all"]), "batch") in messages
    assert requeue_lost_jobs() == 0


def test_a_busy_queue_is_left_alone(
    rows: dict[str, Any], messages: Any, backlog: dict[str, int]
) -> None:
    age(enqueued_at=timezone.now() - timedelta(seconds=25))
    backlog["batch"] = backlog["train"] = 7
    requeue_lost_jobs()
    assert [queue for _, _, queue in messages] == ["interactive"]


def test_work_in_progress_is_lost_only_beyond_its_time_limit(
    rows: dict[str, Any], messages: Any, backlog: dict[str, int]
) -> None:
    age(status="running", started_at=timezone.now() - timedelta(minutes=3))
    requeue_lost_jobs()
    # All nuclei of a large image may take the batch worker an hour.
    assert messages == [("ml.answer_prediction", ids(rows["click"]), "interactive")]


def test_rows_stay_lost_while_redis_is_away(
    rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.recovery.enqueue", lambda *_, **__: False)
    assert requeue_unfinished(QUEUES) == 0
    assert Prediction.objects.unfinished().count() == 2
