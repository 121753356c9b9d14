"""How a dataset is coming along, from the ledgers alone: the cost does not grow with its images."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from annotations.models import (
    Dataset,
    Image,
    LabelClass,
    Mask,
    NucleiCount,
    Role,
    StateCount,
    Workday,
)


@dataclass(frozen=True)
class Figures:
    """What one person, or all, did; ratios are None where there is nothing to divide by."""

    nuclei: int
    taken: int
    untouched: int
    compared: int
    likeness: float
    made: int
    changed: int
    deleted: int
    clicks: int
    seconds: float
    submitted: int
    reviewed: int

    @property
    def clicks_a_nucleus(self) -> float | None:
        return self.clicks / self.made if self.made else None

    @property
    def seconds_a_nucleus(self) -> float | None:
        return self.seconds / self.made if self.made else None

    @property
    def untouched_share(self) -> float | None:
        """Of the nuclei taken from the model, those whose outline nobody has changed."""
        return self.untouched / self.taken if self.taken else None

    @property
    def model_iou(self) -> float | None:
        """Mean IoU of nuclei taken from the model with what it had proposed."""
        return self.likeness / self.compared if self.compared else None


def images_by_state(dataset: Any, user: Any) -> dict[str, int]:
    """Status -> number of images that `user`, whose role `dataset` carries, can come across."""
    lines = StateCount.objects.filter(dataset=dataset)
    if dataset.my_role == Role.ANNOTATOR:
        lines = lines.filter(Q(replica_for=None, replicated=False) | Q(replica_for=user))
    else:
        lines = lines.filter(replica_for=None)
    counted = {row["status"]: row["images"] for row in lines.totals("status")}
    return {status: counted.get(status, 0) for status in Image.Status.values}


def nuclei_by_class(dataset: Dataset, person: Any = None) -> dict[LabelClass | None, int]:
    """Class -> nuclei, those of all or of one person; None for those without a class."""
    counted = {
        row["label_class_id"]: row["nuclei"]
        for row in _nuclei(dataset, person).totals("label_class_id")
    }
    classes: list[LabelClass | None] = list(dataset.classes.all())
    if counted.get(None):
        classes.append(None)
    return {each: counted.get(each and each.pk, 0) for each in classes}


def figures(dataset: Dataset, person: Any = None) -> Figures:
    """The figures of the dataset, or of one person in it."""
    nuclei = _nuclei(dataset, person).totals("origin")
    work = _work(dataset, person).totals()
    return _figures(nuclei, work)


def figures_by_person(dataset: Dataset) -> dict[Any, Figures]:
    """Whoever did anything in the dataset -> their figures."""
    nuclei = NucleiCount.objects.filter(dataset=dataset).totals("author_id", "origin")
    work = Workday.objects.filter(dataset=dataset).totals("person_id")
    ids = {row["author_id"] for row in nuclei} | {row["person_id"] for row in work}
    people = {person.pk: person for person in _people(ids)}
    return {
        person: _figures(
            [row for row in nuclei if row["author_id"] == pk],
            [row for row in work if row["person_id"] == pk],
        )
        for pk, person in people.items()
    }


def days_of_work(
    dataset: Dataset, person: Any = None, *, since: date, until: date
) -> dict[date, dict[str, Any]]:
    """Each day of that time -> the amounts of Workday, zeros where nobody worked."""
    rows = _work(dataset, person).filter(day__gte=since, day__lte=until).totals("day")
    found = {row["day"]: row for row in rows}
    nothing = dict.fromkeys(Workday.AMOUNTS, 0)
    span = (until - since).days + 1
    days = (since + timedelta(days=number) for number in range(span))
    return {day: nothing | found.get(day, {"day": day}) for day in days}


def _nuclei(dataset: Dataset, person: Any) -> Any:
    """A dataset's nuclei are those of its images; a person's are in their replicas as well."""
    lines = NucleiCount.objects.filter(dataset=dataset)
    return lines.filter(author=person) if person else lines.filter(in_replica=False)


def _work(dataset: Dataset, person: Any) -> Any:
    lines = Workday.objects.filter(dataset=dataset)
    return lines.filter(person=person) if person else lines


def _people(ids: Iterable[int]) -> QuerySet[Any]:
    return get_user_model()._default_manager.filter(pk__in=ids).order_by("username")


def _figures(nuclei: list[dict[str, Any]], work: list[dict[str, Any]]) -> Figures:
    by_origin = dict.fromkeys(Mask.Origin.values, 0)
    for row in nuclei:
        by_origin[row["origin"]] += row["nuclei"] or 0
    untouched, fixed = by_origin[Mask.Origin.ACCEPTED], by_origin[Mask.Origin.FIXED]
    return Figures(
        nuclei=sum(by_origin.values()),
        taken=untouched + fixed,
        untouched=untouched,
        compared=sum(row["compared"] or 0 for row in nuclei),
        likeness=sum(row["likeness"] or 0.0 for row in nuclei),
        **{name: sum(row[name] or 0 for row in work) for name in Workday.AMOUNTS},
    )
