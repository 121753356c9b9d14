"""The figures of a dataset as tables to take away: each a function of whose work is asked for."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from annotations.models import Comparison, Dataset, Image, Workday
from annotations.permissions import sees_names
from annotations.services.concord import agreement_of_pairs, scores_with_truth
from annotations.services.progress import (
    figures,
    figures_by_person,
    images_by_state,
    nuclei_by_class,
)

Rows = Iterator[list[Any]]
PERSON = ("nuclei", "made", "changed", "deleted", "clicks", "submitted", "reviewed")
PEOPLE_OF_IMAGE = ("assignee", "annotator", "reviewer")
IMAGES_A_PAGE = 1_000
RATIOS = ("clicks_a_nucleus", "seconds_a_nucleus", "untouched_share", "model_iou")


def states(dataset: Dataset, user: Any, person: Any) -> Rows:
    yield ["status", "images"]
    yield from map(list, images_by_state(dataset, user).items())


def image_list(dataset: Dataset, user: Any, person: Any) -> Rows:
    """Each image that `user` may see, and with whom it is, as far as they are told."""
    yield ["image", "status", *PEOPLE_OF_IMAGE, "due", "nuclei"]
    named = sees_names(dataset, dataset.my_role)  # type: ignore[attr-defined]
    harmless = (None, user.get_username())
    people = [f"{name}__username" for name in PEOPLE_OF_IMAGE]
    images = Image.objects.visible_to(user).listed().of_dataset(dataset)
    rows = images.values_list("pk", "name", "status", "due_on", "mask_count", *people)
    last = 0
    while page := list(rows.filter(pk__gt=last)[:IMAGES_A_PAGE]):
        for _pk, name, status, due, nuclei, *whose in page:
            told = [each if named or each in harmless else _("somebody else") for each in whose]
            yield [name, status, *told, due, nuclei]
        last = page[-1][0]


def classes(dataset: Dataset, user: Any, person: Any) -> Rows:
    yield ["class", "nuclei"]
    for label_class, number in nuclei_by_class(dataset, person).items():
        yield [label_class.name if label_class else "", number]


def people(dataset: Dataset, user: Any, person: Any) -> Rows:
    yield ["person", *PERSON, "seconds", *RATIOS]
    rows = {person: figures(dataset, person)} if person else figures_by_person(dataset)
    for each, found in rows.items():
        whole = [getattr(found, name) for name in PERSON]
        ratios = [_rounded(getattr(found, name)) for name in ("seconds", *RATIOS)]
        yield [each.get_username(), *whole, *ratios]


def days(dataset: Dataset, user: Any, person: Any) -> Rows:
    yield ["day", "person", *Workday.AMOUNTS]
    lines = Workday.objects.filter(dataset=dataset)
    if person:
        lines = lines.filter(person=person)
    for row in lines.totals("day", "person__username"):
        amounts = [_rounded(row[name]) for name in Workday.AMOUNTS]
        yield [row["day"].isoformat(), row["person__username"], *amounts]


def agreement(dataset: Dataset, user: Any, person: Any) -> Rows:
    """Only for who oversees: others learn of nobody's replicas."""
    yield ["first", "second", "images", *Comparison.SCORES, "kappa"]
    for row in agreement_of_pairs(dataset) if person is None else ():
        names = [row["first"].get_username(), row["second"].get_username()]
        yield [*names, row["images"], *_scores(row)]


def truth(dataset: Dataset, user: Any, person: Any) -> Rows:
    yield ["person", "honeypots", *Comparison.SCORES, "kappa"]
    for row in scores_with_truth(dataset) if person is None else ():
        yield [row["first"].get_username(), row["images"], *_scores(row)]


TABLES: dict[str, Callable[[Dataset, Any, Any], Rows]] = {
    "images": states,
    "image-list": image_list,
    "classes": classes,
    "people": people,
    "days": days,
    "agreement": agreement,
    "truth": truth,
}


def _scores(row: dict[str, Any]) -> list[float | str]:
    return [_rounded(row[name]) for name in (*Comparison.SCORES, "kappa")]


def _rounded(value: float | None) -> float | str:
    return "" if value is None else round(value, 4)
