from django.db import models

from annotations.models.job import Job
from annotations.models.own_job import OwnJobQuerySet


class ImportJob(Job):
    """Masks from a file, brought into a dataset all or none."""

    class Format(models.TextChoices):
        COCO = "coco"
        LABEL_MASKS = "label_masks"

    format = models.CharField(max_length=20, choices=Format.choices)
    file_name = models.CharField(max_length=255, help_text="As its owner calls it.")
    report = models.JSONField(
        default=dict, blank=True, help_text="images_matched, masks_created, skipped: [name, why]."
    )

    objects = OwnJobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Import {self.pk}: {self.status}"
