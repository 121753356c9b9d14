"""Count as things happen: what a write adds to the ledgers of models/tally.py.

Call these where the change is made, within its transaction. They only add lines, so they may be
called at any point of it, and cannot make it wait.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum

from annotations.models import Event, Image, Kind, Mask, NucleiCount, StateCount, Workday

# What counts as work, by the kind of its event; "submitted" and "reviewed" are moves of an image.
DEEDS: dict[str, str] = {
    Kind.MASK_CREATED: "made",
    Kind.MASK_CHANGED: "changed",
    Kind.MASK_RESTORED: "changed",
    Kind.MASK_DELETED: "deleted",
}
MOVES = {"submit": "submitted", "accept": "reviewed", "return": "reviewed"}


def count_image(image: Image, status: str, by: int = 1) -> None:
    """Count the image in (`by` 1) or out (-1) of those with this status."""
    StateCount.objects.create(
        dataset_id=image.dataset_id,
        status=status,
        replicated=image.replicated,
        replica_for_id=image.replica_for_id,
        images=by,
    )


def count_move(image: Image, before: str, after: str) -> None:
    """Count the image among those with another status."""
    if before != after:
        count_image(image, before, -1)
        count_image(image, after)


def count_with_nuclei(image: Image, by: int) -> None:
    """Count an image that comes back with its nuclei (`by` 1), or goes away with them (-1)."""
    count_image(image, image.status, by)
    masks = Mask.objects.live().filter(image=image).order_by()
    rows = masks.values("created_by_id", "label_class_id", "origin")
    amounts = rows.annotate(n=Count("pk"), compared=Count("model_iou"), likeness=Sum("model_iou"))
    NucleiCount.objects.bulk_create(
        NucleiCount(
            dataset_id=image.dataset_id,
            author_id=row["created_by_id"],
            label_class_id=row["label_class_id"],
            origin=row["origin"],
            in_replica=image.is_replica,
            nuclei=by * row["n"],
            compared=by * row["compared"],
            likeness=by * (row["likeness"] or 0.0),
        )
        for row in amounts
    )


def count_nuclei(dataset_id: int, masks: Iterable[Mask], *, in_replica: bool) -> None:
    """Count what became of these masks of a dataset since they were loaded or made."""
    totals: dict[tuple[Any, ...], list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for mask in masks:
        for standing, sign in ((mask.counted, -1), (mask.standing, 1)):
            if standing is not None:
                *key, likeness = standing
                total = totals[tuple(key)]
                total[0] += sign
                total[1] += sign * (likeness is not None)
                total[2] += sign * (likeness or 0.0)
        mask.counted = mask.standing
    NucleiCount.objects.bulk_create(
        NucleiCount(
            dataset_id=dataset_id,
            author_id=author,
            label_class_id=label_class,
            origin=origin,
            in_replica=in_replica,
            nuclei=nuclei,
            compared=compared,
            likeness=likeness,
        )
        for (author, label_class, origin), (nuclei, compared, likeness) in totals.items()
        if nuclei or compared or likeness
    )


def note_work(*, person_id: int, dataset_id: int, at: datetime, **did: int) -> None:
    """Note an action of a person: `did` are amounts of Workday, e.g. made=1."""
    Workday.objects.create(dataset_id=dataset_id, person_id=person_id, day=at.date(), at=at, **did)


def note_event(event: Event) -> None:
    """Note the work of which an event tells, unless it is one part of a batch."""
    deed = deed_of(event.kind, event.data.get("move"))
    if deed and event.actor_id is not None and event.batch_id is None:
        note_work(person_id=event.actor_id, dataset_id=event.dataset_id, at=event.at, **{deed: 1})


def deed_of(kind: str, move: str | None) -> str | None:
    """The amount of Workday to which an event adds; None if it is no work."""
    return MOVES.get(move or "") if kind == Kind.IMAGE_STATE else DEEDS.get(kind)
