"""Write down what happened: in the same transaction as the change itself, and never again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from annotations.models import Dataset, Event, Image, Kind, Mask
from annotations.services.tally import note_event


def record_event(
    *,
    kind: str,
    actor: Any,
    dataset: Dataset | None = None,
    image: Image | None = None,
    mask: UUID | None = None,
    prediction: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> Event:
    """Record that `actor` (None: the server by itself) did something to `image` or `dataset`.

    Call it where the change is made, within its transaction, and only if something changed: a
    repeated request is no second event. `data` is what a reader, or a restoring, needs to know.
    """
    event = Event.objects.create(
        kind=kind,
        actor=actor,
        dataset_id=_dataset_id(dataset, image),
        image=image,
        mask=mask,
        prediction=prediction,
        data=data or {},
    )
    note_event(event)
    return event


def record_mask(*, kind: str, actor: Any, mask: Mask, dataset_id: int, **facts: Any) -> Event:
    """Record the mask as it is after a change, and what else there is to say of that."""
    event = mask_event(kind=kind, actor=actor, mask=mask, dataset_id=dataset_id)
    event.data |= facts
    event.save()
    note_event(event)
    return event


def record_parts(*, batches: dict[int, Event], masks: Sequence[Mask]) -> None:
    """Record the masks as they are now as parts of their image's event: one query for them all.

    `batches` is image id -> the event that speaks for its masks.
    """
    Event.objects.bulk_create(
        mask_event(
            kind=_kind_of_part(mask, batches[mask.image_id]),
            actor=batches[mask.image_id].actor,
            mask=mask,
            dataset_id=batches[mask.image_id].dataset_id,
            batch=batches[mask.image_id],
        )
        for mask in masks
    )


def version_told_by(
    event: int | None, mask: UUID, bbox: list[int], counts: str, label_class: int | None
) -> Event | None:
    """Return the event if it tells of the mask with just this shape and class."""
    told = Event.objects.filter(pk=event, mask=mask).first() if event is not None else None
    state = {"bbox": list(bbox), "counts": counts, "label_class": label_class}
    return told if told is not None and state.items() <= told.data.items() else None


def mask_event(
    *, kind: str, actor: Any, mask: Mask, dataset_id: int, batch: Event | None = None
) -> Event:
    """An event about a mask, not yet written."""
    return Event(
        kind=kind,
        actor=actor,
        dataset_id=dataset_id,
        image_id=mask.image_id,
        mask=mask.pk,
        batch=batch,
        prediction=mask.prediction_id,
        data=_state(mask),
    )


def _state(mask: Mask) -> dict[str, Any]:
    if mask.deleted_at:
        return {"version": mask.version}
    state = {
        "version": mask.version,
        "bbox": mask.bbox,
        "counts": mask.counts,
        "area": mask.area,
        "label_class": mask.label_class_id,
        "origin": mask.origin,
        "score": mask.score,
        "author": mask.created_by_id,
    }
    if mask.conflict_with_id is not None:
        state["conflict_with"] = str(mask.conflict_with_id)
    return state


def changes_of(row: Any, wanted: dict[str, Any]) -> dict[str, list[Any]]:
    """Field -> [before, after], of those of `wanted` that `row` does not have already."""
    return {
        name: [getattr(row, name), value]
        for name, value in wanted.items()
        if getattr(row, name) != value
    }


def _kind_of_part(mask: Mask, batch: Event) -> Kind:
    if mask.deleted_at:
        return Kind.MASK_DELETED
    if batch.kind == Kind.MASKS_RESTORED:
        return Kind.MASK_RESTORED
    return Kind.MASK_CREATED if mask.version == 1 else Kind.MASK_CHANGED


def _dataset_id(dataset: Dataset | None, image: Image | None) -> int:
    if image is not None:
        return image.dataset_id
    assert dataset is not None, "an event is about a dataset or an image of it"
    return dataset.pk
