from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from ml.models.checkpoint import Checkpoint
from ml.models.job import Job, JobQuerySet, Status


class Conversion(Job):
    """Other people's weights on their way to a checkpoint: see ml/sppnet/foreign.py.

    `report` is what became of every key: files, each with origin, taken, renamed, missing,
    left_over; at_random: the parts that the file does not hold wholly. Only whole ones become a
    checkpoint.
    """

    class Normalisation(models.TextChoices):
        """What the authors' checkpoint was trained with: see ModelConfig."""

        MEAN_AS_STD = "mean_as_std"
        IMAGENET = "imagenet"

    file_name = models.CharField(max_length=255)
    normalisation = models.CharField(
        max_length=12, choices=Normalisation, default=Normalisation.MEAN_AS_STD
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    report = models.JSONField(default=dict, blank=True)
    checkpoint = models.ForeignKey(
        Checkpoint, models.SET_NULL, null=True, blank=True, related_name="conversions"
    )
    created_by_name = models.CharField(max_length=150, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["enqueued_at"],
                condition=Q(status__in=["queued", "running"]),
                name="conversion_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.status}"

    @property
    def path(self) -> Path:
        """Absolute path of the upload; gone once the conversion has ended."""
        return Path(settings.DATA_DIR) / "conversions" / str(self.pk) / self.file_name
