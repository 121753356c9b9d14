"""Several annotators on one image, for the tests that are about what they agree on."""

from typing import Any

from annotations.models import Dataset, Image, Membership, Role
from annotations.services.agreement import compare_waiting
from annotations.services.flow import Move, move_image
from annotations.services.replica import make_replicas
from tests.factories import make_mask, make_user


def make_annotators(dataset: Dataset, *names: str) -> list[Any]:
    people = [make_user(name) for name in names]
    Membership.objects.bulk_create(
        Membership(dataset=dataset, user=person, role=Role.ANNOTATOR) for person in people
    )
    return people


def annotate(image: Image, person: Any, *places: tuple[int, int]) -> Image:
    """Have `person` draw a nucleus of 6 × 3 pixels at each place of their replica; submit it."""
    make_replicas(image=image, people=[person])
    replica = image.replicas.get(replica_for=person)
    for x, y in places:
        make_mask(replica, person, x=x, y=y)
    return submit(replica, person)


def submit(image: Image, person: Any) -> Image:
    image.refresh_from_db()
    return move_image(user=person, image=image, move=Move.SUBMIT, version=image.version)


def compared(image: Image) -> Image:
    """The image, once a worker has come round."""
    compare_waiting()
    return Image.objects.get(pk=image.pk)
