"""Remove for good: the one place from which events go, together with what they are about."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def purging() -> Iterator[None]:
    """Within it PostgreSQL lets events go; a trigger keeps them otherwise. One transaction."""
    with transaction.atomic():
        _allow("on")
        yield
        _allow("off")


def _allow(state: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('sppnet.purging', %s, true)", [state])
