"""Save and delete what people say a nucleus is."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from annotations.exceptions import BadInput, Conflict, StaleVersion
from annotations.models import Dataset, Image, Kind, LabelClass, Mask, MaskWrite, Prompt
from annotations.services.event import record_mask, record_parts, version_told_by
from annotations.services.flow import begin_change
from annotations.services.optimistic_lock import lock_row
from annotations.services.overlap import clear_of_others, cut_others, rule_of
from annotations.services.tally import count_nuclei
from ml import rle
from ml.events import publish

ALLOW = Dataset.OverlapRule.ALLOW


def validated_area(image: Image, bbox: list[int], counts: str, *, field: str = "counts") -> int:
    """Return the foreground pixels of a wire mask. Raises BadInput unless it fits `image`."""
    try:
        rle.validate(bbox, counts, image.width, image.height)
    except rle.InvalidRle as error:
        raise BadInput(str(error), code="bad_mask", field=field) from error
    return rle.area(bbox, counts)


@transaction.atomic
def save_mask(
    *,
    user: Any,
    image: Image,
    id: UUID,
    version: int,
    bbox: list[int],
    counts: str,
    origin: str,
    label_class: int | None = None,
    prediction: UUID | None = None,
    score: float | None = None,
    conflict_with: UUID | None = None,
    revision: UUID | None = None,
    restores: int | None = None,
) -> tuple[Mask, bool]:
    """Create (version 0), update (its version) or restore (version 0) a mask: (mask, created).

    Asking for what is already so changes nothing and succeeds, and so does repeating a write that
    was done, which `revision` names, whatever became of the mask since. Raises StaleVersion,
    BadInput for a mask that does not fit, Conflict for an id of another image, for an image that is
    closed to changes, or for a mask of which the dataset's rule on overlaps leaves nothing. By that
    rule the mask may come out smaller than it was sent, or others may. `restores` names the event
    that tells of the mask as it is to be again, so that its history says so.
    """
    image = lock_row(Image.objects.all(), image.pk)
    validated_area(image, bbox, counts)
    mask = Mask.objects.select_for_update().filter(pk=id).first()
    if mask is not None and mask.image_id != image.pk:
        raise Conflict("This mask's id belongs to another image.", code="id_reused")
    if mask is None and version != 0:
        raise BadInput("There is no such mask yet: create it with version 0.", field="version")
    if _was_done(revision, id) and mask is not None:
        return mask, False
    told = version_told_by(restores, id, bbox, counts, label_class)
    rule = rule_of(image) if _is_new_shape(mask, bbox, counts, conflict_with) else ALLOW
    if rule == Dataset.OverlapRule.NEWER_YIELDS:
        bbox, counts = clear_of_others(image, id, bbox, counts)
    wanted: dict[str, Any] = {
        **dict(zip(("x", "y", "width", "height"), bbox, strict=True)),
        "counts": counts,
        "area": rle.area(bbox, counts),
        "origin": origin,
        "label_class_id": label_class,
        "prediction_id": prediction,
        "score": score,
        "conflict_with_id": conflict_with,
    }
    if mask is not None:
        if not mask.deleted_at and all(getattr(mask, k) == wanted[k] for k in wanted):
            _remember(revision, mask)
            return mask, False
        expected = 0 if mask.deleted_at else mask.version
        if version != expected:
            raise StaleVersion(mask)
    _check_references(image, label_class, prediction, conflict_with)
    begin_change(user=user, image=image)
    cut = []
    if rule == Dataset.OverlapRule.NEWER_WINS:
        cut = cut_others(user, image, id, bbox, counts)
    mask, kind = _write(image, id, mask, user, wanted)
    created = kind == Kind.MASK_CREATED
    if told is not None:
        kind = Kind.MASK_RESTORED
    facts = ({"cut": len(cut)} if cut else {}) | ({"restores": told.pk} if told else {})
    event = record_mask(kind=kind, actor=user, mask=mask, dataset_id=image.dataset_id, **facts)
    record_parts(batches={image.pk: event}, masks=cut)
    count_nuclei(image.dataset_id, [*cut, mask], in_replica=image.is_replica)
    _remember(revision, mask)
    for row in (*cut, mask):
        _announce(image, row)
    return mask, created


@transaction.atomic
def delete_mask(*, user: Any, mask: Mask, version: int, revision: UUID | None = None) -> None:
    """Mark a mask as deleted, once. Saving it with version 0 restores it.

    Raises StaleVersion, or Conflict for an image that is closed to changes.
    `revision` names this write, so that a repeat does not delete what was restored since.
    """
    image = lock_row(Image.objects.all(), mask.image_id)
    row = lock_row(Mask.objects.all(), mask.pk)
    if _was_done(revision, row.pk):
        return
    if row.deleted_at:
        return _remember(revision, row)
    if row.version != version:
        raise StaleVersion(row)
    begin_change(user=user, image=image)
    row.deleted_at = timezone.now()
    row.updated_by = user
    row.version += 1
    row.save()
    Image.objects.filter(pk=row.image_id).update(mask_count=F("mask_count") - 1)
    record_mask(kind=Kind.MASK_DELETED, actor=user, mask=row, dataset_id=image.dataset_id)
    count_nuclei(image.dataset_id, [row], in_replica=image.is_replica)
    _remember(revision, row)
    _announce(image, row)


def _write(
    image: Image, id: UUID, mask: Mask | None, user: Any, wanted: dict[str, Any]
) -> tuple[Mask, Kind]:
    """Put `wanted` into the row, made if there is none: (mask, what that was)."""
    if mask is None or mask.deleted_at:
        _count_one_more(image)
    if mask is None:
        mask = Mask.objects.create(id=id, image=image, created_by=user, updated_by=user, **wanted)
        return mask, Kind.MASK_CREATED
    kind = Kind.MASK_RESTORED if mask.deleted_at else Kind.MASK_CHANGED
    for name, value in wanted.items():
        setattr(mask, name, value)
    mask.model_iou = None  # until a worker has compared them anew
    mask.deleted_at = None
    mask.updated_by = user
    mask.version += 1
    mask.save()
    return mask, kind


def _is_new_shape(
    mask: Mask | None, bbox: list[int], counts: str, conflict_with: UUID | None
) -> bool:
    """Whether the dataset's rule on overlaps is to look at this write."""
    if conflict_with is not None:
        return False
    if mask is None or mask.deleted_at or mask.conflict_with_id:
        return True
    return mask.bbox != list(bbox) or mask.counts != counts


