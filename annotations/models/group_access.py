from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotations.models.dataset import Dataset
from annotations.models.role import Role
from annotations.models.scoped import ScopedQuerySet
from annotations.models.versioned import Versioned


class GroupAccess(Versioned):
    """A role that everybody of a group has in a dataset. Owners are named one by one.

    Memberships follow from it (annotations/services/group_access.py), so that whoever asks what
    a person may do needs to look at one row.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="group_accesses")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="accesses")
    role = models.CharField(_("Role"), max_length=10, choices=Role.choices)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "group"], name="one_role_per_group"),
            models.CheckConstraint(
                condition=~models.Q(role=Role.OWNER), name="groups_own_no_datasets"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} is {self.role} of {self.dataset}"
