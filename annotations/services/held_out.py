"""The images that checkpoints are judged on, and that none is ever trained on.

They are chosen by group, which is a slide or a patient: images of one are too alike to teach with
some and judge with others. The set grows when somebody says so, and with further images of its
groups; nothing takes an image out again.
"""

import re
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from annotations.exceptions import BadInput, Conflict
from annotations.models import Dataset, Image, Kind
from annotations.services.event import record_event
from annotations.services.optimistic_lock import lock_row, write
from ml.broker import BATCH, enqueue

PLACEHOLDER = "{group}"
MOST_STARS = 2
REGROUP = "annotations.regroup_images"
_AT_ONCE = 1000


def group_of(name: str, pattern: str) -> str:
    """The group of an image called `name`: what stands at {group} in the pattern.

    A * stands for anything. Without a pattern, or if it does not fit, an image is its own group.
    """
    if not pattern:
        return name
    words = re.split(r"(\{group\}|\*)", pattern)
    parts = {PLACEHOLDER: "(?P<group>.+?)", "*": ".*"}
    found = re.fullmatch("".join(parts.get(word) or re.escape(word) for word in words), name)
    return found["group"] if found else name


def check_pattern(pattern: str) -> None:
    """Raise BadInput unless it has {group} once and few stars: more would take long to match."""
    if pattern and (pattern.count(PLACEHOLDER) != 1 or pattern.count("*") > MOST_STARS):
        raise BadInput(
            f"A pattern holds {PLACEHOLDER} once and * at most twice, as in {PLACEHOLDER}_*.",
            field="group_pattern",
        )


@transaction.atomic
def change_pattern(*, user: Any, dataset: Dataset, pattern: str) -> None:
    """Group the images anew by their names; a worker does it.

    Raises BadInput for a pattern that says nothing, Conflict once images are held out.
    """
    check_pattern(pattern)
    row = lock_row(Dataset.objects.live(), dataset.pk)
    if Image.objects.filter(dataset=row, held_out=True).exists():
        raise Conflict(
            "Images are held out already, by their present groups: those have to stay as they are."
        )
    if row.group_pattern == pattern:
        return
    write(row, group_pattern=pattern)
    record_event(
        kind=Kind.DATASET_CHANGED, actor=user, dataset=row, data={"group_pattern": pattern}
    )
    transaction.on_commit(lambda: enqueue(REGROUP, [row.pk], queue=BATCH))


def regroup_images(*, dataset_id: int) -> None:
    """Write the group of every image; what joins a group that is held out, is held out with it."""
    last = 0
    while True:
        with transaction.atomic():
            pattern = lock_row(Dataset.objects.all(), dataset_id).group_pattern
            rows = Image.objects.filter(dataset_id=dataset_id, pk__gt=last).order_by("pk")
            page = list(rows.only("name", "group")[:_AT_ONCE])
            for image in page:
                image.group = group_of(image.name, pattern)
            Image.objects.bulk_update(page, ["group"])
        if not page:
            break
        last = page[-1].pk
    images = Image.objects.filter(dataset_id=dataset_id)
    held = images.filter(held_out=True).values("group")
    images.filter(group__in=held).update(held_out=True)


@transaction.atomic
def hold_out(*, user: Any, dataset: Dataset, groups: list[str]) -> int:
    """Add groups to the held-out set, for good; return how many images it grew by.

    Raises BadInput naming a group that the dataset does not have.
    """
    row = lock_row(Dataset.objects.live(), dataset.pk)
    images = Image.objects.filter(dataset=row, group__in=groups)
    unknown = sorted(set(groups) - set(images.values_list("group", flat=True).distinct()))
    if unknown:
        raise BadInput(f"The dataset has no images of “{unknown[0]}”.", field="groups")
    grown = images.filter(held_out=False).update(held_out=True)
    if grown:
        record_event(
            kind=Kind.DATASET_CHANGED, actor=user, dataset=row, data={"held_out": sorted(groups)}
        )
    return grown


def groups_page(*, dataset: Dataset, after: str, size: int) -> list[dict[str, Any]]:
    """`size` groups after the named one, in order, with numbers: images, whole, held_out."""
    rows = Image.objects.originals().filter(dataset=dataset, group__gt=after).order_by()
    groups = rows.values("group").annotate(
        images=Count("pk"),
        whole=Count("pk", filter=Q(status=Image.Status.ACCEPTED)),
        held_out=Count("pk", filter=Q(held_out=True)),
    )
    return list(groups.order_by("group")[:size])
