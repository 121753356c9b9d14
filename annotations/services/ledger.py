"""Merge the lines of ledgers, so that sums stay cheap however much was counted.

Time at work comes about here: from one action to the next of the same person in the same dataset
on the same day (UTC), a pause longer than LONGEST_PAUSE counting as that much.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from annotations.models import NucleiCount, PairScore, StateCount, Workday
from annotations.models.ledger import Ledger

LONGEST_PAUSE = timedelta(minutes=1)
# Younger actions wait: one that is still under way is to find its place before them.
SETTLED = timedelta(seconds=10)
LINES_A_MERGE = 5_000


def merge_ledgers() -> None:
    """Merge the fresh lines of all ledgers. For a clock to call; only the cost of reading changes.

    Merged lines of one total may be several, if two clocks meet: sums are right all the same.
    """
    for ledger in (StateCount, NucleiCount, PairScore):
        while _merge(ledger):
            pass
    while _merge_workdays(timezone.now() - SETTLED):
        pass


@transaction.atomic
def _merge(ledger: type[Ledger]) -> bool:
    """Merge some lines. Returns whether there may be more."""
    lines = _fresh(ledger.objects.all())
    totals: dict[tuple[Any, ...], list[float]] = {}
    for line in lines:
        total = totals.setdefault(_key(line), [0] * len(ledger.AMOUNTS))
        for place, name in enumerate(ledger.AMOUNTS):
            total[place] += getattr(line, name)
    for key, total in totals.items():
        _add(ledger, dict(zip(ledger.KEY, key, strict=True)), total)
    return _remove(ledger, lines)


@transaction.atomic
def _merge_workdays(before: datetime) -> bool:
    """The same for days of work, which are measured by the time between their lines."""
    lines = _fresh(Workday.objects.filter(at__lt=before))
    days: dict[tuple[Any, ...], list[Workday]] = defaultdict(list)
    for line in lines:
        days[_key(line)].append(line)
    for key, actions in days.items():
        where = dict(zip(Workday.KEY, key, strict=True))
        until = _merged(Workday, where).values_list("at", flat=True).first()
        actions.sort(key=lambda line: line.at)
        seconds = time_at_work([*([until] if until else []), *(line.at for line in actions)])
        total = [sum(getattr(line, name) for line in actions) for name in Workday.AMOUNTS]
        total[Workday.AMOUNTS.index("seconds")] += seconds
        _add(Workday, where, total, at=max(filter(None, (until, actions[-1].at))))
    return _remove(Workday, lines)


def time_at_work(moments: Sequence[datetime]) -> float:
    """Seconds between the first and the last of these moments, long pauses cut short."""
    gaps = (later - earlier for earlier, later in pairwise(moments))
    return sum(max(min(gap, LONGEST_PAUSE).total_seconds(), 0.0) for gap in gaps)


def _fresh(lines: Any) -> list[Any]:
    skip = connection.features.has_select_for_update_skip_locked
    rows = lines.filter(fresh=True).order_by("id").select_for_update(skip_locked=skip)
    return list(rows[:LINES_A_MERGE])


def _key(line: Ledger) -> tuple[Any, ...]:
    return tuple(getattr(line, name) for name in line.KEY)


def _merged(ledger: type[Ledger], where: dict[str, Any]) -> Any:
    # SQL finds no NULL by “=”.
    exact = {f"{k}__isnull" if v is None else k: True if v is None else v for k, v in where.items()}
    return ledger.objects.filter(fresh=False, **exact).order_by("id")


def _add(ledger: type[Ledger], where: dict[str, Any], total: Sequence[float], **more: Any) -> None:
    amounts = dict(zip(ledger.AMOUNTS, total, strict=True))
    row = _merged(ledger, where).values_list("pk", flat=True).first()
    if row is None:
        ledger.objects.create(fresh=False, **where, **amounts, **more)
    else:
        grown = {name: F(name) + amount for name, amount in amounts.items()}
        ledger.objects.filter(pk=row).update(**grown, **more)


def _remove(ledger: type[Ledger], lines: list[Any]) -> bool:
    ledger.objects.filter(pk__in=[line.pk for line in lines]).delete()
    return len(lines) == LINES_A_MERGE
