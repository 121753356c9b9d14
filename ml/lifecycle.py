"""How a row passes through its states at the hands of workers: claimed, answered once, or found.

Messages may be lost and may come twice; the conditional updates here decide who answers.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ml.broker import BATCH, INTERACTIVE, TRAIN, enqueue, waiting
from ml.events import publish
from ml.models import Checkpoint, Encoding, Job, Prediction, Status, TrainingRun

ANSWER, ENCODE = "ml.answer_prediction", "ml.encode_image"
PROPOSE, TRAIN_TASK = "ml.propose_nuclei", "ml.run_training"

# A worker that dies this often over one row is taken to be killed by it (out of memory).
MAX_ATTEMPTS = 5
# After so long without news, an unfinished row is taken for lost. Longer than the time limits.
QUEUED_PATIENCE = timedelta(seconds=20)
RUNNING_PATIENCE = {
    INTERACTIVE: timedelta(minutes=3),
    BATCH: timedelta(minutes=70),
    TRAIN: timedelta(hours=24),
}
_MOST_AT_ONCE = 500

J = TypeVar("J", Encoding, Prediction, TrainingRun)


def claim(model: type[J], pk: Any) -> J | None:
    """Take the row for this worker. None if nothing is owed: answered, cancelled or deleted.

    A running row may be claimed again, since its worker may be dead: answering is what counts,
    and that happens once.
    """
    claimed = (
        model.objects.unfinished()
        .filter(pk=pk)
        .update(status=Status.RUNNING, attempts=F("attempts") + 1, started_at=timezone.now())
    )
    return model.objects.get(pk=pk) if claimed else None


def finish_prediction(
    prediction: Prediction,
    *,
    checkpoint: Checkpoint,
    mask: dict[str, Any] | None = None,
    score: float | None = None,
    proposals: list[dict[str, Any]] | None = None,
) -> None:
    """Save the answer and tell the browser, unless another delivery was faster."""
    _end_prediction(
        prediction,
        status=Prediction.State.DONE,
        error="",
        checkpoint=checkpoint,
        mask=mask,
        score=score,
        proposals=proposals or [],
    )


def fail_prediction(prediction: Prediction, error: str) -> None:
    """Say in a sentence why there is no answer."""
    _end_prediction(prediction, status=Prediction.State.FAILED, error=error)


def _end_prediction(prediction: Prediction, **changes: Any) -> None:
    now = timezone.now()
    latency = round((now - prediction.created_at).total_seconds() * 1000)
    changes |= {"answered_at": now, "latency_ms": max(latency, 0)}
    if Prediction.objects.unfinished().filter(pk=prediction.pk).update(**changes):
        publish(
            prediction.topic,
            "prediction",
            {"id": str(prediction.pk), "status": changes["status"]},
        )


def pass_on_prediction(prediction: Prediction) -> None:
    """Put a prompt for the whole image back, for the batch worker: it takes long."""
    changed = (
        Prediction.objects.unfinished()
        .filter(pk=prediction.pk)
        .update(status=Prediction.State.QUEUED, enqueued_at=timezone.now())
    )
    if changed:
        enqueue(PROPOSE, [str(prediction.pk)], queue=BATCH)


def end_encoding(encoding: Encoding, *, error: str = "") -> None:
    """Mark the encoding as ready, or as failed for the reason `error`, and tell its listeners."""
    status = Encoding.State.FAILED if error else Encoding.State.READY
    rows = Encoding.objects.unfinished().filter(pk=encoding.pk)
    if rows.update(status=status, error=error, updated_at=timezone.now()):
        tell_encoding(encoding)


def tell_encoding(encoding: Encoding) -> None:
    """Publish the encoding's status to every image that has these pixels."""
    encoding.refresh_from_db(fields=["status", "topics"])
    for topic in encoding.topics:
        publish(topic, "encoding", {"status": encoding.status})


def end_training(run: TrainingRun, *, status: Status, **changes: Any) -> None:
    """Finish a run that was not cancelled meanwhile."""
    rows = TrainingRun.objects.unfinished().filter(pk=run.pk)
    rows.update(status=status, finished_at=timezone.now(), **changes)


def requeue_all(queues: Iterable[str]) -> None:
    """Send the messages of everything unfinished again.

    For a worker of `queues` that has just (re)connected: what ran here ran in its previous life.
    """
    now = timezone.now()
    for queue in queues:
        _requeue(queue, queued_before=now, running_before=now)


def requeue_lost_jobs() -> None:
    """Send the message of each row again that has waited for so long that it must be lost.

    A queue with messages in it is merely busy, and left alone. Raises redis.RedisError.
    """
    now = timezone.now()
    for queue, patience in RUNNING_PATIENCE.items():
        if not waiting(queue):
            _requeue(queue, queued_before=now - QUEUED_PATIENCE, running_before=now - patience)


def _requeue(queue: str, *, queued_before: datetime, running_before: datetime) -> None:
    for model, task, rows in _owed(queue):
        stale = rows.stale(queued_before=queued_before, running_before=running_before)
        with transaction.atomic():
            ids = list(stale.order_by("enqueued_at").values_list("pk", flat=True)[:_MOST_AT_ONCE])
            model.objects.filter(pk__in=ids).update(enqueued_at=timezone.now())
        if ids:
            enqueue(task, [pk if isinstance(pk, int) else str(pk) for pk in ids], queue=queue)


def _owed(queue: str) -> list[tuple[type[Job], str, Any]]:
    """(model, task, rows) that the workers of `queue` answer."""
    whole_image = Prediction.objects.filter(clicks=[])
    return {
        INTERACTIVE: [(Prediction, ANSWER, Prediction.objects.exclude(clicks=[]))],
        BATCH: [
            (Prediction, PROPOSE, whole_image),
            (Encoding, ENCODE, Encoding.objects.all()),
        ],
        TRAIN: [(TrainingRun, TRAIN_TASK, TrainingRun.objects.all())],
    }.get(queue, [])
