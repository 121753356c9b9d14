from datetime import datetime
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import models

from annotations.models.image import Image
from annotations.models.label_class import LabelClass
from annotations.models.scoped import ScopedQuerySet
from annotations.models.versioned import Versioned
from ml.models import Prediction


class MaskQuerySet(ScopedQuerySet):
    path_to_dataset = "image__dataset"

    def live(self) -> Self:
        """Masks that nobody has deleted."""
        return self.filter(deleted_at__isnull=True)

    def meeting(self, x: int, y: int, width: int, height: int) -> Self:
        """Masks whose boxes share a pixel with this one."""
        return self.filter(x__lt=x + width, y__lt=y + height).filter(
            x__gt=x - models.F("width"), y__gt=y - models.F("height")
        )

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

    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="masks")
    label_class = models.ForeignKey(
        LabelClass, on_delete=models.SET_NULL, null=True, blank=True, related_name="masks"
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

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["image", "id"], name="mask_page"),
            # Wide enough to tell which masks lie in a part of an image without reading any mask.
            models.Index(fields=["image", "x", "y", "width", "height"], name="mask_place"),
            models.Index(fields=["image", "updated_at", "id"], name="mask_changes"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def bbox(self) -> list[int]:
        """[x, y, width, height] in image pixels, tight."""
        return [self.x, self.y, self.width, self.height]
