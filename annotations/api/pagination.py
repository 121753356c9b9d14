"""Pages by cursor: each costs the same, however far down the list it is.

Cursors run over the primary key alone: rows written together share their time, not their key.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination


class OldestFirst(CursorPagination):
    ordering = "pk"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500

    def paginate_queryset(self, queryset: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return super().paginate_queryset(queryset, *args, **kwargs)
        except (ValueError, ValidationError, OverflowError) as error:  # a cursor to no such key
            raise NotFound(self.invalid_cursor_message) from error


class NewestFirst(OldestFirst):
    ordering = "-pk"


class MaskPagination(OldestFirst):
    page_size = 500
    max_page_size = 2000
