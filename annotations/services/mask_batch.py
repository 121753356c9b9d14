"""Several writes of an image's masks in one transaction, each as if it had come alone."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from annotations.exceptions import BadInput, DomainError, NotFound
from annotations.models import Image, Mask
from annotations.services.mask import delete_mask, save_mask
from annotations.services.optimistic_lock import lock_row


class Write(NamedTuple):
    """`fields` are those of save_mask or delete_mask; what a save leaves out stays as it is."""

    id: UUID
    delete: bool
    fields: dict[str, Any]


class Outcome(NamedTuple):
    """The mask as it is now, and whether whoever asked knows it, since it was asked for or left as
    it was in the version that was named; or why nothing was done.

    A mask that was deleted is None.
    """

    id: UUID
    mask: Mask | None = None
    is_known: bool = True
    error: DomainError | None = None


@transaction.atomic
def write_masks(*, user: Any, image: Image, writes: list[Write]) -> list[Outcome]:
    """Do the writes in their order. One that is refused changes nothing and holds up no other."""
    lock_row(Image.objects.all(), image.pk)
    return [_outcome(user, image, write) for write in writes]


def _outcome(user: Any, image: Image, write: Write) -> Outcome:
    mask = Mask.objects.filter(pk=write.id, image=image).first()
    try:
        if write.delete:
            if mask is None:
                raise NotFound("There is no such mask.")
            delete_mask(user=user, mask=mask, **write.fields)
            return Outcome(write.id)
        asked = _completed(mask, write.fields)
        # A later version may have what was asked for beside changes that were never heard of.
        in_date = mask is None or mask.version == write.fields["version"]
        mask, _ = save_mask(user=user, image=image, id=write.id, **asked)
        return Outcome(write.id, mask, is_known=in_date and _is(mask, asked))
    except DomainError as error:
        return Outcome(write.id, error=error)


def _completed(mask: Mask | None, fields: dict[str, Any]) -> dict[str, Any]:
    """What to save, whole. Raises BadInput for a new mask that lacks something."""
    if mask is not None:
        return _content(mask) | fields
    missing = {"bbox", "counts", "origin"} - fields.keys()
    if missing:
        raise BadInput(f"There is no such mask yet: send its {' and '.join(sorted(missing))}.")
    return fields


def _content(mask: Mask) -> dict[str, Any]:
    return {
        "bbox": mask.bbox,
        "counts": mask.counts,
        "origin": mask.origin,
        "label_class": mask.label_class_id,
        "prediction": mask.prediction_id,
        "score": mask.score,
        "conflict_with": mask.conflict_with_id,
    }


def _is(mask: Mask, asked: dict[str, Any]) -> bool:
    content = _content(mask)
    return not mask.deleted_at and all(asked.get(name) == content[name] for name in content)
