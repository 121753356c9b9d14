"""Rows that wait in the trash, from which they come back, before they are gone for good."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models


class Live(models.Manager[Any]):
    """What nobody has deleted."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(deleted_at__isnull=True)


class Trash(models.Manager[Any]):
    """What somebody has deleted, and nobody has purged yet."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(deleted_at__isnull=False)


class Trashable(models.Model):
    """Deleted means: in the trash, by whom and since when. services/purge.py empties it."""

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        db_index=False,
    )

    class Meta:
        abstract = True

    @property
    def kept_until(self) -> datetime | None:
        """When a deleted row may be purged."""
        return self.deleted_at and self.deleted_at + timedelta(days=settings.TRASH_DAYS)
