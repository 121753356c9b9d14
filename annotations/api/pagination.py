"""Pages by cursor: each costs the same, however far down the list it is.

Cursors run over the primary key alone: rows written together share their time, not their key.
"""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

MASKS_BYTES = 600_000
# What a mask's JSON takes beside its run lengths, generously.
MASK_BYTES = 600


def that_fit(masks: list[Any]) -> int:
    """How many masks, from the first, an answer can hold; at least one."""
    size = 0
    for count, mask in enumerate(masks):
        size += MASK_BYTES + len(mask.counts)
        if size > MASKS_BYTES:
            return max(count, 1)
    return len(masks)


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
    """Pages end early when their masks are large: no answer outgrows a megabyte.

    One mask alone always fits a page, for a list that stops before it would never go on.
    """

    page_size = 500
    max_page_size = 2000

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        page = super().paginate_queryset(queryset, request, view)
        backwards = bool(page and self.cursor and self.cursor.reverse)
        rows = list(reversed(page or [])) if backwards else page or []
        fitting = that_fit(rows)
        if fitting == len(rows):
            return page
        left_over = str(rows[fitting].pk)
        self.page = rows[:fitting]
        if backwards:
            self.page.reverse()
            self.has_previous, self.previous_position = True, left_over
        else:
            self.has_next, self.next_position = True, left_over
        return self.page
