"""Ask the train worker to judge checkpoints."""

from django.db import transaction
from django.utils import timezone

from ml.broker import TRAIN, enqueue
from ml.models import Checkpoint, Judgement

JUDGE = "ml.run_judgement"


@transaction.atomic
def request_judgement(
    *,
    candidate: Checkpoint,
    rival: Checkpoint,
    source: str,
    gate: str,
    tolerance: float,
    by_name: str = "",
) -> Judgement:
    """Have `candidate` compared with `rival` on the held-out images of `source`, as they are by
    then. Asking again while it waits gives the same row and no second message."""
    waiting = Judgement.objects.unfinished().filter(candidate=candidate, rival=rival, source=source)
    known = waiting.first()
    if known is not None:
        return known
    judgement = Judgement.objects.create(
        candidate=candidate,
        rival=rival,
        source=source,
        config={"gate": gate, "tolerance": tolerance},
        created_by_name=by_name,
        enqueued_at=timezone.now(),
    )
    transaction.on_commit(lambda: enqueue(JUDGE, [judgement.pk], queue=TRAIN))
    return judgement
