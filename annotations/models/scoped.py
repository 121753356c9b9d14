from __future__ import annotations

from itertools import accumulate
from typing import Any, Self

from django.db import models


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows that belong to a dataset, which decides who may see them."""

    path_to_dataset = "dataset"

    def visible_to(self, user: Any) -> Self:
        """Rows of datasets of which `user` is a member, each with `my_role` in it.

        Nothing on the way to the dataset is deleted.
        """
        steps = accumulate(self.path_to_dataset.split("__"), "{}__{}".format)
        alive = {f"{step}__deleted_at__isnull": True for step in steps}
        return self.of_members(user).filter(**alive)

    def of_members(self, user: Any) -> Self:
        """Rows of datasets of which `user` is a member, deleted or not, each with `my_role`.

        One membership a person and dataset, so the join never doubles rows.
        """
        memberships = f"{self.path_to_dataset}__memberships"
        return self.filter(**{f"{memberships}__user": user}).annotate(
            my_role=models.F(f"{memberships}__role")
        )
