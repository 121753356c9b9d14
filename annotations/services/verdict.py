"""What a reviewer says about single nuclei."""

from typing import Any

from django.db import transaction

from annotations.exceptions import Conflict, StaleVersion
from annotations.models import Image, Mask, Verdict
from annotations.services.event import record_event
from annotations.services.flow import IN_REVIEW
from annotations.services.optimistic_lock import lock_row

JUDGED = "nucleus.judged"


@transaction.atomic
def judge_mask(*, user: Any, mask: Mask, version: int, choice: str) -> Verdict:
    """Say that a nucleus is accepted, fixed or returned, given the version that was looked at.

    Raises StaleVersion, or Conflict unless `user` is reviewing the image.
    """
    image = lock_row(Image.objects.all(), mask.image_id)
    row = lock_row(Mask.objects.all(), mask.pk)
    if image.status != IN_REVIEW or image.reviewer_id != user.pk:
        raise Conflict("Take the image for review first.", code="not_in_review")
    if row.deleted_at or row.version != version:
        raise StaleVersion(row)
    before = Verdict.objects.filter(pk=row.pk).first()
    said = {"choice": choice, "mask_version": version}
    if before and before.by_id == user.pk and all(getattr(before, k) == said[k] for k in said):
        return before
    verdict, _ = Verdict.objects.update_or_create(
        mask=row, defaults={"image": image, "by": user, **said}
    )
    record_event(
        kind=JUDGED,
        actor=user,
        image=image,
        # Not as an event of the mask: those tell what became of its pixels.
        data={"mask": str(row.pk), "choice": choice, "version": version},
    )
    return verdict
