"""Let the network learn from what people have annotated: by hand, by number of nuclei, by clock."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import Conflict, DomainError, NotFound
from annotations.models import Dataset, NucleiCount, TrainingPolicy, Workday
from annotations.models.dataset import source_of
from annotations.services.optimistic_lock import lock_row, write
from annotations.services.snapshot import images_to_learn
from ml import training_queue
from ml.exceptions import MlError
from ml.models import TrainingRun

logger = logging.getLogger(__name__)

Trigger = TrainingRun.Trigger
# Who has started a run that no person has.
BY_ITSELF = ""


@transaction.atomic
def start_training(
    *,
    user: Any,
    dataset_id: int,
    minutes: int | None = None,
    epochs: int | None = None,
    memory_mb: int | None = None,
    trigger: str = Trigger.PERSON,
) -> TrainingRun:
    """Queue a training on a dataset; the worker begins with a snapshot of it. What is not given is
    as the dataset's policy says.

    Raises NotFound, or Conflict if there is nothing to learn from, nothing to start from, or the
    dataset waits in the queue already.
    """
    if not Dataset.objects.live().filter(pk=dataset_id).exists():
        raise NotFound(_("There is no such dataset."))
    if not images_to_learn(dataset_id).exists():
        raise Conflict(
            _("This dataset has no nuclei to learn from: annotate some first."),
            code="no_training_data",
        )
    policy = policy_of(dataset_id)
    try:
        run = training_queue.start_training(
            source=source_of(dataset_id),
            created_by_name=user.get_username() if user else BY_ITSELF,
            minutes=minutes or policy.minutes,
            epochs=epochs or policy.epochs,
            memory_mb=memory_mb or policy.memory_mb,
            trigger=trigger,
            gate=policy.gate,
            tolerance=policy.tolerance,
            auto_promote=policy.auto_promote,
        )
    except MlError as error:
        raise Conflict(error.detail, code=error.code) from error
    learned = {"nuclei_learned": _nuclei(dataset_id)}
    TrainingPolicy.objects.update_or_create(
        dataset_id=dataset_id, defaults=learned, create_defaults={"version": 0, **learned}
    )
    return run


def cancel_training(*, run: TrainingRun) -> None:
    """Stop a run within seconds. Raises Conflict if it has ended."""
    if not training_queue.cancel_training(run=run):
        raise Conflict(_("This run has ended already, so there is nothing to cancel."))


def resume_training(*, run: TrainingRun) -> None:
    """Let a failed or cancelled run go on where it last saved. Raises Conflict for others."""
    if not training_queue.resume_training(run=run):
        raise Conflict(_("Only a run that failed or was cancelled can be resumed."))


def move_training(*, run: TrainingRun, up: bool) -> None:
    """Let a waiting run change places with its neighbour. Raises Conflict at the end of the queue
    and for a run that does not wait."""
    if not training_queue.move_training(run=run, up=up):
        raise Conflict(_("This run cannot be moved further in the queue."))


def policy_of(dataset_id: int) -> TrainingPolicy:
    """The policy of a dataset; the usual one, not stored, if nobody has set it."""
    stored = TrainingPolicy.objects.filter(dataset=dataset_id).first()
    return stored or TrainingPolicy(dataset_id=dataset_id, version=0)


@transaction.atomic
def change_policy(*, dataset_id: int, version: int, **changes: Any) -> TrainingPolicy:
    """Set when and how a dataset is trained on. Raises NotFound, StaleVersion."""
    lock_row(Dataset.objects.live(), dataset_id)
    if not version:
        # What is there already was annotated before anybody thought of a number.
        defaults = {"version": 0, "nuclei_learned": _nuclei(dataset_id)}
        TrainingPolicy.objects.get_or_create(dataset_id=dataset_id, defaults=defaults)
    policy = policy_of(dataset_id)
    row: TrainingPolicy = lock_row(TrainingPolicy.objects.all(), policy.pk, version=version)
    write(row, **changes)
    return row


def start_due_trainings() -> None:
    """Start what policies say is due. For a clock to call: it reads a few counters a policy."""
    policies = TrainingPolicy.objects.filter(
        after_nuclei__isnull=False, dataset__deleted_at__isnull=True
    )
    for policy in policies.iterator():
        if is_due(policy):
            _start_by_itself(policy.dataset_id, Trigger.NUCLEI)


def is_due(policy: TrainingPolicy) -> bool:
    """Whether enough nuclei are new, nobody is at work, and the last run is long enough ago."""
    if policy.after_nuclei is None:
        return False
    if new_nuclei(policy) < policy.after_nuclei:
        return False
    now = timezone.now()
    latest = _latest_work(policy.dataset_id)
    if latest is not None and now - latest < timedelta(minutes=policy.settle_minutes):
        return False
    runs = TrainingRun.objects.filter(source=source_of(policy.dataset_id))
    if runs.unfinished().exists():
        return False
    ended = runs.aggregate(last=Max("finished_at"))["last"]
    return ended is None or now - ended >= timedelta(minutes=policy.cool_down_minutes)


def new_nuclei(policy: TrainingPolicy) -> int:
    """How many nuclei more the dataset has than when the last run was started."""
    return _nuclei(policy.dataset_id) - policy.nuclei_learned


def train_on_schedule(*, dataset_id: int, minutes: int | None = None) -> None:
    """What a periodic task does: train, unless nothing was annotated since the last run."""
    last = TrainingRun.objects.filter(source=source_of(dataset_id)).first()
    latest = _latest_work(dataset_id)
    if last is not None and (latest is None or latest < last.created_at):
        logger.info("Dataset %s: nothing new since run %s.", dataset_id, last.pk)
        return
    _start_by_itself(dataset_id, Trigger.SCHEDULE, minutes)


def _start_by_itself(dataset_id: int, trigger: str, minutes: int | None = None) -> None:
    try:
        start_training(user=None, dataset_id=dataset_id, minutes=minutes, trigger=trigger)
    except DomainError as error:
        logger.warning("Dataset %s is not trained on: %s", dataset_id, error.detail)


def _nuclei(dataset_id: int) -> int:
    """How many nuclei the dataset has, by the ledger: a sum over its people and classes."""
    counts = NucleiCount.objects.filter(dataset=dataset_id, in_replica=False)
    return counts.aggregate(total=Sum("nuclei"))["total"] or 0


def _latest_work(dataset_id: int) -> Any:
    """When somebody last annotated there."""
    return Workday.objects.filter(dataset=dataset_id).aggregate(last=Max("at"))["last"]
