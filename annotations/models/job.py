from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models

from annotations.models.dataset import Dataset
from annotations.models.scoped import ScopedQuerySet


class JobQuerySet(ScopedQuerySet):
    def unfinished(self) -> Self:
        """Jobs that a worker still owes an end."""
        return self.filter(status__in=Job.UNFINISHED)

    def silent_since(self, time: datetime) -> Self:
        """Unfinished jobs whose message or worker is presumably lost."""
        return self.unfinished().filter(alive_at__lt=time)


class Job(models.Model):
    """Work on a whole dataset that a person starts and a batch worker does.

    `attempts` tells the present attempt from one that was given up for dead; only the present one
    may write.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    UNFINISHED = (Status.QUEUED, Status.RUNNING)

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="%(class)ss")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    progress = models.FloatField(default=0.0, help_text="From 0 to 1.")
    error = models.TextField(blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    alive_at = models.DateTimeField(auto_now_add=True, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ("-id",)

    @property
    def folder(self) -> str:
        """Where its files are, relative to MEDIA_ROOT."""
        return f"{self._meta.model_name}s/{self.pk}"
