"""Make, change and hide datasets."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.models import Dataset, LabelClass, Membership, Role
from annotations.services.optimistic_lock import lock_row, write

FIRST_CLASS = ("Nucleus", "#e69f00")


@transaction.atomic
def create_dataset(
    *,
    user: Any,
    name: str,
    description: str = "",
    licence: str = "",
    overlap_rule: str = Dataset.OverlapRule.ALLOW,
) -> Dataset:
    """Create a dataset with one class, so that annotating can begin. `user` becomes its owner."""
    dataset = Dataset.objects.create(
        name=name,
        description=description,
        licence=licence,
        overlap_rule=overlap_rule,
        created_by=user,
    )
    Membership.objects.create(dataset=dataset, user=user, role=Role.OWNER)
    class_name, color = FIRST_CLASS
    LabelClass.objects.create(dataset=dataset, name=class_name, color=color)
    return dataset


@transaction.atomic
def update_dataset(*, dataset: Dataset, version: int, **changes: Any) -> Dataset:
    """Change name, description, licence or the rule on overlaps. Raises StaleVersion."""
    row = lock_row(Dataset.objects.live(), dataset.pk, version=version)
    write(row, **changes)
    return row


@transaction.atomic
def delete_dataset(*, dataset: Dataset) -> None:
    """Hide the dataset from everyone. An administrator can bring it back."""
    row = lock_row(Dataset.objects.live(), dataset.pk)
    write(row, deleted_at=timezone.now())
