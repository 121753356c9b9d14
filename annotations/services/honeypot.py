"""Images whose truth is known, given to annotators unnoticed, to see how well they work.

An annotator gets a replica, as of any image that several annotate; what is compared with what is
known to those who oversee only.
"""

import hashlib
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import Conflict
from annotations.models import Dataset, Image, Role, Workday
from annotations.models.image import ImageQuerySet
from annotations.services.flow import OPEN
from annotations.services.optimistic_lock import lock_row
from annotations.services.replica import annotators_of, make_replicas
from annotations.services.replicated import settle_replicated


@transaction.atomic
def make_honeypot(*, image: Image) -> None:
    """Take the image's masks for the truth, and give each annotator a replica of it.

    Raises Conflict for an image that is a replica, or has no masks.
    """
    row = lock_row(Image.objects.all(), image.pk)
    if row.is_replica or not row.mask_count:
        raise Conflict(
            _("A honeypot is an image with masks that are known to be right."), code="no_truth"
        )
    row.is_honeypot, row.to_compare = True, True
    row.save(update_fields=["is_honeypot", "to_compare"])
    make_replicas(image=row, people=list(annotators_of(row.dataset)))


@transaction.atomic
def end_honeypot(*, image: Image) -> None:
    """Judge nobody by the image any more. Replicas stay; the comparisons with the truth go."""
    row = lock_row(Image.objects.all(), image.pk)
    row.is_honeypot, row.to_compare = False, True
    row.save(update_fields=["is_honeypot", "to_compare"])
    settle_replicated(row)


def due_honeypot(*, user: Any, dataset: Dataset, images: ImageQuerySet) -> Image | None:
    """The honeypot that `user` is to get as the next of `images`; None if it is not the time.

    About one of `honeypot_every` images is one, at places that nobody can guess.
    """
    if not dataset.honeypot_every or getattr(dataset, "my_role", None) != Role.ANNOTATOR:
        return None
    mine = Image.objects.filter(replica_for=user, dataset=dataset, replica_of__is_honeypot=True)
    done = mine.exclude(status__in=OPEN).count()
    [work] = Workday.objects.filter(dataset=dataset, person=user).totals()
    if (work["submitted"] or 0) < _place(dataset, user, done):
        return None
    _hand_out_missing(user, dataset)
    waiting = images.filter(replica_for=user, replica_of__is_honeypot=True, status__in=OPEN)
    return waiting.order_by("pk").first()


def _place(dataset: Dataset, user: Any, number: int) -> int:
    """After how many submitted images the honeypot with this number comes."""
    every = dataset.honeypot_every
    seed = f"{dataset.pk}/{user.pk}/{number}".encode()
    return number * every + int.from_bytes(hashlib.sha256(seed).digest()[:4]) % every


def _hand_out_missing(user: Any, dataset: Dataset) -> None:
    """Replicas of those honeypots for who became an annotator later; of what was deleted, none."""
    theirs = Image.with_trash.filter(replica_for=user).values("replica_of")
    for image in Image.objects.filter(dataset=dataset, is_honeypot=True).exclude(pk__in=theirs):
        make_replicas(image=image, people=[user])
