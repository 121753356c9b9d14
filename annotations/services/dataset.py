"""Make, change and hide datasets."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.models import Dataset, Kind, LabelClass, Membership, Role
from annotations.services.event import changes_of, record_event
from annotations.services.optimistic_lock import lock_row, write

FIRST_CLASS = ("Nucleus", "#e69f00")


@transaction.atomic
def create_dataset(*, user: Any, name: str, **settings: Any) -> Dataset:
    """Create a dataset with one class, so that annotating can begin. `user` becomes its owner.

    `settings` are those of models/dataset.py.
    """
    dataset = Dataset.objects.create(name=name, created_by=user, **settings)
    Membership.objects.create(dataset=dataset, user=user, role=Role.OWNER)
    class_name, color = FIRST_CLASS
    LabelClass.objects.create(dataset=dataset, name=class_name, color=color)
    record_event(kind=Kind.DATASET_CREATED, actor=user, dataset=dataset, data={"name": name})
    return dataset


@transaction.atomic
def update_dataset(*, user: Any, dataset: Dataset, version: int, **changes: Any) -> Dataset:
    """Change name, words or settings. Raises StaleVersion."""
    row = lock_row(Dataset.objects.live(), dataset.pk, version=version)
    changed = changes_of(row, changes)
    write(row, **changes)
    if changed:
        record_event(kind=Kind.DATASET_CHANGED, actor=user, dataset=row, data=changed)
    return row


@transaction.atomic
def delete_dataset(*, user: Any, dataset: Dataset) -> None:
    """Put the dataset into the trash: one write, whatever its size."""
    row = lock_row(Dataset.objects.live(), dataset.pk)
    write(row, deleted_at=timezone.now(), deleted_by=user)
    record_event(kind=Kind.DATASET_DELETED, actor=user, dataset=row, data={"name": row.name})


@transaction.atomic
def restore_dataset(*, user: Any, dataset: Dataset) -> Dataset:
    """Take a dataset out of the trash, as it was."""
    row = lock_row(Dataset.trash.all(), dataset.pk)
    write(row, deleted_at=None, deleted_by=None)
    record_event(kind=Kind.DATASET_RESTORED, actor=user, dataset=row, data={"name": row.name})
    return row
