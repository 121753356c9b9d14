from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from annotations.models.comment import Comment
from annotations.models.dataset import Dataset
from annotations.models.image import Image
from ml.models import TrainingRun


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: Any) -> NoticeQuerySet:
        """What `user` was told, of live datasets of which they are still a member; of trainings
        also while they administer the site. Each with `my_role` there, or None."""
        mine = models.FilteredRelation(
            "dataset__memberships", condition=models.Q(dataset__memberships__user=user)
        )
        concerns = models.Q(mine__isnull=False)
        if user.is_staff:
            concerns |= models.Q(run__isnull=False)
        rows = self.filter(person=user, dataset__deleted_at__isnull=True)
        return rows.annotate(mine=mine, my_role=models.F("mine__role")).filter(concerns)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """Something that a person should know, in the app and by e-mail if they like."""

    class Kind(models.TextChoices):
        ASSIGNED = "assigned"
        RETURNED = "returned"
        MENTIONED = "mentioned"
        ANSWERED = "answered"
        TRAINED = "trained"
        NOT_TRAINED = "not_trained"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        help_text="Empty: nobody, a run has ended.",
    )
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+")
    image = models.ForeignKey(
        Image, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    text = models.TextField(blank=True, help_text="What was said, or came of the run.")
    images = models.PositiveIntegerField(default=1, help_text="How many were assigned.")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "id"], name="notices_of_person"),
            models.Index(
                fields=["person"], name="notices_unread", condition=models.Q(read_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"
