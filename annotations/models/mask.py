from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models

from annotations.models.image import Image
from annotations.models.image_scoped import ImageScopedQuerySet
from annotations.models.label_class import LabelClass
from annotations.models.versioned import Versioned
from ml.models import Prediction

# Author, class, origin, and IoU with the model's proposal.
Standing = tuple[int, int | None, str, float | None]


class MaskQuerySet(ImageScopedQuerySet):
    def live(self) -> Self:
        """Masks that nobody has deleted."""
        return self.filter(deleted_at__isnull=True)

    def meeting(self, x: int, y: int, width: int, height: int) -> Self:
        """Masks whose boxes share a pixel with this one."""
        return self.filter(x__lt=x + width, y__lt=y + height).filter(
            x__gt=x - models.F("width"), y__gt=y - models.F("height")
        )

    def for_readers(self) -> Self:
        """With the people concerned, and `blind`: whether the reader is to be told who they are."""
        people = self.select_related("created_by", "updated_by")
        return people.annotate(blind=models.F("image__dataset__blind"))

    def changed_after(self, moment: datetime, id: UUID) -> Self:
        """Masks written after the one with this id that was written at `moment`, oldest first."""
        later = models.Q(updated_at__gt=moment) | models.Q(updated_at=moment, id__gt=id)
        return self.filter(later, updated_at__gte=moment).order_by("updated_at", "id")


class Mask(Versioned):
    """One nucleus as a person accepted, drew or fixed it. The browser makes the id.

    `counts` is COCO's compressed RLE string of the height × width crop at (x, y), column-major.
    """

    class Origin(models.TextChoices):
        ACCEPTED = "accepted"
        DRAWN = "drawn"
        FIXED = "fixed"
        IMPORTED = "imported"
        CONSENSUS = "consensus"

    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="masks")
    label_class = models.ForeignKey(
        LabelClass,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="masks",
        db_index=False,
    )
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    counts = models.TextField()
    area = models.PositiveBigIntegerField(help_text="Foreground pixels.")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    prediction = models.ForeignKey(
        Prediction, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    score = models.FloatField(null=True, blank=True)
    model_iou = models.FloatField(
        null=True,
        editable=False,
        help_text="IoU with what its prediction proposed; none until a worker has compared them.",
    )
    conflict_with = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The mask that two people changed at once, if this is the copy kept of one change"
        " until somebody decides.",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = MaskQuerySet.as_manager()

    # What services/tally.py has counted this mask as.
    counted: Standing | None = None

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["image", "id"], name="mask_page"),
            models.Index(fields=["label_class", "image"], name="mask_of_class"),
            # Wide enough to tell which masks lie in a part of an image without reading any mask.
            models.Index(fields=["image", "x", "y", "width", "height"], name="mask_place"),
            models.Index(fields=["image", "updated_at", "id"], name="mask_changes"),
            models.Index(
                fields=["deleted_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="mask_in_trash",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(
                    prediction__isnull=False, model_iou__isnull=True, deleted_at__isnull=True
                ),
                name="mask_uncompared",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def bbox(self) -> list[int]:
        """[x, y, width, height] in image pixels, tight."""
        return [self.x, self.y, self.width, self.height]

    @property
    def standing(self) -> Standing | None:
        """As what it counts among the nuclei; None if it is deleted."""
        if self.deleted_at is not None:
            return None
        return self.created_by_id, self.label_class_id, self.origin, self.model_iou

    @classmethod
    def from_db(cls, *args: Any, **options: Any) -> Self:
        mask = super().from_db(*args, **options)
        if not mask.get_deferred_fields():
            mask.counted = mask.standing
        return mask
