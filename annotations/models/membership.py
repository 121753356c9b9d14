from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotations.models.dataset import Dataset
from annotations.models.scoped import ScopedQuerySet
from annotations.models.versioned import Versioned


class Role(models.TextChoices):
    """What each role may do is said in annotations/permissions.py."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    ANNOTATOR = "annotator", _("Annotator")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Viewer")


class Membership(Versioned):
    """The role of one person in one dataset. Without a row, the dataset does not exist for them."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "user"], name="one_membership_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.dataset}"
