"""Who is to annotate what, and until when: by batch, by hand, or in turns."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotations.exceptions import BadInput
from annotations.models import Batch, Dataset, Event, Image, Kind, Membership, Notice
from annotations.models.image import ImageQuerySet
from annotations.permissions import Verb, may
from annotations.services.flow import IN_REVIEW, OPEN, Move, move_image
from annotations.services.notice import tell
from annotations.services.optimistic_lock import lock_row, write

# More in one step would keep others waiting for too long.
MOST_AT_ONCE = 5_000


@transaction.atomic
def create_batch(*, user: Any, dataset: Dataset, name: str, due_on: date | None = None) -> Batch:
    """Make an empty batch. Raises BadInput for a name in use."""
    lock_row(Dataset.objects.live(), dataset.pk)
    _keep_names_apart(dataset.pk, name)
    return Batch.objects.create(dataset=dataset, name=name, due_on=due_on, created_by=user)


@transaction.atomic
def update_batch(*, batch: Batch, version: int, **changes: Any) -> Batch:
    """Change name or due day, which becomes that of its images. Raises StaleVersion, BadInput."""
    lock_row(Dataset.objects.live(), batch.dataset_id)
    row = lock_row(Batch.objects.all(), batch.pk, version=version)
    if changes.get("name", row.name) != row.name:
        _keep_names_apart(row.dataset_id, changes["name"])
    due_before = row.due_on
    write(row, **changes)
    if row.due_on != due_before:
        row.images.update(due_on=row.due_on)
    return row


@transaction.atomic
def delete_batch(*, batch: Batch) -> None:
    """Dissolve the batch; its images stay, and are due on no day any more."""
    row = lock_row(Batch.objects.all(), batch.pk)
    row.images.update(batch=None, due_on=None)
    row.delete()


@transaction.atomic
def fill_batch(*, batch: Batch, images: list[int]) -> int:
    """Put these images of its dataset into the batch, out of others; return how many."""
    _refuse_too_many(images)
    lock_row(Dataset.objects.live(), batch.dataset_id)
    row = lock_row(Batch.objects.all(), batch.pk)
    others = Image.objects.filter(dataset_id=row.dataset_id, pk__in=images).exclude(batch=row)
    return others.update(batch=row, due_on=row.due_on)


@transaction.atomic
def take_out_of_batch(*, dataset_id: int, images: list[int], batch: Batch | None = None) -> int:
    """Take these images out of `batch`, or out of whichever they are in; return how many.

    The batch's day is theirs no more.
    """
    _refuse_too_many(images)
    lock_row(Dataset.objects.live(), dataset_id)
    rows = Image.objects.filter(dataset_id=dataset_id, pk__in=images, batch__isnull=False)
    if batch is not None:
        rows = rows.filter(batch=batch)
    return rows.update(batch=None, due_on=None)


@transaction.atomic
def set_due_day(*, dataset: Dataset, images: list[int], due_on: date | None) -> int:
    """Give these images a day of their own, whatever that of their batch is; None: no day."""
    _refuse_too_many(images)
    return Image.objects.filter(dataset=dataset, pk__in=images).update(due_on=due_on)


@transaction.atomic
def assign_images(*, user: Any, dataset: Dataset, images: list[int], to: list[int]) -> int:
    """Assign these images to the people `to` (ids), in turns; to nobody if there are none.

    Images that were handed in stay with whom they are. Returns how many were assigned. Raises
    BadInput for somebody who does not annotate here, or for too many at once.
    """
    _refuse_too_many(images)
    _require_annotators(dataset, to)
    rows = Image.objects.select_for_update(no_key=True).filter(
        dataset=dataset, pk__in=images, status__in=OPEN
    )
    found = list(rows.order_by("pk").values_list("pk", "assignee_id"))
    for turn, person in enumerate(to or [None]):
        share = found[turn :: len(to) or 1]
        ids = [pk for pk, _was in share]
        Image.objects.filter(pk__in=ids).update(assignee=person)
        changed = [(pk, was) for pk, was in share if was != person]
        _record(user, dataset.pk, changed, {"to": person})
        fresh = [pk for pk, _was in changed]
        if person is not None and fresh:
            image = Image.objects.get(pk=fresh[0]) if len(fresh) == 1 else None
            tell(
                people=[person],
                kind=Notice.Kind.ASSIGNED,
                actor=user,
                dataset=dataset,
                image=image,
                images=len(fresh),
            )
    return len(found)


@transaction.atomic
def take_back_work(*, user: Any, dataset_id: int, person: int, role: str = "") -> None:
    """Give to others what a person may do no longer, with `role` or as no member; what they drew
    stays."""
    why = _("Their role was changed.") if role else _("They are no member any more.")
    images = Image.objects.filter(dataset_id=dataset_id).select_for_update(no_key=True)
    if not may(role, Image, Verb.ANNOTATE):
        theirs = images.filter(assignee=person, status__in=OPEN)
        _take_back_images(user, dataset_id, theirs, why)
    if not may(role, Image, Verb.REVIEW):
        for image in images.filter(reviewer=person, status=IN_REVIEW).order_by("pk"):
            move_image(user=user, image=image, move=Move.RELEASE, version=image.version, note=why)


def _take_back_images(user: Any, dataset_id: int, images: ImageQuerySet, why: str) -> None:
    # What is given back is no longer among `images`.
    rows = images.order_by("pk").values_list("pk", "assignee_id")
    while some := list(rows[:MOST_AT_ONCE]):
        Image.objects.filter(pk__in=[pk for pk, _was in some]).update(assignee=None)
        _record(user, dataset_id, some, {"to": None, "note": why})


def _record(
    user: Any, dataset_id: int, images: list[tuple[int, int | None]], facts: dict[str, Any]
) -> None:
    """Note for each image (id, whose it was) that it was assigned anew."""
    Event.objects.bulk_create(
        Event(
            dataset_id=dataset_id,
            image_id=pk,
            kind=Kind.IMAGE_ASSIGNED,
            actor=user,
            data={"was": was, **facts},
        )
        for pk, was in images
    )


def _require_annotators(dataset: Dataset, people: list[int]) -> None:
    members = Membership.objects.filter(dataset=dataset, user_id__in=people)
    fit = {row.user_id for row in members if may(row.role, Image, Verb.ANNOTATE)}
    if set(people) - fit:
        raise BadInput(
            _("Images are assigned to members who may annotate; one of these may not."), field="to"
        )


def _refuse_too_many(images: list[int]) -> None:
    if len(images) > MOST_AT_ONCE:
        raise BadInput(
            ngettext(
                "Choose at most %(count)s image at once.",
                "Choose at most %(count)s images at once.",
                MOST_AT_ONCE,
            )
            % {"count": MOST_AT_ONCE},
            field="images",
        )


def _keep_names_apart(dataset_id: int, name: str) -> None:
    if Batch.objects.filter(dataset_id=dataset_id, name=name).exists():
        raise BadInput(
            _("There is already a batch called “%(name)s”.") % {"name": name},
            code="name_taken",
            field="name",
        )
