"""The queue of training runs: one trains at a time on a machine, the others wait in their order.

A message to the train worker is a turn, not a run: who takes it trains what is first by then.
"""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from ml.broker import TRAIN, enqueue
from ml.exceptions import Conflict, NoCheckpoint
from ml.models import Checkpoint, Status, TrainingRun
from ml.services import TRAIN_RUN

# A training run with its last validation stays below the time limit of every task.
MAX_TRAINING_MINUTES = 24 * 60


@transaction.atomic
def start_training(
    *,
    source: str,
    created_by_name: str,
    minutes: float,
    trigger: str = TrainingRun.Trigger.PERSON,
    **limits: Any,
) -> TrainingRun:
    """Queue a training on a snapshot of `source`, which the worker takes, from the checkpoint that
    is active there.

    `limits` are those of config besides the minutes: see TrainingRun. Raises NoCheckpoint if there
    is nothing to start from, Conflict if `source` waits in the queue already or the time makes no
    sense.
    """
    # The lock on the checkpoint keeps a second person from starting at the same moment.
    base = Checkpoint.objects.select_for_update().active(source).first()
    if base is None:
        raise NoCheckpoint("There is no checkpoint to start from: load one first.")
    if not 0 < minutes <= MAX_TRAINING_MINUTES:
        raise Conflict(f"Training takes more than 0 and at most {MAX_TRAINING_MINUTES} minutes.")
    waiting = TrainingRun.objects.queue().filter(source=source).first()
    if waiting is not None:
        raise Conflict(
            f"Training run {waiting.pk} on the same images is queued already: wait for it or "
            "cancel it."
        )
    last = TrainingRun.objects.aggregate(last=Max("position"))["last"] or 0
    run = TrainingRun.objects.create(
        checkpoint_from=base,
        config={"minutes": minutes} | {name: n for name, n in limits.items() if n is not None},
        source=source,
        trigger=trigger,
        position=last + 1,
        created_by_name=created_by_name,
        enqueued_at=timezone.now(),
    )
    _send(run)
    return run


def cancel_training(*, run: TrainingRun) -> bool:
    """Stop a run within seconds; what it has trained so far is left in its folder.

    Returns False if it had ended already.
    """
    rows = TrainingRun.objects.unfinished().filter(pk=run.pk)
    return bool(rows.update(status=Status.CANCELLED, finished_at=timezone.now()))


@transaction.atomic
def move_training(*, run: TrainingRun, up: bool) -> bool:
    """Let a waiting run change places with the one before or after it. False if it cannot."""
    queue = list(TrainingRun.objects.select_for_update().queue())
    place = next((i for i, row in enumerate(queue) if row.pk == run.pk), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(queue):
        return False
    first, second = queue[place], queue[other]
    first.position, second.position = second.position, first.position
    TrainingRun.objects.bulk_update([first, second], ["position"])
    return True


@transaction.atomic
def resume_training(*, run: TrainingRun) -> bool:
    """Queue a failed or cancelled run again: it goes on where it last saved. False if it is done,
    or unfinished anyway."""
    ended = TrainingRun.objects.filter(pk=run.pk, status__in=[Status.FAILED, Status.CANCELLED])
    last = TrainingRun.objects.aggregate(last=Max("position"))["last"] or 0
    resumed = ended.update(
        status=Status.QUEUED,
        error="",
        attempts=0,
        position=last + 1,
        finished_at=None,
        enqueued_at=timezone.now(),
    )
    if resumed:
        _send(run)
    return bool(resumed)


@transaction.atomic
def take_turn(id: int) -> TrainingRun | None:
    """The run to train now, marked as running: `id` if it was interrupted, else the first one."""
    rows = TrainingRun.objects.select_for_update(of=("self",)).select_related("checkpoint_from")
    run = rows.filter(pk=id, status=Status.RUNNING).first() or rows.queue().first()
    if run is None:
        return None
    run.status, run.started_at = Status.RUNNING, timezone.now()
    run.attempts += 1
    run.save(update_fields=["status", "started_at", "attempts"])
    return run


def call_next() -> None:
    """Send a turn for the first of the queue, if anything waits."""
    waiting = TrainingRun.objects.queue().first()
    if waiting is not None:
        enqueue(TRAIN_RUN, [waiting.pk], queue=TRAIN)


def _send(run: TrainingRun) -> None:
    transaction.on_commit(lambda: enqueue(TRAIN_RUN, [run.pk], queue=TRAIN))
