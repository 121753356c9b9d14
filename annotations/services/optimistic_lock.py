"""Writes by several people: lock the row, compare versions, write."""

from typing import Any

from django.db.models import QuerySet

from annotations.exceptions import NotFound, StaleVersion
from annotations.models.versioned import Versioned


def lock_row(rows: QuerySet[Any], pk: Any, *, version: int | None = None) -> Any:
    """Lock and return the row `pk`. Call within a transaction.

    Raises NotFound if it is gone, StaleVersion if `version` is given and is not the row's.
    """
    # Others may refer to the row meanwhile: who holds an image and writes down what happened in
    # its dataset would otherwise wait for who holds the dataset and waits for the image.
    row = rows.select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        raise NotFound("This has been deleted in the meantime.")
    if version is not None and row.version != version:
        raise StaleVersion(row)
    return row


def write(row: Versioned, **changes: Any) -> None:
    """Save `changes` to the locked `row` and count its version up."""
    for name, value in changes.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*changes, "version"])
