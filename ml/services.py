"""What the web process may ask of the network: rows are written here, workers do the rest."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from ml import heartbeats
from ml.broker import BATCH, INTERACTIVE, TRAIN, enqueue
from ml.checkpoint_file import describe
from ml.exceptions import Conflict, NoCheckpoint
from ml.models import Checkpoint, Encoding, Prediction, Status, TrainingRun

ANSWER, ENCODE, TRAIN_RUN = "ml.answer_prediction", "ml.encode_image", "ml.run_training"


@transaction.atomic
def register_checkpoint(*, path: Path, activate: bool = False) -> Checkpoint:
    """The row of a weights file, made once per SHA-256. Raises InvalidCheckpoint.

    A file below DATA_DIR is remembered relative to it, any other by its absolute path.
    """
    file = describe(path)
    data_dir, path = Path(settings.DATA_DIR).resolve(), path.resolve()
    stored = path.relative_to(data_dir) if path.is_relative_to(data_dir) else path
    checkpoint, _ = Checkpoint.objects.get_or_create(
        sha256=file.sha256,
        defaults={
            "name": file.name,
            "kind": file.kind,
            "metadata": file.metadata,
            "file": str(stored),
        },
    )
    if activate:
        activate_checkpoint(checkpoint=checkpoint)
    return checkpoint


@transaction.atomic
def activate_checkpoint(*, checkpoint: Checkpoint) -> None:
    """Let `checkpoint` answer clicks from now on. Raises Conflict if it is of the wrong kind."""
    if checkpoint.kind != Checkpoint.Kind.CLICK:
        raise Conflict(
            f"{checkpoint.name} answers a click with all nuclei; activate a click checkpoint."
        )
    list(Checkpoint.objects.select_for_update().filter(is_active=True))
    Checkpoint.objects.filter(is_active=True).exclude(pk=checkpoint.pk).update(is_active=False)
    Checkpoint.objects.filter(pk=checkpoint.pk).update(is_active=True)
    checkpoint.is_active = True


@transaction.atomic
def request_encoding(
    *, image_path: str, image_sha256: str, width: int, height: int, topic: str
) -> Encoding | None:
    """Have the image encoded by the active checkpoint; None while there is no checkpoint.

    `topic` hears of its progress. Asking again changes nothing, except that a failed one is
    tried again.
    """
    checkpoint = Checkpoint.objects.active().first()
    if checkpoint is None:
        return None
    encoding, created = Encoding.objects.get_or_create(
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
    if not created:
        encoding = Encoding.objects.select_for_update().get(pk=encoding.pk)
        if topic not in encoding.topics:
            encoding.topics.append(topic)
            encoding.save(update_fields=["topics"])
        if encoding.status != Encoding.State.FAILED:
            return encoding
        encoding.status, encoding.attempts, encoding.error = Encoding.State.QUEUED, 0, ""
        encoding.enqueued_at = timezone.now()
        encoding.save()
    pk = encoding.pk
    transaction.on_commit(lambda: enqueue(ENCODE, [pk], queue=BATCH))
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
    prior: dict[str, Any] | None = None,
) -> Prediction:
    """Have clicks [[x, y, positive], ...] answered; none of them asks for all nuclei.

    `prior` is a wire mask to refine. The same id with the same request gives the same row and
    no second message; with another request it raises Conflict.
    """
    asked = {"topic": topic, "image_sha256": image_sha256, "clicks": clicks, "prior": prior}
    prediction, created = Prediction.objects.get_or_create(
        id=id,
        defaults={
            **asked,
            "image_path": image_path,
            "width": width,
            "height": height,
            "enqueued_at": timezone.now(),
        },
    )
    if not created:
        if any(getattr(prediction, name) != value for name, value in asked.items()):
            raise Conflict("This prompt's id was used for another request: make a new one.")
        return prediction
    transaction.on_commit(lambda: enqueue(ANSWER, [str(id)], queue=queue_of(prediction)))
    return prediction


def queue_of(prediction: Prediction) -> str:
    """A click is answered at once; the nuclei of a whole image must not stand in its way."""
    return INTERACTIVE if prediction.clicks else BATCH


@transaction.atomic
def start_training(*, snapshot_dir: Path, created_by_name: str, minutes: float) -> TrainingRun:
    """Train on a folder of images/ and labels/, from the active checkpoint.

    Raises NoCheckpoint if there is nothing to start from, Conflict while another run is unfinished.
    """
    base = Checkpoint.objects.select_for_update().filter(is_active=True).first()
    if base is None:
        raise NoCheckpoint("There is no checkpoint to start from: load one first.")
    if TrainingRun.objects.unfinished().exists():
        raise Conflict("A training run is queued or running: wait for it or cancel it.")
    try:
        run = TrainingRun.objects.create(
            checkpoint_from=base,
            config={"minutes": minutes},
            snapshot=str(snapshot_dir),
            created_by_name=created_by_name,
            enqueued_at=timezone.now(),
        )
    except IntegrityError as error:
        raise Conflict("Another training run was started at the same moment.") from error
    transaction.on_commit(lambda: enqueue(TRAIN_RUN, [run.pk], queue=TRAIN))
    return run


def cancel_training(*, run: TrainingRun) -> None:
    """Stop a run within seconds; what it has trained so far is left in its folder."""
    TrainingRun.objects.unfinished().filter(pk=run.pk).update(
        status=Status.CANCELLED, finished_at=timezone.now()
    )


def requeue_lost_jobs(*, queued_before: Any, running_before: Any) -> int:
    """Send again what waits since `queued_before` or is worked on since `running_before`.

    Their messages or workers are presumably gone; if not, the task finds its work done.
    Training runs look after themselves. Returns how many were sent.
    """
    sent = 0
    now = timezone.now()
    for prediction in Prediction.objects.stale(
        queued_before=queued_before, running_before=running_before
    )[:1000]:
        sent += enqueue(ANSWER, [str(prediction.pk)], queue=queue_of(prediction))
        Prediction.objects.filter(pk=prediction.pk).update(enqueued_at=now)
    for encoding in Encoding.objects.stale(
        queued_before=queued_before, running_before=running_before
    )[:1000]:
        sent += enqueue(ENCODE, [encoding.pk], queue=BATCH)
        Encoding.objects.filter(pk=encoding.pk).update(enqueued_at=now)
    for run in TrainingRun.objects.filter(status=Status.QUEUED, enqueued_at__lt=queued_before):
        sent += enqueue(TRAIN_RUN, [run.pk], queue=TRAIN)
        TrainingRun.objects.filter(pk=run.pk).update(enqueued_at=now)
    return sent


def worker_status() -> dict[str, bool]:
    """{"interactive", "batch", "train"} -> whether a worker serves that queue."""
    return heartbeats.alive()


def claim(job: Prediction | Encoding | TrainingRun) -> bool:
    """Mark an unfinished job as running, one attempt more. False if it is finished already."""
    return bool(
        type(job)
        .objects.filter(pk=job.pk, status__in=[Status.QUEUED, Status.RUNNING])
        .update(status=Status.RUNNING, started_at=timezone.now(), attempts=F("attempts") + 1)
    )
