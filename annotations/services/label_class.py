"""The classes of a dataset."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput, Conflict
from annotations.models import Dataset, LabelClass, Mask
from annotations.services.optimistic_lock import lock_row, write


@transaction.atomic
def create_class(
    *, dataset: Dataset, name: str, color: str, position: int | None = None
) -> LabelClass:
    """Add a class, at the end unless `position` is given. Raises BadInput for a name in use."""
    lock_row(Dataset.objects.live(), dataset.pk)
    classes = LabelClass.objects.filter(dataset=dataset)
    _keep_names_apart(dataset.pk, name)
    if position is None:
        last = classes.order_by("-position").values_list("position", flat=True).first()
        position = 0 if last is None else last + 1
    return LabelClass.objects.create(dataset=dataset, name=name, color=color, position=position)


@transaction.atomic
def update_class(*, label_class: LabelClass, version: int, **changes: Any) -> LabelClass:
    """Change name, colour or position. Raises StaleVersion, or BadInput for a name in use."""
    lock_row(Dataset.objects.live(), label_class.dataset_id)
    row = lock_row(LabelClass.objects.all(), label_class.pk, version=version)
    if changes.get("name", row.name) != row.name:
        _keep_names_apart(row.dataset_id, changes["name"])
    write(row, **changes)
    return row


@transaction.atomic
def delete_class(*, label_class: LabelClass) -> None:
    """Delete a class that no mask uses. Raises Conflict if one does."""
    lock_row(Dataset.objects.live(), label_class.dataset_id)
    row = lock_row(LabelClass.objects.all(), label_class.pk)
    if Mask.objects.live().filter(label_class=row).exists():
        raise Conflict(
            _("Masks use the class “%(name)s”. Give them another class first.")
            % {"name": row.name},
            code="class_in_use",
        )
    row.delete()


def _keep_names_apart(dataset_id: int, name: str) -> None:
    if LabelClass.objects.filter(dataset_id=dataset_id, name=name).exists():
        raise BadInput(
            _("There is already a class called “%(name)s”.") % {"name": name},
            code="name_taken",
            field="name",
        )
