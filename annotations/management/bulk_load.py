"""Rows by the million: COPY where the database is PostgreSQL, Django's bulk_create elsewhere."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

ROWS_A_BATCH = 2_000

Rows = Iterable[Sequence[Any]]


def load(model: type[models.Model], columns: Sequence[str], rows: Rows) -> None:
    """Store `rows`, which are values of `columns` (attribute names); other fields get defaults.

    JSON is given as text. Constraints between tables are not checked where COPY is used.
    """
    fields: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    rest = [
        name
        for name, field in fields.items()
        if name not in columns and not isinstance(field, models.AutoField)
    ]
    names = [*columns, *rest]
    defaults = [_default(fields[name]) for name in rest]
    whole = ((*row, *defaults) for row in rows)
    if connection.vendor == "postgresql":
        return _copy(model, [fields[name].column for name in names], whole)
    is_json = [isinstance(fields[name], models.JSONField) for name in names]
    instances = (model(**_typed(names, row, is_json)) for row in whole)
    while batch := list(islice(instances, ROWS_A_BATCH)):
        model._default_manager.bulk_create(batch)


def next_id(model: type[models.Model]) -> int:
    """The number that the next row may have, if nobody else writes meanwhile."""
    last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) + 1


def _default(field: Any) -> Any:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return timezone.now()
    value = field.get_default()
    return json.dumps(value) if isinstance(field, models.JSONField) and value is not None else value


def _typed(names: list[str], row: Sequence[Any], is_json: list[bool]) -> dict[str, Any]:
    return {
        name: json.loads(value) if parse and value is not None else value
        for name, value, parse in zip(names, row, is_json, strict=True)
    }


def _copy(model: type[models.Model], columns: list[str], rows: Rows) -> None:
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        with cursor.copy(f"COPY {model._meta.db_table} ({quoted}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)
