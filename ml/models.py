"""What the network is, was asked and answered. A prediction is not a mask: people accept masks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
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


class CheckpointQuerySet(models.QuerySet):
    def active(self):
        """The checkpoint that answers clicks: at most one row."""
        return self.filter(is_active=True)


class Checkpoint(models.Model):
    """Weights in a safetensors file, with the metadata that travels inside it."""

    class Kind(models.TextChoices):
        CLICK = "click"
        PAPER = "paper"

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    file = models.CharField(
        max_length=1000, help_text="Relative to DATA_DIR, or absolute for a shipped checkpoint."
    )
    kind = models.CharField(max_length=10, choices=Kind)
    metadata = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="one_active_checkpoint"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Absolute path of the weights."""
        return Path(settings.DATA_DIR) / self.file


class EncodingQuerySet(JobQuerySet):
    def active_statuses(self, image_sha256s: Iterable[str]) -> dict[str, str]:
        """Image SHA-256 -> status under the active checkpoint, of images that were asked for."""
        rows = self.filter(image_sha256__in=list(image_sha256s), checkpoint__is_active=True)
        return dict(rows.values_list("image_sha256", "status"))


class Encoding(Job):
    """Every tile of one image encoded by one checkpoint, and the proposals made from them."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    image_sha256 = models.CharField(max_length=64)
    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="encodings")
    image_path = models.CharField(max_length=1000, help_text="Relative to MEDIA_ROOT.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    scale = models.FloatField(default=1.0, help_text="By how much the network has it enlarged.")
    topics = models.JSONField(default=list, blank=True, help_text="Who is told about it.")
    status = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EncodingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image_sha256", "scale", "checkpoint"],
                name="one_encoding_per_image_and_checkpoint",
            )
        ]
        indexes = [
            models.Index(
                fields=["enqueued_at"],
                condition=Q(status__in=["queued", "running"]),
                name="encoding_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.image_sha256[:12]} by {self.checkpoint_id}: {self.status}"


class Prediction(Job):
    """One prompt (clicks or a box, perhaps a prior mask) and what a checkpoint proposed for it."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, editable=False)
    topic = models.CharField(max_length=100, db_index=True)
    image_path = models.CharField(max_length=1000, help_text="Relative to MEDIA_ROOT.")
    image_sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    scale = models.FloatField(default=1.0, help_text="By how much the network has it enlarged.")
    clicks = models.JSONField(default=list, blank=True, help_text="[[x, y, positive], ...]")
    box = models.JSONField(null=True, blank=True, help_text="[x0, y0, x1, y1] in image pixels")
    prior = models.JSONField(null=True, blank=True)
    checkpoint = models.ForeignKey(
        Checkpoint, models.SET_NULL, null=True, blank=True, related_name="predictions"
    )
    status = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    mask = models.JSONField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    proposals = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["enqueued_at"],
                condition=Q(status__in=["queued", "running"]),
                name="prediction_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id}: {self.status}"


class TrainingRun(Job):
    """One run of the training command on a frozen snapshot of accepted masks."""

    checkpoint_from = models.ForeignKey(
        Checkpoint, models.PROTECT, related_name="training_runs_from_it"
    )
    checkpoint_to = models.ForeignKey(
        Checkpoint, models.SET_NULL, null=True, blank=True, related_name="training_runs_to_it"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    config = models.JSONField(default=dict, blank=True)
    source = models.CharField(
        max_length=100, blank=True, default="", help_text="What it learns from, e.g. dataset:12."
    )
    snapshot = models.CharField(
        max_length=1000, blank=True, help_text="Folder with images/ and labels/, in DATA_DIR."
    )
    log = models.CharField(max_length=1000, blank=True, help_text="Relative to DATA_DIR.")
    progress = models.FloatField(default=0.0)
    metrics = models.JSONField(default=dict, blank=True)
    created_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["enqueued_at"],
                condition=Q(status__in=["queued", "running"]),
                name="training_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"Training run {self.pk}: {self.status}"
