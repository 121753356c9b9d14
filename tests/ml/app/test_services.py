"""What the web process asks for is a row and one message, and asking again costs nothing."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from ml.exceptions import Conflict, InvalidCheckpoint, NoCheckpoint
from ml.models import Checkpoint, Encoding, Prediction, TrainingRun
from ml.promotions import activate_checkpoint
from ml.services import register_checkpoint, request_encoding
from ml.training_queue import cancel_training, start_training
from tests.ml.app.disks import write_checkpoint

CLICK = [[20.5, 10.5, True]]
PICTURE: dict[str, Any] = {
    "image_path": "a.png",
    "image_sha256": "cd" * 32,
    "width": 64,
    "height": 48,
}


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """A block at whose end the transaction is through, and messages are sent."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_prediction_is_sent_once_when_the_transaction_is_through(
    ask: Any, messages: Any, committed: Any
) -> None:
    id = uuid4()
    with committed():
        first = ask(CLICK, id=id)
        assert not messages
    with committed():
        assert ask(CLICK, id=id) == first
    assert messages == [("ml.answer_prediction", [str(id)], "interactive")]
    assert Prediction.objects.get().status == "queued"


@pytest.mark.parametrize("other", [{"clicks": []}, {"topic": "image:2"}, {"prior": {"bbox": []}}])
def test_an_id_stands_for_one_question(ask: Any, messages: Any, other: dict[str, Any]) -> None:
    id = uuid4()
    ask(CLICK, id=id)
    with pytest.raises(Conflict, match="make a new one"):
        ask(other.pop("clicks", CLICK), id=id, **other)


def test_an_encoding_is_made_once_and_tells_every_image_with_its_pixels(
    checkpoint: Checkpoint, messages: Any, committed: Any
) -> None:
    with committed():
        first = request_encoding(**PICTURE, topic="image:1")
        assert request_encoding(**PICTURE, topic="image:2") == first
    encoding = Encoding.objects.get()
    assert encoding.topics == ["image:1", "image:2"]
    assert messages == [("ml.encode_image", [encoding.pk], "batch")]


def test_only_a_failed_encoding_is_tried_again(
    checkpoint: Checkpoint, messages: Any, committed: Any
) -> None:
    request_encoding(**PICTURE, topic="image:1")
    for status, sent in [("running", 0), ("ready", 0), ("failed", 1)]:
        Encoding.objects.update(status=status, attempts=3, error="it failed")
        with committed():
            request_encoding(**PICTURE, topic="image:1")
        assert len(messages) == sent
    again = Encoding.objects.get()
    assert (again.status, again.attempts, again.error) == ("queued", 0, "")


def test_without_a_checkpoint_nothing_is_encoded(db: None, messages: Any) -> None:
    assert request_encoding(**PICTURE, topic="image:1") is None


def test_one_checkpoint_is_active(checkpoint: Checkpoint, data_dir: Path) -> None:
    request_encoding(**PICTURE, topic="image:1")
    other = register_checkpoint(path=write_checkpoint(data_dir / "other.safetensors", 1.0))
    assert not other.is_active
    activate_checkpoint(checkpoint=other)
    assert [*Checkpoint.objects.active()] == [other]
    assert not Encoding.objects.exists()  # nobody waits for the former one's any more
    with pytest.raises(IntegrityError), transaction.atomic():
        Checkpoint.objects.update(is_active=True)


def test_the_papers_network_is_registered_but_does_not_answer_clicks(
    checkpoint: Checkpoint, data_dir: Path
) -> None:
    path = write_checkpoint(data_dir / "paper.safetensors", config='{"kind": "paper"}')
    paper = register_checkpoint(path=path)
    with pytest.raises(Conflict):
        activate_checkpoint(checkpoint=paper)
    assert Checkpoint.objects.active().get() == checkpoint


def test_a_checkpoint_is_known_by_its_content(checkpoint: Checkpoint, data_dir: Path) -> None:
    assert (checkpoint.name, checkpoint.kind) == ("disks", "click")
    assert checkpoint.metadata["metrics"] == {"aji": 0.5}
    assert checkpoint.file == "checkpoints/disks.safetensors"
    moved = checkpoint.path.rename(data_dir / "moved.safetensors")
    assert register_checkpoint(path=moved) == checkpoint
    assert Checkpoint.objects.get().path == moved


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "pt"}, "not of this application"),
        ({"version": "2"}, "reads 1"),
        ({"config": '{"kind": "boxes"}'}, "unknown kind 'boxes'"),
        ({"config": "not JSON"}, "unknown kind None"),
    ],
)
def test_foreign_weights_are_refused(
    db: None, data_dir: Path, changes: dict[str, str], sentence: str
) -> None:
    path = write_checkpoint(data_dir / "w.safetensors", **changes)
    with pytest.raises(InvalidCheckpoint, match=sentence):
        register_checkpoint(path=path)
    assert not Checkpoint.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"\x80\x04 a pickle", b"\xff" * 64, (8).to_bytes(8, "little") + b'["one"]']
)
def test_files_that_are_no_weights_are_refused(db: None, data_dir: Path, content: bytes) -> None:
    path = data_dir / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(InvalidCheckpoint, match="not a safetensors file"):
        register_checkpoint(path=path)


def test_a_half_copied_checkpoint_is_refused(db: None, data_dir: Path) -> None:
    path = write_checkpoint(data_dir / "w.safetensors")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InvalidCheckpoint, match="cut short"):
        register_checkpoint(path=path)
    with pytest.raises(InvalidCheckpoint, match="no checkpoint file"):
        register_checkpoint(path=data_dir / "gone.safetensors")


def test_a_dataset_waits_in_the_queue_once(
    checkpoint: Checkpoint, messages: Any, committed: Any
) -> None:
    with committed():
        run = start_training(source="dataset:1", created_by_name="ada", minutes=5)
    assert messages == [("ml.run_training", [run.pk], "train")]
    assert run.checkpoint_from == checkpoint
    with pytest.raises(Conflict, match="queued already"):
        start_training(source="dataset:1", created_by_name="bo", minutes=5)
    cancel_training(run=run)
    start_training(source="dataset:1", created_by_name="bo", minutes=5)
    assert {*TrainingRun.objects.values_list("status", flat=True)} == {"cancelled", "queued"}


def test_training_needs_a_checkpoint_and_time(checkpoint: Checkpoint) -> None:
    for minutes in (0, 1e6):
        with pytest.raises(Conflict):
            start_training(source="dataset:1", created_by_name="ada", minutes=minutes)
    Checkpoint.objects.update(is_active=False)
    with pytest.raises(NoCheckpoint):
        start_training(source="dataset:1", created_by_name="ada", minutes=5)


def test_an_image_that_was_to_come_last_comes_first_once_somebody_looks(
    checkpoint: Checkpoint, messages: Any, committed: Any
) -> None:
    with committed():
        request_encoding(**PICTURE, topic="image:1", ahead=True)
    assert Encoding.objects.get().ahead
    with committed():
        request_encoding(**PICTURE, topic="image:1", ahead=True)
        request_encoding(**PICTURE, topic="image:1")
        request_encoding(**PICTURE, topic="image:1")
    assert not Encoding.objects.get().ahead
    assert len(messages) == 2
