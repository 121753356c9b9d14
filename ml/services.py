"""What the web process asks of the network: a row is made, its message is sent on commit."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ml import heartbeats
from ml.broker import BATCH, INTERACTIVE, TRAIN, enqueue
from ml.checkpoint_file import describe
from ml.exceptions import Conflict, NoCheckpoint
from ml.lifecycle import ANSWER, ENCODE, TRAIN_TASK
from ml.models import Checkpoint, Encoding, Prediction, Status, TrainingRun

MAX_TRAINING_MINUTES = 20 * 60


@transaction.atomic
def register_checkpoint(*, path: Path, activate: bool) -> Checkpoint:
    """Make a checkpoint's file known; the same weights again only update where they are.

    Raises InvalidCheckpoint for any other file.
    """
    path = path.resolve()
    file = describe(path)
    inside = path.is_relative_to(settings.DATA_DIR)
    checkpoint, _ = Checkpoint.objects.update_or_create(
        sha256=file.sha256,
        defaults={
            "name": file.name[:200],
            "file": str(path.relative_to(settings.DATA_DIR) if inside else path),
            "kind": file.kind,
            "metadata": file.metadata,
        },
    )
    if activate:
        activate_checkpoint(checkpoint=checkpoint)
    return checkpoint


@transaction.atomic
def activate_checkpoint(*, checkpoint: Checkpoint) -> None:
    """Have `checkpoint` answer from the next click on. Raises Conflict for the paper's network."""
    if checkpoint.kind != Checkpoint.Kind.CLICK:
        raise Conflict(
            f"{checkpoint.name} is the paper's network, which does not answer single clicks: "
            "choose a checkpoint of the kind “click”."
        )
    list(Checkpoint.objects.select_for_update().active())
    Checkpoint.objects.active().exclude(pk=checkpoint.pk).update(is_active=False)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(is_active=True)
    checkpoint.is_active = True
    # Nobody is going to look at what the former checkpoint has not encoded yet.
    waiting = Encoding.objects.filter(status=Encoding.State.QUEUED)
    waiting.exclude(checkpoint=checkpoint).delete()


@transaction.atomic
def request_encoding(
    *, image_path: str, image_sha256: str, width: int, height: int, topic: str
) -> Encoding | None:
    """Have the image encoded by the active checkpoint, unless it is or soon will be.

    A failed encoding is tried again. Returns None while there is no active checkpoint.
    """
    checkpoint = Checkpoint.objects.active().first()
    if checkpoint is None:
        return None
    encoding, is_new = Encoding.objects.select_for_update().get_or_create(
        image_sha256=image_sha256,
        checkpoint=checkpoint,
        defaults={
            "image_path": image_path,
            "width": width,
            "height": height,
            "topics": [topic],
            "enqueued_at": timezone.now(),
        },
    )
    if encoding.status == Encoding.State.READY:
        return encoding
    if topic not in encoding.topics:
        encoding.topics.append(topic)
        encoding.save(update_fields=["topics"])
    failed = encoding.status == Encoding.State.FAILED
    if failed:
        encoding.status, encoding.error, encoding.attempts = Encoding.State.QUEUED, "", 0
        encoding.enqueued_at = timezone.now()
        encoding.save()
    if is_new or failed:
        transaction.on_commit(lambda: enqueue(ENCODE, [encoding.pk], queue=BATCH))
    return encoding


@transaction.atomic
def request_prediction(
    *,
    id: UUID,
    topic: str,
    image_path: str,
    image_sha256: str,
    width: int,
    height: int,
    clicks: list[list[Any]],
    prior: dict[str, Any] | None,
) -> Prediction:
    """Ask for the nucleus under `clicks` [[x, y, positive], …], or without clicks for all nuclei.

    Asking again under the same `id` returns the first row. Raises Conflict if that asked for
    something else.
    """
    question = {
        "topic": topic,
        "image_sha256": image_sha256,
        "width": width,
        "height": height,
        "clicks": [[float(x), float(y), bool(positive)] for x, y, positive in clicks],
        "prior": prior,
    }
    prediction, is_new = Prediction.objects.get_or_create(
        id=id, defaults=question | {"image_path": image_path, "enqueued_at": timezone.now()}
    )
    if is_new:
        transaction.on_commit(lambda: enqueue(ANSWER, [str(id)], queue=INTERACTIVE))
    elif any(getattr(prediction, name) != value for name, value in question.items()):
        raise Conflict("This prompt's id was used for another question: make a new id.")
    return prediction


@transaction.atomic
def start_training(*, snapshot_dir: Path, created_by_name: str, minutes: float) -> TrainingRun:
    """Train from the active checkpoint on a folder with images/ and labels/.

    Raises Conflict if a run is under way or the folder is not there, NoCheckpoint without one.
    """
    # The lock on the checkpoint keeps a second person from starting at the same moment.
    checkpoint = Checkpoint.objects.select_for_update().active().first()
    if checkpoint is None:
        raise NoCheckpoint("Activate a checkpoint first: training starts from its weights.")
    if TrainingRun.objects.unfinished().exists():
        raise Conflict("A training run is under way: wait for its end, or cancel it.")
    if not (snapshot_dir / "images").is_dir() or not (snapshot_dir / "labels").is_dir():
        raise Conflict("The snapshot needs the folders images and labels.")
    if not 0 < minutes <= MAX_TRAINING_MINUTES:
        raise Conflict(f"Training takes between 0 and {MAX_TRAINING_MINUTES} minutes.")
    run = TrainingRun.objects.create(
        checkpoint_from=checkpoint,
        config={"minutes": minutes},
        snapshot=str(snapshot_dir.resolve()),
        created_by_name=created_by_name,
        enqueued_at=timezone.now(),
    )
    transaction.on_commit(lambda: enqueue(TRAIN_TASK, [run.pk], queue=TRAIN))
    return run


def cancel_training(*, run: TrainingRun) -> bool:
    """Stop a run; its worker notices within seconds. False if it had ended already."""
    rows = TrainingRun.objects.unfinished().filter(pk=run.pk)
    return bool(rows.update(status=Status.CANCELLED, finished_at=timezone.now()))


def worker_status() -> dict[str, bool]:
    """Queue ("interactive", "batch", "train") -> whether a worker serves it right now."""
    return heartbeats.alive()
