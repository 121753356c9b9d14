"""Find the image that needs a person's work next, and have it ready when it is opened."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotations.models import Dataset, Image
from annotations.models.image import ImageQuerySet
from annotations.services.flow import IN_PROGRESS, NEW, OPEN, RETURNED, SUBMITTED
from annotations.services.image import prepare_image
from annotations.services.lease import held_by_others

# More than these are not weighed: the cost must not grow with the dataset.
CANDIDATES = 30
# For so long an image is kept for whom it was given to; then the lease of an open page takes over.
OFFER = timedelta(minutes=2)
# So many people may be quicker before somebody hears that there is nothing left.
ROUNDS = 20


@transaction.atomic
def choose_next(*, user: Any, images: ImageQuerySet, after: int, prepare: bool) -> Image | None:
    """Return the image to annotate after the one with the id `after`; None if there is none.

    What was returned to `user` comes first, then what is assigned to them, then what they began
    further down, then what is nobody's (as the dataset ranks it, if it does), then what they began
    further up: never an image of somebody
    else, nor one at which somebody else is working. Of those alike, one that is encoded, next in
    the list. `images` are those of the dataset, with their encoding. `prepare` has one that is not
    encoded yet go before those that nobody waits for.
    """
    for row in _in_order(user, _to_annotate(user, images, after)):
        if prepare and row.encoding in ("none", "queued"):
            prepare_image(image=row)
        return row
    return None


def offer_next(*, user: Any, images: ImageQuerySet, after: int, review: bool) -> Image | None:
    """Like choose_next, of images to review if `review`; and nobody else is given the same one."""
    groups = _to_review if review else _to_annotate
    for _round in range(ROUNDS):
        beaten = False
        for row in _in_order(user, groups(user, images, after)):
            if _take(user, row):
                return row
            beaten = True
        if not beaten:
            return None
    return None


def _to_annotate(user: Any, images: ImageQuerySet, after: int) -> Iterator[ImageQuerySet]:
    mine = images.filter(assignee=user).exclude(pk=after).order_by("pk")
    nobodys = _free_for(user, images.filter(assignee=None, status__in=OPEN))
    nobodys = nobodys.exclude(pk=after).order_by("pk")
    yield mine.filter(status=RETURNED)
    yield mine.filter(status=NEW, pk__gt=after)
    yield mine.filter(status=NEW, pk__lt=after)
    yield mine.filter(status=IN_PROGRESS, pk__gt=after)
    ranked = nobodys.exclude(dataset__next_by=Dataset.NextBy.LISTED).filter(need__isnull=False)
    yield ranked.order_by("-need", "pk")
    yield nobodys.filter(pk__gt=after)
    yield nobodys.filter(pk__lt=after)
    yield mine.filter(status=IN_PROGRESS, pk__lt=after)


def _to_review(user: Any, images: ImageQuerySet, after: int) -> Iterator[ImageQuerySet]:
    waiting = images.filter(status=SUBMITTED).exclude(pk=after).order_by("pk")
    # Without those who drew on it: that is asked when the image is taken for review.
    waiting = _free_for(user, waiting.exclude(annotator=user, dataset__independent_review=True))
    yield waiting.filter(reviewer=user)
    yield waiting.filter(reviewer=None)
    yield waiting


def _free_for(user: Any, images: ImageQuerySet) -> ImageQuerySet:
    """Without those that were given to others just now."""
    over = timezone.now() - OFFER
    return images.filter(Q(offered_at=None) | Q(offered_at__lt=over) | Q(offered_to=user))


def _in_order(user: Any, groups: Iterator[ImageQuerySet]) -> Iterator[Any]:
    for group in groups:
        rows = list(group[:CANDIDATES])
        busy = held_by_others(user=user, images=rows) if rows else set()
        free = [row for row in rows if row.pk not in busy]
        yield from sorted(free, key=lambda row: row.encoding != "ready")


@transaction.atomic
def _take(user: Any, row: Any) -> bool:
    """Note that the image was given to `user`; False if somebody was quicker."""
    # Whoever holds the row is about to take it: we look further instead of waiting.
    free = Image.objects.select_for_update(no_key=True, skip_locked=True).filter(
        pk=row.pk, status=row.status, assignee=row.assignee_id
    )
    if _free_for(user, free).first() is None:
        return False
    Image.objects.filter(pk=row.pk).update(offered_to=user, offered_at=timezone.now())
    if row.encoding in ("none", "queued"):
        prepare_image(image=row)
    return True
