from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q


class Status(models.TextChoices):
    """The states of a job, in the order it passes through them."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = [Status.QUEUED, Status.RUNNING]


class JobQuerySet(models.QuerySet):
    """Reads shared by everything that waits for a worker."""

    def unfinished(self):
        """Rows that some worker still owes an answer."""
        return self.filter(status__in=UNFINISHED)

    def stale(self, *, queued_before: datetime, running_before: datetime):
        """Unfinished rows whose message or worker is presumably lost."""
        return self.filter(
            Q(status=Status.QUEUED, enqueued_at__lt=queued_before)
            | Q(status=Status.RUNNING, started_at__lt=running_before)
        )


class Job(models.Model):
    """What every row answered by a worker records about its way through the queue."""

    error = models.TextField(blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    enqueued_at = models.DateTimeField(editable=False)
    started_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
