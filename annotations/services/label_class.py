"""The classes of a dataset."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from annotations.exceptions import BadInput
from annotations.models import Dataset, Kind, LabelClass
from annotations.services.event import changes_of, record_event
from annotations.services.optimistic_lock import lock_row, write


@transaction.atomic
def create_class(
    *,
    user: Any,
    dataset: Dataset,
    name: str,
    color: str,
    hotkey: str = "",
    position: int | None = None,
) -> LabelClass:
    """Add a class, at the end unless `position` is given.

    Raises BadInput for a name or key in use.
    """
    lock_row(Dataset.objects.live(), dataset.pk)
    classes = LabelClass.objects.filter(dataset=dataset)
    _keep_names_apart(dataset.pk, name)
    _keep_keys_apart(dataset.pk, hotkey)
    if position is None:
        last = classes.order_by("-position").values_list("position", flat=True).first()
        position = 0 if last is None else last + 1
    row = LabelClass.objects.create(
        dataset=dataset, name=name, color=color, hotkey=hotkey, position=position
    )
    _record(Kind.CLASS_CREATED, user, row)
    return row


@transaction.atomic
def update_class(*, user: Any, label_class: LabelClass, version: int, **changes: Any) -> LabelClass:
    """Change name, colour, key or position.

    Raises StaleVersion, or BadInput for a name or key in use.
    """
    lock_row(Dataset.objects.live(), label_class.dataset_id)
    row = lock_row(LabelClass.objects.all(), label_class.pk, version=version)
    if changes.get("name", row.name) != row.name:
        _keep_names_apart(row.dataset_id, changes["name"])
    if changes.get("hotkey", row.hotkey) != row.hotkey:
        _keep_keys_apart(row.dataset_id, changes["hotkey"])
    changed = changes_of(row, changes)
    write(row, **changes)
    if changed:
        _record(Kind.CLASS_CHANGED, user, row, changed=changed)
    return row


@transaction.atomic
def delete_class(*, user: Any, label_class: LabelClass) -> None:
    """Put a class into the trash. Masks keep it until it is purged."""
    lock_row(Dataset.objects.live(), label_class.dataset_id)
    row = lock_row(LabelClass.objects.all(), label_class.pk)
    write(row, deleted_at=timezone.now(), deleted_by=user)
    _record(Kind.CLASS_DELETED, user, row)


@transaction.atomic
def restore_class(*, user: Any, label_class: LabelClass) -> LabelClass:
    """Take a class out of the trash. Raises BadInput if its name was given to another."""
    lock_row(Dataset.objects.live(), label_class.dataset_id)
    row = lock_row(LabelClass.trash.all(), label_class.pk)
    _keep_names_apart(row.dataset_id, row.name)
    others = LabelClass.objects.filter(dataset_id=row.dataset_id)
    hotkey = "" if others.filter(hotkey=row.hotkey).exists() else row.hotkey
    write(row, deleted_at=None, deleted_by=None, hotkey=hotkey)
    _record(Kind.CLASS_RESTORED, user, row)
    return row


def _record(kind: Kind, user: Any, row: LabelClass, **facts: Any) -> None:
    facts = {"label_class": row.pk, "name": row.name, "color": row.color} | facts
    record_event(kind=kind, actor=user, dataset=row.dataset, data=facts)


def _keep_keys_apart(dataset_id: int, hotkey: str) -> None:
    other = LabelClass.objects.filter(dataset_id=dataset_id, hotkey=hotkey).first()
    if hotkey and other is not None:
        raise BadInput(
            _("The key %(key)s belongs to the class “%(name)s”. Choose another one.")
            % {"key": hotkey, "name": other.name},
            code="key_taken",
            field="hotkey",
        )


def _keep_names_apart(dataset_id: int, name: str) -> None:
    if LabelClass.objects.filter(dataset_id=dataset_id, name=name).exists():
        raise BadInput(
            _("There is already a class called “%(name)s”.") % {"name": name},
            code="name_taken",
            field="name",
        )
