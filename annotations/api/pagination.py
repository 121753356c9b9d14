"""Pages by cursor: each costs the same, however far down the list it is.

Cursors run over the primary key alone: rows written together share their time, not their key.
"""

from rest_framework.pagination import CursorPagination


class OldestFirst(CursorPagination):
    ordering = "pk"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500


class NewestFirst(OldestFirst):
    ordering = "-pk"


class MaskPagination(OldestFirst):
    page_size = 500
    max_page_size = 2000
