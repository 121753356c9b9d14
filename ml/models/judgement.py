from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from ml.models.checkpoint import Checkpoint
from ml.models.job import Job, JobQuerySet, Status
from ml.models.training_run import TrainingRun


class Evaluation(models.Model):
    """The scores of one checkpoint on one frozen set of held-out images, and pictures of them."""

    checkpoint = models.ForeignKey(Checkpoint, models.CASCADE, related_name="evaluations")
    held_out = models.CharField(max_length=16, help_text="Hash of the images and their nuclei.")
    source = models.CharField(max_length=100, help_text="Whose images, e.g. dataset:12.")
    scores = models.JSONField(help_text="{image: {score: value}}")
    summary = models.JSONField(help_text="{score: {mean, interval}}")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "held_out"], name="one_evaluation_a_held_out_set"
            )
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} on {self.held_out}"

    @property
    def folder(self) -> Path:
        """Where its pictures are: <image>.webp."""
        name = f"{self.held_out}-{self.checkpoint_id}"
        return Path(settings.DATA_DIR) / "evaluations" / name


class Judgement(Job):
    """A checkpoint compared with another on the held-out images of `source`, paired by image."""

    candidate = models.ForeignKey(Checkpoint, models.CASCADE, related_name="judgements")
    rival = models.ForeignKey(Checkpoint, models.CASCADE, related_name="+")
    source = models.CharField(max_length=100)
    run = models.ForeignKey(
        TrainingRun, models.CASCADE, null=True, blank=True, related_name="judgements"
    )
    config = models.JSONField(default=dict, help_text="gate and tolerance")
    held_out = models.CharField(max_length=16, blank=True, default="")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    comparison = models.JSONField(default=dict, help_text="See ml/sppnet/comparison.py.")
    passed = models.BooleanField(null=True, help_text="Whether it passes the gate.")
    reasons = models.JSONField(default=list, blank=True)
    created_by_name = models.CharField(max_length=150, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["enqueued_at"],
                condition=Q(status__in=["queued", "running"]),
                name="judgement_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} against {self.rival_id}: {self.status}"
