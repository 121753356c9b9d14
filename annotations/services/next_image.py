"""Find the image that needs work next, and have it ready when it is opened."""

from typing import Any

from django.db import transaction

from annotations.models import Image
from annotations.models.image import ImageQuerySet
from annotations.services.flow import OPEN
from annotations.services.image import prepare_image
from annotations.services.lease import held_by_others

# More than these are not weighed: the cost must not grow with the dataset.
CANDIDATES = 30


@transaction.atomic
def choose_next(*, user: Any, images: ImageQuerySet, after: int, prepare: bool) -> Image | None:
    """Return the image to work on after the one with the id `after`; None if nothing is left to do.

    That is one that nobody else is working on, that is encoded, that comes next in the list: each
    counts more than what follows it. `images` are those of the dataset, with their encoding.
    `prepare` has an image encoded that never was.
    """
    open_images = images.filter(status__in=OPEN).order_by("pk")
    rows = list(open_images.filter(pk__gt=after)[:CANDIDATES])
    rows += open_images.filter(pk__lt=after)[: CANDIDATES - len(rows)]
    if not rows:
        return None
    busy = held_by_others(user=user, images=rows)
    chosen = min(rows, key=lambda row: (row.pk in busy, row.encoding != "ready"))
    if prepare and chosen.encoding == "none":
        prepare_image(image=chosen)
    return chosen
