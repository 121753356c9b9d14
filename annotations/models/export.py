from django.db import models

from annotations.models.job import Job
from annotations.models.own_job import OwnJobQuerySet


class Export(Job):
    """A dataset's masks as a file to take away."""

    class Format(models.TextChoices):
        COCO_RLE = "coco_rle"
        COCO_POLYGONS = "coco_polygons"
        LABEL_MASKS = "label_masks"

    format = models.CharField(max_length=20, choices=Format.choices)
    file = models.CharField(
        max_length=200, blank=True, default="", help_text="Relative to MEDIA_ROOT; once it is done."
    )

    objects = OwnJobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Export {self.pk}: {self.status}"
