"""Count anew what the ledgers of models/tally.py say, from the rows that they are about.

This reads every image, mask and event of a dataset: it is for the command `recount`, not for pages.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import merge
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum

from annotations.models import (
    Click,
    Comparison,
    Dataset,
    Event,
    Image,
    Mask,
    NucleiCount,
    PairScore,
    Prompt,
    StateCount,
    Workday,
)
from annotations.models.ledger import Ledger, LedgerQuerySet
from annotations.services.ledger import time_at_work
from annotations.services.tally import deed_of

# Sums of fractions depend on their order, and a line is written a little after its event.
TOLERANCE = 1e-3
ROWS = 10_000

Totals = dict[tuple[Any, ...], list[float]]


def differences(dataset: Dataset) -> Iterator[str]:
    """Yield a sentence for each total of which the ledger says something else than the rows do."""
    with _one_moment():
        for ledger, count in COUNTS.items():
            said, counted = _said(ledger, dataset), count(dataset)
            nothing = [0.0] * len(ledger.AMOUNTS)
            for key in sorted({*said, *counted}, key=str):
                ours, theirs = said.get(key, nothing), counted.get(key, nothing)
                for name, a, b in zip(ledger.AMOUNTS, ours, theirs, strict=True):
                    if abs(a - b) > TOLERANCE * max(abs(a), abs(b), 1.0):
                        where = ", ".join(f"{k}={v}" for k, v in zip(ledger.KEY, key, strict=True))
                        title = ledger._meta.verbose_name
                        yield f"{title} ({where}): {name} is {a:g} in the ledger, {b:g} counted"


def rebuild(dataset: Dataset) -> None:
    """Write the ledgers of the dataset anew. People may work on: their lines are not touched."""
    with _one_moment():
        for ledger, count in COUNTS.items():
            lines = [
                ledger(
                    fresh=False,
                    **dict(zip(ledger.KEY, key, strict=True)),
                    **dict(zip(ledger.AMOUNTS, amounts, strict=True)),
                )
                for key, amounts in count(dataset).items()
            ]
            _lines(ledger, dataset).delete()
            ledger.objects.bulk_create(lines, batch_size=1_000)


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction in which a write is to be seen together with its line, or neither is."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _lines(ledger: Any, dataset: Dataset) -> LedgerQuerySet:
    lines: LedgerQuerySet = ledger.objects.filter(dataset=dataset)
    return lines


def _said(ledger: type[Ledger], dataset: Dataset) -> Totals:
    rows = _lines(ledger, dataset).totals(*ledger.KEY)
    return {
        tuple(row[name] for name in ledger.KEY): [row[name] for name in ledger.AMOUNTS]
        for row in rows
    }


def _states(dataset: Dataset) -> Totals:
    rows = Image.objects.filter(dataset=dataset).order_by()
    counted = rows.values_list(*StateCount.KEY).annotate(Count("pk"))
    return {tuple(key): [images] for *key, images in counted}


def _nuclei(dataset: Dataset) -> Totals:
    masks = Mask.objects.live().filter(image__dataset=dataset, image__deleted_at=None).order_by()
    masks = masks.annotate(in_replica=Q(image__replica_of__isnull=False))
    rows = masks.values_list("created_by_id", "label_class_id", "origin", "in_replica")
    counted = rows.annotate(Count("pk"), Count("model_iou"), Sum("model_iou"))
    return {
        (dataset.pk, *key): [nuclei, compared, likeness or 0.0]
        for *key, nuclei, compared, likeness in counted
    }


def _workdays(dataset: Dataset) -> Totals:
    totals: Totals = defaultdict(lambda: [0.0] * len(Workday.AMOUNTS))
    place = Workday.AMOUNTS.index
    asked = Prompt.objects.filter(image__dataset=dataset)
    clicks = Click.objects.filter(image__dataset=dataset)
    for rows in (clicks, asked.filter(prediction__box__isnull=False)):
        days = rows.order_by().values_list("created_by_id", "created_at__date")
        for person, day, number in days.annotate(Count("pk")):
            totals[dataset.pk, person, day][place("clicks")] += number
    events = Event.objects.of_timeline().filter(dataset=dataset, actor__isnull=False)
    moves = F("data__move")
    done = events.order_by("actor_id", "at").values_list("actor_id", "at", "kind", moves)
    said = asked.order_by("created_by_id", "created_at").values_list("created_by_id", "created_at")
    deeds = (row for row in done.iterator(ROWS) if deed_of(row[2], row[3]))
    actions = merge(deeds, ((*row, None, None) for row in said.iterator(ROWS)), key=lambda r: r[:2])
    for (person, day), group in groupby(actions, key=lambda row: (row[0], row[1].date())):
        total = totals[dataset.pk, person, day]
        moments = []
        for _, at, kind, move in group:
            moments.append(at)
            if deed := kind and deed_of(kind, move):
                total[place(deed)] += 1
        total[place("seconds")] += time_at_work(moments)
    return totals


def _pairs(dataset: Dataset) -> Totals:
    rows = Comparison.objects.filter(dataset=dataset).order_by()
    sums = [Sum(name) for name in Comparison.SCORES]
    amounts = [Count("pk"), *sums, Count("kappa"), Sum("kappa")]
    counted = rows.values_list(*PairScore.KEY).annotate(*amounts)
    key = len(PairScore.KEY)
    return {tuple(row[:key]): [amount or 0.0 for amount in row[key:]] for row in counted}


COUNTS: dict[type[Ledger], Callable[[Dataset], Totals]] = {
    StateCount: _states,
    NucleiCount: _nuclei,
    Workday: _workdays,
    PairScore: _pairs,
}
