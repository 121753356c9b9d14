from typing import Any

from django.db.models import BigIntegerField
from django_filters import rest_framework as filters


class IdFilter(filters.NumberFilter):
    """By the number of another row. What the database cannot hold is refused, not looked up."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=BigIntegerField.MAX_BIGINT, **options)
