from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotations.models.trash import Trash, Trashable
from annotations.models.versioned import Versioned

SOURCE_PREFIX = "dataset:"


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def live(self) -> DatasetQuerySet:
        """Datasets that nobody has deleted."""
        return self.filter(deleted_at__isnull=True)

    def visible_to(self, user: Any) -> DatasetQuerySet:
        """Live datasets of which `user` is a member, each with `my_role` there."""
        return self.live().of_members(user)

    def of_members(self, user: Any) -> DatasetQuerySet:
        """Datasets of which `user` is a member, deleted or not, each with `my_role` there."""
        return self.filter(memberships__user=user).annotate(my_role=models.F("memberships__role"))


class TrashedDatasets(Trash.from_queryset(DatasetQuerySet)):  # type: ignore[misc]
    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        """Deleted datasets of which `user` is a member, each with `my_role` there."""
        return self.of_members(user)


class Dataset(Versioned, Trashable):
    """Images that a team annotates together, with its members and label classes."""

    class OverlapRule(models.TextChoices):
        """Which mask keeps a pixel that two claim. The newer one is the one that is written."""

        ALLOW = "allow", _("May overlap")
        NEWER_YIELDS = "newer_yields", _("Must not: the nucleus being edited gives way")
        NEWER_WINS = "newer_wins", _("Must not: the nucleus being edited takes the pixels")

    class NextBy(models.TextChoices):
        """In which order images that are nobody's are offered."""

        LISTED = "listed", _("As listed, the oldest first")
        UNCERTAIN = "uncertain", _("Where the model is most unsure")
        RANDOM = "random", _("At random, those that show nuclei first")

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    licence = models.CharField(max_length=200, blank=True)
    overlap_rule = models.CharField(
        max_length=12,
        choices=OverlapRule.choices,
        default=OverlapRule.ALLOW,
        help_text=_(
            "Kept with every edit from now on; masks that are there, or are imported, stay."
        ),
    )
    review_required = models.BooleanField(
        default=False, help_text=_("A submitted image is accepted by a reviewer, not by itself.")
    )
    independent_review = models.BooleanField(
        default=True, help_text=_("Nobody reviews an image that they have annotated.")
    )
    next_by = models.CharField(
        max_length=10,
        choices=NextBy.choices,
        default=NextBy.LISTED,
        help_text=_("Images are ranked in the background, after each promotion anew."),
    )
    group_pattern = models.CharField(
        max_length=100,
        blank=True,
        default="",
        help_text="Where an image's name tells its slide or patient, e.g. {group}_*.",
    )
    instructions = models.TextField(
        blank=True, help_text=_("In Markdown. Annotators read it beside the image.")
    )
    blind = models.BooleanField(
        default=False,
        help_text=_("Only owners and admins see who drew, submitted, reviewed or said something."),
    )
    honeypot_every = models.PositiveSmallIntegerField(
        default=0,
        help_text=_(
            "Of so many images that an annotator is given, about one is a honeypot; 0: none is."
        ),
    )
    image_count = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DatasetQuerySet.as_manager()
    trash = TrashedDatasets()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """The name under which `ml` knows this dataset, in runs and promotions."""
        return source_of(self.pk)


def source_of(dataset_id: int) -> str:
    """The name under which `ml` knows a dataset."""
    return f"{SOURCE_PREFIX}{dataset_id}"


def dataset_id_of(source: str) -> int | None:
    """The inverse of source_of; None for what belongs to no dataset."""
    number = source.removeprefix(SOURCE_PREFIX)
    return int(number) if source.startswith(SOURCE_PREFIX) and number.isdecimal() else None
