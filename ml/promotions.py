"""Which checkpoint answers clicks where, from when on, and by whose word.

A scope is "" for the whole site, or what `source` is of a training run, e.g. dataset:12.
"""

from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ml.broker import INTERACTIVE, enqueue
from ml.events import CHECKPOINTS, publish
from ml.exceptions import Conflict
from ml.models import Checkpoint, Encoding, Judgement, Promotion, TrainingRun

PREPARE = "ml.prepare_promoted"


@transaction.atomic
def activate_checkpoint(
    *, checkpoint: Checkpoint, scope: str = "", by_name: str = "", reason: str = ""
) -> Promotion:
    """Let `checkpoint` answer clicks in `scope` from now on, and remember who decided it.

    Raises Conflict if it is of the wrong kind.
    """
    if checkpoint.kind != Checkpoint.Kind.CLICK:
        raise Conflict(
            f"{checkpoint.name} answers a click with all nuclei; activate a click checkpoint."
        )
    return _put(checkpoint, _current(scope), scope, by_name, reason)


@transaction.atomic
def roll_back(*, scope: str, by_name: str = "", reason: str = "") -> Checkpoint | None:
    """Undo the last promotion of `scope`, again and again; None: the site's checkpoint answers.

    Raises Conflict if nothing was promoted there before, or its weights are gone.
    """
    current = _current(scope)
    former = current.replaced if current else None
    if current is None or (former is None and not scope):
        raise Conflict("Nothing was active here before that could be gone back to.")
    if former is None:
        current.is_current = False
        current.save(update_fields=["is_current"])
        Promotion.objects.create(scope=scope, is_current=False, by_name=by_name, reason=reason)
        _another_answers()
        return None
    checkpoint = former.checkpoint
    assert checkpoint is not None, "only a promotion that was current is replaced"
    if checkpoint.deleted_at or not checkpoint.path.is_file():
        raise Conflict(f"The weights of {checkpoint.name} are gone; upload them again.")
    _put(checkpoint, former.replaced, scope, by_name, reason)
    return checkpoint


@transaction.atomic
def delete_checkpoint(*, checkpoint: Checkpoint) -> None:
    """Delete the weights and what was encoded with them; the row stays for those that name it.

    Raises Conflict, naming who uses it, while it is in use.
    """
    row = Checkpoint.objects.select_for_update().get(pk=checkpoint.pk)
    scopes = set(row.promotions.filter(is_current=True).values_list("scope", flat=True))
    users = [scope.replace(":", " ") for scope in sorted(scopes - {""})]
    if row.is_active:
        users.insert(0, "the whole site")
    runs = TrainingRun.objects.unfinished().filter(Q(checkpoint_from=row) | Q(checkpoint_to=row))
    users += [f"training run {pk}" for pk in runs.values_list("pk", flat=True)]
    judged = Judgement.objects.unfinished().filter(Q(candidate=row) | Q(rival=row))
    users += [f"comparison {pk}" for pk in judged.values_list("pk", flat=True)]
    if users:
        raise Conflict(
            f"{row.name} is in use by {', '.join(users)}: promote another one there, or wait."
        )
    row.encodings.all().delete()
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    if not Path(row.file).is_absolute():  # a shipped one belongs to the release
        transaction.on_commit(lambda: row.path.unlink(missing_ok=True))


def _current(scope: str) -> Promotion | None:
    """Lock what holds in `scope`: two promotions at once follow each other."""
    list(Checkpoint.objects.select_for_update().filter(is_active=True))
    return Promotion.objects.select_for_update().current(scope).first()


def _put(
    checkpoint: Checkpoint, replaced: Promotion | None, scope: str, by_name: str, reason: str
) -> Promotion:
    Promotion.objects.current(scope).update(is_current=False)
    promotion = Promotion.objects.create(
        scope=scope, checkpoint=checkpoint, replaced=replaced, by_name=by_name, reason=reason
    )
    if not scope:
        Checkpoint.objects.filter(is_active=True).exclude(pk=checkpoint.pk).update(is_active=False)
        Checkpoint.objects.filter(pk=checkpoint.pk).update(is_active=True)
        checkpoint.is_active = True
    _another_answers()
    transaction.on_commit(lambda: enqueue(PREPARE, [promotion.pk], queue=INTERACTIVE))
    return promotion


def _another_answers() -> None:
    """Tell open pages. What a checkpoint no longer in use has not encoded yet, nobody is going to
    ask for."""
    transaction.on_commit(lambda: publish(CHECKPOINTS, "checkpoint", {}))
    waiting = Encoding.objects.filter(status=Encoding.State.QUEUED)
    waiting.exclude(checkpoint__in=Checkpoint.objects.in_use()).delete()
