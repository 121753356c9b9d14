from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models

from annotations.models.image import Image
from annotations.models.image_scoped import ImageScopedQuerySet


class CommentQuerySet(ImageScopedQuerySet):
    def live(self) -> Self:
        """Comments that nobody has taken back."""
        return self.filter(deleted_at__isnull=True)

    def open_threads(self) -> Self:
        """First comments of threads that nobody has settled."""
        return self.live().filter(parent__isnull=True, resolved_at__isnull=True)


class Comment(models.Model):
    """What somebody says about an image, a place in it, or a nucleus. The browser makes the id.

    Answers name the first comment of their thread as `parent`; where the thread is pinned, and
    whether it is settled, stands in the first one. `mask` is an id without a constraint: a thread
    outlives its nucleus, and then `x`, `y` say where that was.
    """

    id = models.UUIDField(primary_key=True)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="answers", null=True, blank=True
    )
    mask = models.UUIDField(null=True, blank=True)
    x = models.FloatField(null=True, blank=True, help_text="Image pixels from the left edge.")
    y = models.FloatField(null=True, blank=True, help_text="Image pixels from the top edge.")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["image", "created_at"], name="comments_of_image")]

    def __str__(self) -> str:
        return self.text[:60]
