from __future__ import annotations

from typing import Any, Self

from django.db.models import Q

from annotations.models.membership import Role
from annotations.models.scoped import ScopedQuerySet

# Those who see the replicas of everybody, and judge them.
OVERSEERS = (Role.OWNER, Role.ADMIN, Role.REVIEWER)


class ImageScopedQuerySet(ScopedQuerySet):
    """Images and what lies on them. Who annotates a replica knows neither others' nor its original.

    `path_to_image` leads from a row to its image, with the underscores; "" on images themselves.
    """

    path_to_dataset = "image__dataset"
    path_to_image = "image__"

    def visible_to(self, user: Any) -> Self:
        """Rows on images that `user` may open, each with `my_role` in its dataset."""
        return super().visible_to(user).filter(shown_to(user, self.path_to_image))


def shown_to(user: Any, path: str) -> Q:
    """What tells the images that are shown to `user` among rows that carry `my_role`."""
    original = Q(**{f"{path}replica_of__isnull": True})
    return (
        original & Q(**{f"{path}replicated": False})
        | original & Q(my_role=Role.VIEWER)
        | Q(my_role__in=OVERSEERS)
        | Q(**{f"{path}replica_for": user})
    )
