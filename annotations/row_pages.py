"""Lists in pages, each of which names the row where the next one begins."""

from typing import Any

from django.db.models import QuerySet

# The digits of the largest number that a row can have are one more.
MOST_DIGITS = 18


def row_number(text: str) -> int | None:
    """The number of a row as it stands in an address; None for what is none."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def page_before(rows: QuerySet[Any], before: str, size: int) -> tuple[list[Any], int | None]:
    """(up to `size` of the rows, which come newest first, older than the number `before` if it is
    one; the number to go on before, None at the end)."""
    number = row_number(before)
    if number is not None:
        rows = rows.filter(pk__lt=number)
    found = list(rows[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None
