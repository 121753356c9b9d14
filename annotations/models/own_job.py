from __future__ import annotations

from typing import Any, Self

from django.db.models import Q

from annotations.models.image_scoped import OVERSEERS
from annotations.models.job import JobQuerySet


class OwnJobQuerySet(JobQuerySet):
    """Jobs that take what their maker may see, and so tell others what is not shown to them."""

    def visible_to(self, user: Any) -> Self:
        """One's own jobs, and everybody's for those who oversee; each with `my_role`."""
        shown = Q(created_by=user) | Q(my_role__in=OVERSEERS)
        return super().visible_to(user).filter(shown)
