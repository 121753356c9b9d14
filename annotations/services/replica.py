"""Have several people annotate the same image without seeing each other.

Each of them gets a replica: an image of its own on the same files. For who annotates it, it is an
image like any other; the original is not there. docs/decisions/0015 says why.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, Conflict
from annotations.models import Dataset, Event, Image, Kind, Membership, Role
from annotations.services.optimistic_lock import lock_row
from annotations.services.tally import count_image

# What a replica shares with its original; the rest is as of a new image.
SHARED = (
    *("dataset_id", "name", "sha256", "format", "size_bytes", "width", "height", "bit_depth"),
    *("channels", "microns_per_pixel", "scale", "original", "pixels", "thumbnail"),
    *("created_by_id",),
)


@transaction.atomic
def make_replicas(*, image: Image, people: Sequence[Any]) -> list[Image]:
    """Give each of these annotators a replica of the image; those who have one keep it.

    From then on annotators no longer see the image itself. Raises BadInput for people who do not
    annotate in the dataset, Conflict for an image that is a replica.
    """
    lock_row(Dataset.objects.live(), image.dataset_id)
    row = lock_row(Image.objects.all(), image.pk)
    if row.is_replica:
        raise Conflict(_("This image is a replica; make replicas of its original."))
    _refuse_others(row, people)
    there = set(row.replicas.values_list("replica_for_id", flat=True))
    replicas = [_replica(row, person) for person in people if person.pk not in there]
    if (replicas or there) and not row.replicated:
        _hide(row)
    return replicas


@transaction.atomic
def share_out(*, images: Sequence[Image], people: Sequence[Any], times: int) -> int:
    """Have each image annotated by `times` of these people, all of them about as often.

    Returns how many replicas were made. Raises BadInput if there are too few people.
    """
    if not 1 <= times <= len(people):
        raise BadInput(
            _("Choose at least as many annotators as each image is to have."), field="people"
        )
    made = 0
    for number, image in enumerate(images):
        first = number * times
        chosen = [people[(first + turn) % len(people)] for turn in range(times)]
        made += len(make_replicas(image=image, people=chosen))
    return made


def images_to_share(dataset: Dataset, count: int) -> list[Image]:
    """The first `count` images that nobody has begun and nobody has a replica of."""
    new = Image.objects.originals().filter(dataset=dataset, status=Image.Status.NEW)
    return list(new.filter(replicated=False).order_by("pk")[:count])


def annotators_of(dataset: Dataset) -> Any:
    """The people who can have replicas: who sees those of others could not work unseen."""
    members = Membership.objects.filter(dataset=dataset, role=Role.ANNOTATOR)
    people = get_user_model()._default_manager
    return people.filter(pk__in=members.values("user"), is_active=True).order_by("username")


def _refuse_others(image: Image, people: Sequence[Any]) -> None:
    allowed = set(annotators_of(image.dataset).values_list("pk", flat=True))
    for person in people:
        if person.pk not in allowed:
            raise BadInput(
                _("“%(name)s” is no annotator of this dataset; only annotators have replicas.")
                % {"name": person.get_username()},
                code="no_annotator",
                field="people",
            )


def _hide(original: Image) -> None:
    """Annotators see their replicas instead."""
    count_image(original, original.status, -1)
    original.replicated = True
    original.save(update_fields=["replicated"])
    count_image(original, original.status)


def _replica(original: Image, person: Any) -> Image:
    shared = {name: getattr(original, name) for name in SHARED}
    replica = Image.objects.create(replica_of=original, replica_for=person, **shared)
    # Nothing tells it from an image that was uploaded: neither its age, nor its history.
    Image.objects.filter(pk=replica.pk).update(created_at=original.created_at)
    Event.objects.create(
        kind=Kind.IMAGE_UPLOADED,
        actor_id=original.created_by_id,
        dataset_id=original.dataset_id,
        image=replica,
        at=original.created_at,
        data={"name": original.name},
    )
    count_image(replica, replica.status)
    return replica
