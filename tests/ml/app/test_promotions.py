"""Each dataset may have a checkpoint of its own; promotions are remembered and can be undone."""

from pathlib import Path
from typing import Any

import pytest

from ml import registry
from ml.answering import answer_prediction
from ml.exceptions import Conflict
from ml.judgement_queue import request_judgement
from ml.models import Checkpoint, Encoding, Judgement, Prediction, Promotion, TrainingRun
from ml.promotions import activate_checkpoint, delete_checkpoint, roll_back
from ml.services import register_checkpoint, request_encoding
from ml.training_queue import start_training
from tests.ml.app.conftest import SHA256
from tests.ml.app.disks import DiskPredictor, write_checkpoint

HERE, ELSEWHERE = "dataset:1", "dataset:2"
PICTURE: dict[str, Any] = {
    "image_path": "a.png",
    "image_sha256": SHA256,
    "width": 64,
    "height": 48,
    "topic": "image:1",
}


@pytest.fixture
def make(checkpoint: Checkpoint, data_dir: Path) -> Any:
    """One more checkpoint, by a number."""

    def make(number: int) -> Checkpoint:
        path = data_dir / "checkpoints" / f"{number}.safetensors"
        return register_checkpoint(path=write_checkpoint(path, float(number)))

    return make


def active(scope: str = "") -> Checkpoint:
    return Checkpoint.objects.active(scope).get()


def test_a_scope_has_its_own_checkpoint_or_the_sites(checkpoint: Checkpoint, make: Any) -> None:
    own = make(1)
    activate_checkpoint(checkpoint=own, scope=HERE, by_name="ada", reason="better on glands")
    assert (active(), active(HERE), active(ELSEWHERE)) == (checkpoint, own, checkpoint)
    new = make(2)
    activate_checkpoint(checkpoint=new)
    assert (active(), active(HERE), active(ELSEWHERE)) == (new, own, new)
    row = Promotion.objects.current(HERE).get()
    assert (row.checkpoint, row.by_name, row.reason) == (own, "ada", "better on glands")


def test_rolling_back_goes_further_into_the_past_each_time(
    checkpoint: Checkpoint, make: Any
) -> None:
    first, second = make(1), make(2)
    for each in (first, second):
        activate_checkpoint(checkpoint=each, scope=HERE)
    assert roll_back(scope=HERE, by_name="ada") == first
    assert roll_back(scope=HERE) is None
    assert active(HERE) == checkpoint
    with pytest.raises(Conflict, match="Nothing was active"):
        roll_back(scope=HERE)
    with pytest.raises(Conflict, match="Nothing was active"):
        roll_back(scope="")  # the first of the site
    # What was taken back is in the history like everything else.
    assert Promotion.objects.filter(scope=HERE).count() == 4


def test_rolling_back_to_weights_that_are_gone_changes_nothing(
    checkpoint: Checkpoint, make: Any
) -> None:
    activate_checkpoint(checkpoint=make(1))
    checkpoint.path.unlink()
    with pytest.raises(Conflict, match="upload them again"):
        roll_back(scope="")
    assert active().name == "disks"
    assert active() != checkpoint


def test_a_waiting_click_is_answered_by_what_is_active_by_then(
    ask: Any, make: Any, predictor: DiskPredictor, messages: Any, events: Any
) -> None:
    prediction = ask([[20.5, 10.5, True]], scope=HERE)
    own = make(1)
    other = DiskPredictor()
    registry._loaded[own.sha256] = other  # type: ignore[assignment]
    activate_checkpoint(checkpoint=own, scope=HERE)
    answer_prediction(prediction.pk)
    assert Prediction.objects.get().checkpoint == own
    assert (len(other.encoded), len(predictor.encoded)) == (1, 0)


def test_encodings_that_wait_for_a_checkpoint_in_use_are_kept(
    checkpoint: Checkpoint, make: Any, messages: Any
) -> None:
    request_encoding(**PICTURE)
    activate_checkpoint(checkpoint=make(1), scope=HERE)
    request_encoding(**PICTURE, scope=HERE)
    assert Encoding.objects.count() == 2
    activate_checkpoint(checkpoint=make(2))
    assert Encoding.objects.get().checkpoint == active(HERE)


def test_what_is_in_use_is_not_deleted_and_its_users_are_named(
    checkpoint: Checkpoint, make: Any, messages: Any
) -> None:
    own = make(1)
    activate_checkpoint(checkpoint=own, scope=HERE)
    with pytest.raises(Conflict, match="in use by dataset 1:"):
        delete_checkpoint(checkpoint=own)
    run = start_training(source=ELSEWHERE, created_by_name="ada", minutes=1)
    with pytest.raises(Conflict, match=f"by the whole site, training run {run.pk}:"):
        delete_checkpoint(checkpoint=checkpoint)
    assert own.path.exists()


def test_what_is_being_judged_is_not_deleted(
    checkpoint: Checkpoint, make: Any, messages: Any
) -> None:
    result, candidate, rival = make(1), make(2), make(3)
    run = start_training(source=HERE, created_by_name="ada", minutes=1)
    TrainingRun.objects.update(checkpoint_to=result)  # a run that is at its judgement
    judgement = request_judgement(
        candidate=candidate, rival=rival, source=HERE, gate="any", tolerance=0.0
    )
    for each, user in (
        (result, f"training run {run.pk}"),
        (candidate, f"comparison {judgement.pk}"),
        (rival, f"comparison {judgement.pk}"),
    ):
        with pytest.raises(Conflict, match=f"in use by {user}:"):
            delete_checkpoint(checkpoint=each)
    TrainingRun.objects.update(status="done")
    Judgement.objects.update(status="done")
    for each in (result, candidate, rival):
        delete_checkpoint(checkpoint=each)


def test_deleted_weights_leave_the_row_that_predictions_name(
    make: Any, django_capture_on_commit_callbacks: Any
) -> None:
    gone = make(1)
    weights = gone.path.read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        delete_checkpoint(checkpoint=gone)
    assert not gone.path.exists()
    assert gone not in Checkpoint.objects.stored()
    assert Checkpoint.objects.filter(pk=gone.pk).exists()
    gone.path.write_bytes(weights)
    assert register_checkpoint(path=gone.path) == gone  # the same weights, brought again
    assert gone in Checkpoint.objects.stored()
