"""Find the rows whose message or worker is lost, and send them again.

Sending too much does no harm: a task whose row is answered does nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ml.broker import BATCH, INTERACTIVE, TRAIN, enqueue, waiting
from ml.models import Encoding, Prediction, TrainingRun
from ml.services import ANSWER, ENCODE, PROPOSE, TRAIN_RUN

# A message that no worker has taken from an empty queue after so long is lost.
QUEUED_PATIENCE = timedelta(seconds=20)
# Work that takes longer than its time limit is nobody's any more.
RUNNING_PATIENCE = {
    INTERACTIVE: timedelta(minutes=2),
    BATCH: timedelta(minutes=62),
    TRAIN: timedelta(hours=23),
}
_MOST_AT_ONCE = 500


def requeue_unfinished(queues: Iterable[str]) -> int:
    """Send everything that the workers of `queues` owe, and return how many messages that were.

    For a worker that has just connected: what runs by the rows ran in its former life.
    """
    now = timezone.now()
    return sum(_requeue(queue, queued_before=now, running_before=now) for queue in queues)


def requeue_lost_jobs() -> int:
    """Send what has waited for too long, and return how many messages that were.

    A queue with messages in it is busy, not broken, and left alone. Raises redis.RedisError.
    """
    now = timezone.now()
    return sum(
        _requeue(queue, queued_before=now - QUEUED_PATIENCE, running_before=now - patience)
        for queue, patience in RUNNING_PATIENCE.items()
        if not waiting(queue)
    )


def _requeue(queue: str, *, queued_before: datetime, running_before: datetime) -> int:
    sent = 0
    for task, rows in _owed_by(queue):
        with transaction.atomic():
            stale = rows.stale(queued_before=queued_before, running_before=running_before)
            ids = list(stale.order_by("enqueued_at").values_list("pk", flat=True)[:_MOST_AT_ONCE])
            rows.filter(pk__in=ids).update(enqueued_at=timezone.now())
        if ids and enqueue(
            task, [pk if isinstance(pk, int) else str(pk) for pk in ids], queue=queue
        ):
            sent += len(ids)
    return sent


def _owed_by(queue: str) -> list[tuple[str, Any]]:
    """(task, rows) that the workers of `queue` answer."""
    whole_image = Prediction.objects.filter(clicks=[])
    owed: dict[str, list[tuple[str, Any]]] = {
        INTERACTIVE: [(ANSWER, Prediction.objects.exclude(clicks=[]))],
        BATCH: [(PROPOSE, whole_image), (ENCODE, Encoding.objects.all())],
        TRAIN: [(TRAIN_RUN, TrainingRun.objects.all())],
    }
    return owed[queue]
