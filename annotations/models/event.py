from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from annotations.models.append_only import AppendOnly, AppendOnlyQuerySet
from annotations.models.dataset import Dataset
from annotations.models.image import Image
from annotations.models.image_scoped import shown_to


class Kind(models.TextChoices):
    """What may happen. The part before the dot says to what."""

    MASK_CREATED = "mask.created"
    MASK_CHANGED = "mask.changed"
    MASK_DELETED = "mask.deleted"
    MASK_RESTORED = "mask.restored"
    MASKS_RESTORED = "masks.restored"
    MASKS_IMPORTED = "masks.imported"
    MASKS_AGREED = "masks.agreed"
    CONSENSUS_UNDONE = "masks.agreement_undone"
    PROMPT_ASKED = "prompt.asked"
    IMAGE_UPLOADED = "image.uploaded"
    IMAGE_CHANGED = "image.changed"
    IMAGE_STATE = "image.state"
    IMAGE_ASSIGNED = "image.assigned"
    IMAGE_DELETED = "image.deleted"
    IMAGE_RESTORED = "image.restored"
    IMAGE_PURGED = "image.purged"
    HISTORY_BEGAN = "history.began"
    CLASS_CREATED = "class.created"
    CLASS_CHANGED = "class.changed"
    CLASS_DELETED = "class.deleted"
    CLASS_RESTORED = "class.restored"
    CLASS_PURGED = "class.purged"
    MEMBER_ADDED = "member.added"
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    DATASET_CREATED = "dataset.created"
    DATASET_CHANGED = "dataset.changed"
    DATASET_DELETED = "dataset.deleted"
    DATASET_RESTORED = "dataset.restored"


class EventQuerySet(AppendOnlyQuerySet):
    def of_timeline(self) -> EventQuerySet:
        """Without the parts of a batch, which speaks for them all."""
        return self.filter(batch__isnull=True)

    def of_dataset_alone(self, dataset: Dataset) -> EventQuerySet:
        """About the dataset itself rather than an image of it, the newest first."""
        return self.filter(dataset=dataset, image__isnull=True).order_by("-pk")

    def until(self, event: Event) -> EventQuerySet:
        """Up to and with `event`, and with the parts of it."""
        return self.filter(models.Q(pk__lte=event.pk) | models.Q(batch=event.pk))

    def last_of_masks(self) -> EventQuerySet:
        """Of each mask the last event: what it was in the end. Ordered by mask."""
        masks = self.filter(mask__isnull=False).order_by().values("mask")
        return self.model.objects.filter(
            pk__in=masks.annotate(last=models.Max("pk")).values("last")
        )

    def visible_to(self, user: Any) -> EventQuerySet:
        """Events of live datasets of which `user` is a member, each with `my_role` there."""
        rows = self.filter(
            dataset__deleted_at__isnull=True, dataset__memberships__user=user
        ).annotate(my_role=models.F("dataset__memberships__role"))
        return rows.filter(models.Q(image__isnull=True) | shown_to(user, "image__"))


class Event(AppendOnly):
    """Something that a person did to a dataset, an image or a mask; written once, never changed.

    Events go only together with their image or dataset, when that is removed for good
    (annotations/services/purge.py). Masks and predictions are named by id, without a constraint:
    nothing that becomes of them reaches back into what has happened.

    `data` of a mask's event is the mask after it: version, bbox, counts, area, label_class,
    origin, score, author; of a deletion the version alone, for the events before tell the rest.
    `cut` counts the masks that gave way to it, `restores` is the event whose state it is again.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+", db_index=False)
    image = models.ForeignKey(
        Image, on_delete=models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    mask = models.UUIDField(null=True, blank=True)
    batch = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        null=True,
        blank=True,
        help_text="The event of which this is one part, as a mask is of an import.",
    )
    # A plain field: others add kinds of their own, and none of them needs a migration.
    kind = models.CharField(max_length=32)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="Nobody, for what the server did by itself.",
    )
    at = models.DateTimeField(default=timezone.now)
    prediction = models.UUIDField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["image", "id"], name="event_timeline", condition=models.Q(batch=None)
            ),
            models.Index(fields=["image", "mask", "id"], name="event_of_mask"),
            models.Index(fields=["dataset", "id"], name="event_of_dataset"),
            models.Index(
                fields=["dataset", "id"],
                name="event_of_settings",
                condition=models.Q(image=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
