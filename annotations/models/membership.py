from django.conf import settings
from django.db import models

from annotations.models.dataset import Dataset
from annotations.models.group_access import GroupAccess
from annotations.models.role import Role
from annotations.models.scoped import ScopedQuerySet
from annotations.models.versioned import Versioned


class Membership(Versioned):
    """The role of one person in one dataset. Without a row, the dataset does not exist for them."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    through = models.ForeignKey(
        GroupAccess,
        on_delete=models.CASCADE,
        related_name="memberships",
        null=True,
        blank=True,
        help_text="The group that the person is here with; empty: on their own account.",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "user"], name="one_membership_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.dataset}"
