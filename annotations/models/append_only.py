from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class HistoryIsFixed(Exception):
    """Somebody tried to rewrite what has happened."""


def refuse(*args: Any, **options: Any) -> NoReturn:
    raise HistoryIsFixed("What has happened stays; record a new event instead.")


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Rows that are written once."""

    def bulk_create(self, *args: Any, **options: Any) -> Any:
        if options.get("update_conflicts"):
            refuse()
        return super().bulk_create(*args, **options)

    update = refuse
    bulk_update = refuse
    update_or_create = refuse
    delete = refuse


class AppendOnly(models.Model):
    """Something that happened; written once, never changed."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            refuse()
        super().save(*args, **options | {"force_insert": True})

    delete = refuse
