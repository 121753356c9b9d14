from __future__ import annotations

from typing import Any, Self

from django.db import models


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that belong to a dataset, which decides who may see them."""

    path_to_dataset = "dataset"

    def visible_to(self, user: Any) -> Self:
        """Rows of live datasets of which `user` is a member, each with `my_role` in it.

        One membership a person and dataset, so the join never doubles rows.
        """
        dataset = self.path_to_dataset
        return self.filter(
            **{f"{dataset}__deleted_at__isnull": True, f"{dataset}__memberships__user": user}
        ).annotate(my_role=models.F(f"{dataset}__memberships__role"))
