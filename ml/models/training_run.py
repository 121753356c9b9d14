from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ml.models.checkpoint import Checkpoint
from ml.models.job import Job, JobQuerySet, Status


class TrainingRunQuerySet(JobQuerySet):
    def queue(self) -> TrainingRunQuerySet:
        """The runs that wait, the next one first."""
        return self.filter(status=Status.QUEUED).order_by("position", "pk")


class TrainingRun(Job):
    """One run of the training command on a frozen snapshot of accepted masks.

    `config`: minutes, perhaps epochs, memory_mb and seed, which limit and steer the training; gate,
    tolerance and auto_promote, by which its result is judged.
    """

    class Trigger(models.TextChoices):
        PERSON = "person", _("by hand")
        NUCLEI = "nuclei", _("after new nuclei")
        SCHEDULE = "schedule", _("on schedule")

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
    code_version = models.CharField(
        max_length=16, blank=True, default="", help_text="See ml/sppnet/code_version.py."
    )
    log = models.CharField(max_length=1000, blank=True, help_text="Relative to DATA_DIR.")
    trigger = models.CharField(max_length=10, choices=Trigger.choices, default=Trigger.PERSON)
    position = models.PositiveIntegerField(
        default=0, editable=False, help_text="Of those that wait, the lowest is next."
    )
    progress = models.FloatField(default=0.0)
    metrics = models.JSONField(default=dict, blank=True)
    created_by_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = TrainingRunQuerySet.as_manager()

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

    @property
    def topic(self) -> str:
        """The name under which its progress is published."""
        return f"training:{self.pk}"
