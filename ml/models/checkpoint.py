from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q


class CheckpointQuerySet(models.QuerySet["Checkpoint"]):
    def active(self, scope: str = "") -> CheckpointQuerySet:
        """The checkpoint that answers clicks in `scope`: its own, else the site's. At most one."""
        site = Q(is_active=True)
        if not scope:
            return self.filter(site)
        own = Promotion.objects.current(scope)
        return self.filter(Q(pk__in=own.values("checkpoint")) | (site & ~Exists(own)))

    def in_use(self) -> CheckpointQuerySet:
        """Those that answer clicks somewhere now."""
        promoted = Promotion.objects.filter(is_current=True)
        return self.filter(Q(is_active=True) | Q(pk__in=promoted.values("checkpoint")))

    def stored(self) -> CheckpointQuerySet:
        """Those whose weights nobody has deleted."""
        return self.filter(deleted_at=None)


class Checkpoint(models.Model):
    """Weights in a safetensors file, with the metadata that travels inside it.

    The row stays when the weights are deleted: predictions and later checkpoints name it.
    """

    class Kind(models.TextChoices):
        CLICK = "click"
        PAPER = "paper"

    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    file = models.CharField(
        max_length=1000, help_text="Relative to DATA_DIR, or absolute for a shipped checkpoint."
    )
    size_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    metadata = models.JSONField(default=dict, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The checkpoint that training started from.",
    )
    is_active = models.BooleanField(
        default=False, editable=False, help_text="Answers clicks wherever no other was promoted."
    )
    created_by_name = models.CharField(max_length=150, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

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

    def told(self, key: str) -> dict[str, Any]:
        """What the file of weights, which may be anybody's, tells under a key."""
        told = self.metadata.get(key)
        return told if isinstance(told, dict) else {}

    @property
    def path(self) -> Path:
        """Absolute path of the weights."""
        return Path(settings.DATA_DIR) / self.file


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def current(self, scope: str) -> PromotionQuerySet:
        """The one that holds in `scope`; none where the site's checkpoint answers."""
        return self.filter(scope=scope, is_current=True)


class Promotion(models.Model):
    """Who let which checkpoint answer clicks, where, when and why; written once.

    `scope` is "" for the whole site, or what `source` is of a training run, e.g. dataset:12.
    Without a checkpoint it says that the scope went back to the site's.
    """

    scope = models.CharField(max_length=100, blank=True, default="")
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, null=True, related_name="promotions")
    replaced = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", help_text="Where a roll-back leads."
    )
    is_current = models.BooleanField(default=True)
    by_name = models.CharField(max_length=150, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], condition=Q(is_current=True), name="one_promotion_a_scope"
            )
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} in {self.scope or 'the site'}"
