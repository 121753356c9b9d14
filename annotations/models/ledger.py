from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class LedgerQuerySet(models.QuerySet[Any]):
    def totals(self, *by: str) -> list[dict[str, Any]]:
        """One dictionary for each combination of the columns `by`: those, and the sums.

        Sums are named as the amounts. Without `by`: one, if there is any line.
        """
        sums = {f"sum_{name}": models.Sum(name) for name in self.model.AMOUNTS}
        rows = self.order_by().values(*by).annotate(**sums) if by else [self.aggregate(**sums)]
        return [{name.removeprefix("sum_"): row[name] for name in row} for row in rows]


class Ledger(models.Model):
    """Numbers that add up: a write adds a line, a reader sums lines, a clock merges those alike.

    A line says by how much (`AMOUNTS`) a total (`KEY`) has grown or shrunk. Lines are only added,
    so that those who count the same thing at once never wait for each other, and a sum is right at
    any moment, whether lines are merged (services/ledger.py) or not.
    """

    KEY: ClassVar[tuple[str, ...]]
    AMOUNTS: ClassVar[tuple[str, ...]]

    fresh = models.BooleanField(default=True, editable=False, help_text="Not merged yet.")

    objects = LedgerQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["id"], condition=models.Q(fresh=True), name="%(class)s_fresh")
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
