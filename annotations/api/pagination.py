"""Pages by cursor: each costs the same, however far down the list it is.

Cursors run over the primary key alone: rows written together share their time, not their key.
"""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class OldestFirst(CursorPagination):
    ordering = "pk"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError, OverflowError) as error:  # a cursor to no such key
            raise NotFound(self.invalid_cursor_message) from error


class NewestFirst(OldestFirst):
    ordering = "-pk"


class MaskPagination(OldestFirst):
    page_size = 500
    max_page_size = 2000
