"""Write into an image what most annotators of its replicas agree on; replicas stay as they are.

It is one step: one event speaks for all masks that it brings and takes, and one call undoes it.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import Conflict
from annotations.formats.instance import Instance
from annotations.measures import consensus as measures
from annotations.models import Consensus, Image, Kind, LabelClass, Mask
from annotations.services.agreement import instances_on, submitted_replicas
from annotations.services.event import record_event, record_parts
from annotations.services.flow import begin_change
from annotations.services.job import Progress, run, send
from annotations.services.optimistic_lock import lock_row
from annotations.services.tally import count_nuclei
from ml import rle
from ml.events import publish

METHODS = {
    Consensus.Method.PIXEL: measures.by_pixel,
    Consensus.Method.OBJECT: measures.by_object,
}
MASKS_A_QUERY = 1_000


@transaction.atomic
def request_consensus(*, user: Any, image: Image, method: str) -> Consensus:
    """Have a worker build it. Raises Conflict unless two replicas or more are submitted."""
    if len(submitted_replicas(image)) < 2:
        raise Conflict(
            _("A consensus needs two submitted replicas at least."), code="too_few_replicas"
        )
    job = Consensus.objects.create(
        dataset_id=image.dataset_id, image=image, method=method, created_by=user
    )
    send(job)
    return job


def build_consensus(*, consensus_id: int) -> None:
    """Build it. Safe to repeat: the masks and the job's end are one transaction."""
    run(Consensus, consensus_id, _build)


@transaction.atomic
def undo_consensus(*, user: Any, consensus: Consensus) -> None:
    """Delete its masks, and bring back those that it had replaced.

    Raises Conflict if it is undone already, or if somebody has changed one of its masks since.
    """
    image = lock_row(Image.objects.all(), consensus.image_id)
    row = lock_row(Consensus.objects.all(), consensus.pk)
    if row.status != Consensus.Status.DONE or row.undone_at is not None:
        raise Conflict(_("This consensus is not in force."), code="not_in_force")
    made = _locked(image, row.made)
    if len(made) < len(row.made) or any(mask.version > 1 for mask in made):
        raise Conflict(
            _("Somebody has changed masks of this consensus since. Restore the image instead."),
            code="changed_since",
        )
    begin_change(user=user, image=image, claim=False)
    back = [mask for mask in _locked(image, row.replaced) if mask.deleted_at]
    _write(user, image, gone=made, back=back)
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    event = record_event(
        kind=Kind.CONSENSUS_UNDONE, actor=user, image=image, data={"consensus": row.pk}
    )
    record_parts(batches={image.pk: event}, masks=[*made, *back])


def _build(job: Consensus, progress: Progress) -> None:
    replicas = submitted_replicas(job.image)
    groups = measures.group([instances_on(replica) for replica in replicas])
    agreed = METHODS[Consensus.Method(job.method)](groups, len(replicas))
    people = [replica.replica_for.get_username() for replica in replicas if replica.replica_for]
    _store(job, progress, agreed, people)


@transaction.atomic
def _store(
    job: Consensus, progress: Progress, agreed: Sequence[Instance], people: list[str]
) -> None:
    user = job.created_by
    image = lock_row(Image.objects.all(), job.image_id)
    begin_change(user=user, image=image, claim=False)
    live = Mask.objects.live().filter(image=image)
    gone = list(live.select_for_update().order_by("created_at", "id"))
    _write(user, image, gone=gone, back=[])
    labels = LabelClass.objects.filter(dataset_id=image.dataset_id)
    classes = dict(labels.values_list("name", "pk"))
    made = [_mask(user, image, each, classes) for each in agreed]
    Mask.objects.bulk_create(made, batch_size=MASKS_A_QUERY)
    count_nuclei(image.dataset_id, made, in_replica=False)
    Image.objects.filter(pk=image.pk).update(mask_count=F("mask_count") + len(made))
    event = record_event(
        kind=Kind.MASKS_AGREED,
        actor=user,
        image=image,
        data={
            "consensus": job.pk,
            "method": job.method,
            "people": len(people),
            # A blind dataset tells nobody who drew what.
            "of": [] if image.dataset.blind else people,
            "count": len(made),
        },
    )
    record_parts(batches={image.pk: event}, masks=[*gone, *made])
    progress.finish(
        people=people,
        made=[str(mask.pk) for mask in made],
        replaced=[str(mask.pk) for mask in gone],
    )


def _write(user: Any, image: Image, *, gone: list[Mask], back: list[Mask]) -> None:
    """Delete some masks of the locked image and restore others, and count that."""
    now = timezone.now()
    for masks, deleted_at in ((gone, now), (back, None)):
        for mask in masks:
            mask.deleted_at, mask.updated_by, mask.updated_at = deleted_at, user, now
            mask.version += 1
        changed = ["deleted_at", "updated_by", "updated_at", "version"]
        Mask.objects.bulk_update(masks, changed, batch_size=MASKS_A_QUERY)
    count_nuclei(image.dataset_id, [*gone, *back], in_replica=image.is_replica)
    more = len(back) - len(gone)
    Image.objects.filter(pk=image.pk).update(mask_count=F("mask_count") + more)
    if changed_masks := [*gone, *back]:
        # Who has the image open asks for all changes when told of one.
        told = {"id": str(changed_masks[0].pk), "version": changed_masks[0].version}
        transaction.on_commit(lambda: publish(image.topic, "mask", told))


def _locked(image: Image, ids: Sequence[str]) -> list[Mask]:
    wanted = set(ids)
    masks = Mask.objects.filter(image=image).order_by("created_at", "id").select_for_update()
    return [mask for mask in masks if str(mask.pk) in wanted]


def _mask(user: Any, image: Image, each: Instance, classes: dict[str, int]) -> Mask:
    x, y, width, height = each.bbox
    return Mask(
        id=uuid4(),
        image=image,
        label_class_id=classes.get(each.label or ""),
        x=x,
        y=y,
        width=width,
        height=height,
        counts=each.counts,
        area=rle.area(each.bbox, each.counts),
        origin=Mask.Origin.CONSENSUS,
        created_by=user,
        updated_by=user,
    )
