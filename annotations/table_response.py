"""Tables to take away as CSV."""

import csv
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

ROWS_A_PIECE = 1_000


class TableResponse(StreamingHttpResponse):
    """Rows sent as they are read, piece by piece: Django alone would gather them all under ASGI."""

    def __init__(self, rows: Iterator[list[Any]], *, name: str) -> None:
        super().__init__(_pieces(rows), content_type="text/csv; charset=utf-8")
        self["Content-Disposition"] = f'attachment; filename="{name}"'
        self["Cache-Control"] = "private, no-store"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = iter(self)
        # In the request's own thread, with whose end its connection to the database is closed.
        read = sync_to_async(lambda: next(pieces, b""))
        while piece := await read():
            yield piece


def _pieces(rows: Iterator[list[Any]]) -> Iterator[str]:
    while some := list(islice(rows, ROWS_A_PIECE)):
        text = StringIO()
        csv.writer(text).writerows(map(harmless, some))
        yield text.getvalue()


def harmless(row: list[Any]) -> list[Any]:
    """Spreadsheets take text that begins like a formula for one."""
    return [
        f"'{cell}"
        if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        else cell
        for cell in row
    ]
