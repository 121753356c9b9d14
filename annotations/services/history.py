"""What an image's masks were at a moment, and how they become that again."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from annotations.models import Event, Image, Kind, LabelClass, Mask, Prompt
from annotations.services.event import record_event, record_parts
from annotations.services.flow import begin_change
from annotations.services.optimistic_lock import lock_row
from annotations.services.tally import count_nuclei
from ml.events import publish

ROWS_AT_ONCE = 500
SHAPE = ("x", "y", "width", "height", "counts", "area")
TOLD = (*SHAPE, "label_class_id", "origin", "prediction_id", "score", "conflict_with_id")


def masks_at(event: Event, *, mask: UUID | None = None) -> Any:
    """The events that tell of the masks of the image right after `event`, ordered by mask.

    One for each mask that was there; with `mask` for that one alone.
    """
    events = Event.objects.filter(image=event.image_id).until(event)
    if mask is not None:
        events = events.filter(mask=mask)
    return events.last_of_masks().exclude(kind=Kind.MASK_DELETED).order_by("mask")


@transaction.atomic
def restore_moment(*, user: Any, image: Image, event: Event) -> Event | None:
    """Make the masks of the image what they were right after `event`, as one new event.

    Returns that event, None if they are so already. The rule on overlaps has no say: what was
    there together may be there together. Raises Conflict for an image that is closed to changes.
    """
    image = lock_row(Image.objects.all(), image.pk)
    rows = {row.pk: row for row in Mask.objects.select_for_update().filter(image=image)}
    told = {each.mask: each for each in masks_at(event)}
    links = _Links(image, told.values(), rows)
    changed = [row for id, row in rows.items() if id not in told and _delete(row)]
    changed += [rows[id] for id, each in told.items() if id in rows and _put(rows[id], each, links)]
    created = [_recreated(user, image, each, links) for id, each in told.items() if id not in rows]
    if not changed and not created:
        return None
    begin_change(user=user, image=image)
    for row in (*changed, *created):
        row.updated_by, row.updated_at = user, timezone.now()
    Mask.objects.bulk_create(created)
    Mask.objects.bulk_update(
        changed,
        [*TOLD, "model_iou", "deleted_at", "version", "updated_by", "updated_at"],
        batch_size=ROWS_AT_ONCE,
    )
    Image.objects.filter(pk=image.pk).update(mask_count=len(told))
    facts = {"to": event.pk, "moment": event.at.isoformat(), "count": len(changed) + len(created)}
    batch = record_event(kind=Kind.MASKS_RESTORED, actor=user, image=image, data=facts)
    record_parts(batches={image.pk: batch}, masks=[*changed, *created])
    count_nuclei(image.dataset_id, [*changed, *created], in_replica=image.is_replica)
    # One message is enough: whoever has the image open fetches all that they do not know yet.
    last = (*changed, *created)[-1]
    message = {"id": str(last.pk), "version": last.version}
    transaction.on_commit(lambda: publish(image.topic, "mask", message))
    return batch


class _Links:
    """What masks may refer to: classes, predictions and people that are still there."""

    def __init__(self, image: Image, told: Iterable[Event], rows: dict[UUID, Mask]) -> None:
        told = list(told)
        classes = LabelClass.with_trash.filter(dataset_id=image.dataset_id)
        self.classes = set(classes.values_list("pk", flat=True))
        prompts = Prompt.objects.filter(image=image)
        self.predictions = set(prompts.values_list("pk", flat=True))
        self.masks = {*rows, *(each.mask for each in told)}
        authors = {each.data["author"] for each in told}
        people = get_user_model()._default_manager.filter(pk__in=authors)
        self.people = set(people.values_list("pk", flat=True))

    def state(self, event: Event) -> dict[str, Any]:
        """The fields of the mask of which the event tells."""
        data = event.data
        conflict = UUID(data["conflict_with"]) if "conflict_with" in data else None
        return {
            **dict(zip(SHAPE, (*data["bbox"], data["counts"], data["area"]), strict=True)),
            "origin": data["origin"],
            "score": data["score"],
            "label_class_id": _if_known(data["label_class"], self.classes),
            "prediction_id": _if_known(event.prediction, self.predictions),
            "conflict_with_id": _if_known(conflict, self.masks),
        }


def _if_known(key: Any, known: set[Any]) -> Any:
    return key if key in known else None


def _delete(row: Mask) -> bool:
    """Returns whether it was there."""
    if row.deleted_at:
        return False
    row.deleted_at = timezone.now()
    row.version += 1
    return True


def _put(row: Mask, event: Event, links: _Links) -> bool:
    """Make the row what the event tells. Returns whether it was not so already."""
    state = links.state(event)
    if not row.deleted_at and all(getattr(row, name) == state[name] for name in TOLD):
        return False
    for name, value in state.items():
        setattr(row, name, value)
    row.deleted_at = None
    row.model_iou = None  # until a worker has compared them anew
    row.version += 1
    return True


def _recreated(user: Any, image: Image, event: Event, links: _Links) -> Mask:
    """A mask whose row was purged from the trash; its versions go on where they ended."""
    ended = Event.objects.filter(image=image, mask=event.mask).order_by("pk").last()
    assert ended is not None
    assert event.mask is not None
    return Mask(
        id=event.mask,
        image=image,
        created_by_id=_if_known(event.data["author"], links.people) or user.pk,
        version=ended.data["version"] + 1,
        **links.state(event),
    )
