"""Find the rows whose message or worker is lost, and send them again.

Sending too much does no harm: a task whose row is answered does nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ml.broker import BATCH, INTERACTIVE, TRAIN, enqueue, waiting
from ml.conversion_queue import CONVERT
from ml.judgement_queue import JUDGE
from ml.models import Conversion, Encoding, Judgement, Prediction, TrainingRun
from ml.services import ANSWER, ENCODE, PROPOSE, TRAIN_RUN

# A message that no worker has taken from an empty queue after so long is lost.
QUEUED_PATIENCE = timedelta(seconds=20)
# Work that takes longer than its time limit is nobody's any more.
RUNNING_PATIENCE = {
    INTERACTIVE: timedelta(minutes=2),
    BATCH: timedelta(minutes=62),
    TRAIN: timedelta(hours=26),
}
_MOST_AT_ONCE = 500


class Rows(NamedTuple):
    """Rows, and the task that answers one of them."""

    task: str
    query: Any


def requeue_unfinished(queues: Iterable[str]) -> int:
    """Send everything that the workers of `queues` may owe; returns how many messages that were.

    For a worker that has just connected: what runs by the rows ran in its former life.
    """
    now = timezone.now()
    return sum(
        _requeue(queue, rows, queued_before=now, running_before=now)
        for queue in queues
        for rows in _may_be_owed(queue)
    )


def requeue_lost_jobs() -> int:
    """Send what has waited for too long; returns how many messages that were.

    A queue with messages in it is busy, not broken, and left alone. Raises redis.RedisError.
    """
    now = timezone.now()
    return sum(
        _requeue(queue, rows, queued_before=now - QUEUED_PATIENCE, running_before=now - patience)
        for queue, patience in RUNNING_PATIENCE.items()
        if not waiting(queue)
        for rows in _is_owed(queue)
    )


def _may_be_owed(queue: str) -> list[Rows]:
    if queue == INTERACTIVE:  # it is the first to look at any prompt
        return [Rows(ANSWER, Prediction.objects.all())]
    return _is_owed(queue)


def _is_owed(queue: str) -> list[Rows]:
    """What only the workers of `queue` answer."""
    whole_image = Q(clicks=[])
    owed = {
        # A prompt for a whole image is the batch worker's, or soon will be.
        INTERACTIVE: [Rows(ANSWER, Prediction.objects.exclude(whole_image))],
        BATCH: [
            Rows(PROPOSE, Prediction.objects.filter(whole_image)),
            Rows(ENCODE, Encoding.objects.all()),
            Rows(CONVERT, Conversion.objects.all()),
        ],
        TRAIN: [
            Rows(TRAIN_RUN, TrainingRun.objects.all()),
            # That of a run is part of the run.
            Rows(JUDGE, Judgement.objects.filter(run=None)),
        ],
    }
    return owed[queue]


def _requeue(queue: str, rows: Rows, *, queued_before: datetime, running_before: datetime) -> int:
    stale = rows.query.stale(queued_before=queued_before, running_before=running_before)
    with transaction.atomic():
        ids = list(stale.order_by("enqueued_at").values_list("pk", flat=True)[:_MOST_AT_ONCE])
        rows.query.filter(pk__in=ids).update(enqueued_at=timezone.now())
    messages = [pk if isinstance(pk, int) else str(pk) for pk in ids]
    # Whoever has an image open asks for it again; the others come last.
    ahead = rows.task == ENCODE
    return len(ids) if ids and enqueue(rows.task, messages, queue=queue, ahead=ahead) else 0
