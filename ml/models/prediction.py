from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from ml.models.checkpoint import Checkpoint
from ml.models.job import Job, JobQuerySet


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
    better_scale = models.FloatField(
        null=True, editable=False, help_text="At which its nuclei are better seen; null: unknown."
    )
    topics = models.JSONField(default=list, blank=True, help_text="Who is told about it.")
    status = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    ahead = models.BooleanField(
        default=False, editable=False, help_text="Nobody waits for it yet: it comes last."
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = JobQuerySet.as_manager()

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

    def news(self) -> dict[str, Any]:
        """What listeners to its image are told of as "encoding"."""
        return {"status": self.status, "checkpoint": self.checkpoint_id, "scale": self.scale}

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
    scope = models.CharField(
        max_length=100, blank=True, default="", help_text="Whose checkpoint is to answer."
    )
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
