"""What the web process may ask of the network: rows are written here, workers do the rest."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ml import decoders, heartbeats
from ml.broker import BATCH, INTERACTIVE, enqueue
from ml.checkpoint_file import describe
from ml.exceptions import Conflict
from ml.models import Checkpoint, Conversion, Encoding, Judgement, Prediction, Status
from ml.promotions import activate_checkpoint

ANSWER, PROPOSE = "ml.answer_prediction", "ml.propose_nuclei"
ENCODE, EXPORT, TRAIN_RUN = "ml.encode_image", "ml.export_decoder", "ml.run_training"
RANK = "ml.rank_image"


@transaction.atomic
def register_checkpoint(
    *,
    path: Path,
    activate: bool = False,
    parent: Checkpoint | None = None,
    created_by_name: str = "",
) -> Checkpoint:
    """The row of a weights file, made once per SHA-256. Raises InvalidCheckpoint.

    A file below DATA_DIR is remembered relative to it, any other by its absolute path.
    """
    file = describe(path)
    data_dir, path = Path(settings.DATA_DIR).resolve(), path.resolve()
    stored = path.relative_to(data_dir) if path.is_relative_to(data_dir) else path
    # The same weights again: only where they are may have changed.
    checkpoint, _ = Checkpoint.objects.update_or_create(
        sha256=file.sha256,
        defaults={"file": str(stored), "size_bytes": path.stat().st_size, "deleted_at": None},
        create_defaults={
            "name": file.name[:200],
            "kind": file.kind,
            "metadata": file.metadata,
            "file": str(stored),
            "size_bytes": path.stat().st_size,
            "parent": parent,
            "created_by_name": created_by_name,
        },
    )
    if activate:
        activate_checkpoint(checkpoint=checkpoint)
    return checkpoint


def keep_checkpoint(*, path: Path, created_by_name: str) -> Checkpoint:
    """Move a weights file to the others and register it; nothing of it is left if that fails."""
    folder = Path(settings.DATA_DIR) / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{describe(path).sha256}.safetensors"
    os.replace(path, target)
    try:
        return register_checkpoint(path=target, created_by_name=created_by_name)
    except BaseException:
        target.unlink()
        raise


@transaction.atomic
def request_encoding(
    *,
    image_path: str,
    image_sha256: str,
    width: int,
    height: int,
    topic: str,
    scale: float = 1.0,
    scope: str = "",
    ahead: bool = False,
) -> Encoding | None:
    """Have the image, enlarged by `scale`, encoded by the checkpoint that is active in `scope`;
    None while there is no checkpoint.

    `topic` hears of its progress. `ahead` is for an image that nobody is looking at yet: those
    come last. Asking again changes nothing, except that a failed one is tried again, and one that
    was to come last comes first once somebody looks.
    """
    checkpoint = Checkpoint.objects.active(scope).first()
    if checkpoint is None:
        return None
    encoding, created = Encoding.objects.get_or_create(
        image_sha256=image_sha256,
        scale=scale,
        checkpoint=checkpoint,
        defaults={
            "image_path": image_path,
            "width": width,
            "height": height,
            "topics": [topic],
            "ahead": ahead,
            "enqueued_at": timezone.now(),
        },
    )
    if not created:
        encoding = Encoding.objects.select_for_update().get(pk=encoding.pk)
        if topic not in encoding.topics:
            encoding.topics.append(topic)
            encoding.save(update_fields=["topics"])
        hurried = encoding.ahead and not ahead and encoding.status == Encoding.State.QUEUED
        if encoding.status != Encoding.State.FAILED and not hurried:
            return encoding
        encoding.status, encoding.attempts, encoding.error = Encoding.State.QUEUED, 0, ""
        encoding.ahead, encoding.enqueued_at = ahead, timezone.now()
        encoding.save()
    pk = encoding.pk
    transaction.on_commit(lambda: enqueue(ENCODE, [pk], queue=BATCH, ahead=ahead))
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
    box: list[float] | None = None,
    prior: dict[str, Any] | None = None,
    scale: float = 1.0,
    scope: str = "",
) -> Prediction:
    """Have clicks [[x, y, positive], ...] or a box [x0, y0, x1, y1] answered, or both; neither of
    them asks for all nuclei. The checkpoint is the one that is active in `scope` by then.

    `prior` is a wire mask to refine. The same id with the same request gives the same row and
    no second message; with another request it raises Conflict.
    """
    asked = {
        "topic": topic,
        "image_sha256": image_sha256,
        "clicks": clicks,
        "box": box,
        "prior": prior,
    }
    prediction, created = Prediction.objects.get_or_create(
        id=id,
        defaults={
            **asked,
            "image_path": image_path,
            "width": width,
            "height": height,
            "scale": scale,
            "scope": scope,
            "enqueued_at": timezone.now(),
        },
    )
    if not created:
        if any(getattr(prediction, name) != value for name, value in asked.items()):
            raise Conflict("This prompt's id was used for another request: make a new one.")
        return prediction
    transaction.on_commit(lambda: enqueue(ANSWER, [str(id)], queue=INTERACTIVE))
    return prediction


def forget(*, topic: str) -> None:
    """Delete every prediction about what `topic` stands for, which is gone."""
    Prediction.objects.filter(topic=topic).only("id").delete()


def request_decoder(*, checkpoint: Checkpoint) -> Path | None:
    """The checkpoint's decoder as ONNX; None until a worker, who is asked for it, has made it."""
    path = decoders.path_of(checkpoint.sha256)
    if path.exists():
        return path
    if decoders.may_ask(checkpoint.sha256):
        enqueue(EXPORT, [checkpoint.pk], queue=BATCH)
    return None


def worker_status() -> dict[str, bool]:
    """{"interactive", "batch", "train"} -> whether a worker serves that queue."""
    return heartbeats.alive()


def claim(job: Prediction | Encoding | Judgement | Conversion) -> bool:
    """Mark an unfinished job as running, one attempt more. False if it is finished already."""
    return bool(
        type(job)
        .objects.filter(pk=job.pk, status__in=[Status.QUEUED, Status.RUNNING])
        .update(status=Status.RUNNING, started_at=timezone.now(), attempts=F("attempts") + 1)
    )