def _was_done(revision: UUID | None, id: UUID) -> bool:
    """Whether this write is a repeat. Lock the image first. Raises Conflict for another mask's."""
    done = MaskWrite.objects.filter(pk=revision).first() if revision else None
    if done is not None and done.mask_id != id:
        raise Conflict("This change's id belongs to another mask.", code="id_reused")
    return done is not None


def _remember(revision: UUID | None, mask: Mask) -> None:
    if revision is not None:
        MaskWrite.objects.create(pk=revision, mask=mask)


def _announce(image: Image, mask: Mask) -> None:
    """Tell who has the image open; they fetch what they do not know yet."""
    data = {"id": str(mask.pk), "version": mask.version}
    transaction.on_commit(lambda: publish(image.topic, "mask", data))


def _check_references(
    image: Image, label_class: int | None, prediction: UUID | None, conflict_with: UUID | None
) -> None:
    if label_class is not None:
        # One in the trash, too: whoever has not heard of it yet loses nothing.
        classes = LabelClass.with_trash.filter(pk=label_class, dataset_id=image.dataset_id)
        if not classes.exists():
            raise BadInput("The dataset has no such class.", field="label_class")
    if prediction is not None:
        prompts = Prompt.objects.filter(pk=prediction, image=image)
        if not prompts.exists():
            raise BadInput("The image has no such prediction.", field="prediction")
    if conflict_with is not None:
        masks = Mask.objects.filter(pk=conflict_with, image=image)
        if not masks.exists():
            raise BadInput("The image has no such mask.", field="conflict_with")


def _count_one_more(image: Image) -> None:
    Image.objects.filter(pk=image.pk).update(mask_count=F("mask_count") + 1)
