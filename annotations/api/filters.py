from typing import Any

from django.core.validators import RegexValidator
from django.db.models import BigIntegerField
from django_filters import rest_framework as filters

# Nine digits each: more than any image has, less than any database cannot hold.
BOX = r"^\d{1,9}(,\d{1,9}){3}$"


class IdFilter(filters.NumberFilter):
    """By the number of another row. What the database cannot hold is refused, not looked up."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=BigIntegerField.MAX_BIGINT, **options)


class BoxFilter(filters.CharFilter):
    """Masks whose box meets `x,y,width,height` in image pixels."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validators=[RegexValidator(BOX, "Use x,y,width,height.")], **options)

    def filter(self, rows: Any, value: str) -> Any:
        if not value:
            return rows
        return rows.meeting(*map(int, value.split(",")))
