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
from annotations.services.image import delete_image, restore_image
from annotations.services.optimistic_lock import lock_row
from annotations.services.replicated import settle_replicated
from annotations.services.tally import count_image

# What a replica shares with its original; the rest is as of a new image.
SHARED = (
    *("dataset_id", "name", "sha256", "format", "size_bytes", "width", "height", "bit_depth"),
    *("channels", "microns_per_pixel", "chosen_scale", "scale", "original"),
    *("pixels", "thumbnail", "created_by_id"),
)


@transaction.atomic
def make_replicas(*, image: Image, people: Sequence[Any], user: Any = None) -> list[Image]:
    """Give each of these annotators a replica of the image; those who have one keep it.

    Whoever had one that is in the trash gets that back, from `user`. From then on annotators no
    longer see the image itself. Raises BadInput for people who do not annotate in the dataset,
    Conflict for an image that is a replica.
    """
    lock_row(Dataset.objects.live(), image.dataset_id)
    row = lock_row(Image.objects.all(), image.pk)
    if row.is_replica:
        raise Conflict(_("This image is a replica; make replicas of its original."))
    _refuse_others(row, people)
    there = set(row.replicas.values_list("replica_for_id", flat=True))
    trashed = {each.replica_for_id: each for each in Image.trash.filter(replica_of=row)}
    replicas = [
        restore_image(user=user, image=trashed[person.pk])
        if person.pk in trashed
        else _replica(row, person)
        for person in people
        if person.pk not in there
    ]
    # What was restored has settled it in a row of its own.
    row.refresh_from_db(fields=["replicated"])
    settle_replicated(row)
    return replicas


@transaction.atomic
def take_back(*, user: Any, replica: Image) -> None:
    """Put a replica that nobody has begun into the trash; after the last one, annotators see the
    image itself again.

    Raises Conflict for one that is begun, or of a honeypot, and for an image that is none.
    """
    lock_row(Dataset.objects.live(), replica.dataset_id)
    row = lock_row(Image.objects.all(), replica.pk)
    why_not = _why_not_take_back(row)
    if why_not is not None:
        raise Conflict(why_not, code="not_taken_back")
    delete_image(user=user, image=row)


def can_take_back(replica: Image) -> bool:
    """Whether nobody has begun the replica, and nobody is judged by it."""
    return _why_not_take_back(replica) is None


@transaction.atomic
def share_out(
    *, images: Sequence[Image], people: Sequence[Any], times: int, user: Any = None
) -> int:
    """Have each image annotated by `times` of these people, all of them about as often.

    Returns how many replicas were handed out. Raises BadInput if there are too few people.
    """
    if not 1 <= times <= len(people):
        raise BadInput(
            _("Choose at least as many annotators as each image is to have."), field="people"
        )
    made = 0
    for number, image in enumerate(images):
        first = number * times
        chosen = [people[(first + turn) % len(people)] for turn in range(times)]
        made += len(make_replicas(image=image, people=chosen, user=user))
    return made


def images_to_share(dataset: Dataset, count: int) -> list[Image]:
    """The first `count` images that nobody has begun and nobody has a replica of."""
    new = Image.objects.originals().filter(dataset=dataset, status=Image.Status.NEW)
    return list(new.filter(replicated=False).order_by("pk")[:count])


def originals_named(dataset: Dataset, ids: Sequence[int]) -> list[Image]:
    """The images of the dataset with these ids, in their order.

    Raises BadInput, which names it, for one that is not in the dataset or is a replica.
    """
    found = Image.objects.filter(dataset=dataset).in_bulk(ids)
    for pk in ids:
        if pk not in found:
            raise BadInput(
                _("There is no image %(id)d in this dataset.") % {"id": pk},
                code="no_such_image",
                field="image_ids",
            )
        if found[pk].is_replica:
            raise BadInput(
                _("“%(name)s” (%(id)d) is a replica; name its original.")
                % {"name": found[pk].name, "id": pk},
                code="is_replica",
                field="image_ids",
            )
    return [found[pk] for pk in dict.fromkeys(ids)]


def annotators_without(image: Image) -> Any:
    """The people who can be given a replica of the image, and have none."""
    return annotators_of(image.dataset).exclude(pk__in=image.replicas.values("replica_for"))


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


def _why_not_take_back(image: Image) -> str | None:
    if image.replica_of is None:
        return _("“%(name)s” is no replica.") % {"name": image.name}
    if image.status != Image.Status.NEW or image.mask_count:
        return _("%(person)s has begun this replica; it is not taken back.") % {
            "person": image.replica_for
        }
    if image.replica_of.is_honeypot:
        return _("This is a honeypot, of which every annotator has a replica; end that first.")
    return None


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
