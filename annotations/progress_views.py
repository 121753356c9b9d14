"""How a dataset is coming along: everybody's work for who oversees it, else one's own."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from annotations.fragments import fragment
from annotations.models import Dataset, Image, Workday
from annotations.page_errors import speaks_domain
from annotations.permissions import Verb, get_permitted, may, sees_names
from annotations.row_pages import row_number
from annotations.services import progress as figures_of
from annotations.services.progress_tables import TABLES
from annotations.table_response import TableResponse

DAYS_SHOWN = 30


@require_GET
@speaks_domain
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
    oversees = _oversees(dataset)
    person = _person(request, dataset)
    states = figures_of.images_by_state(dataset, request.user)
    names = dict(Image.Status.choices)
    today = timezone.now().date()
    since = today - timedelta(days=DAYS_SHOWN - 1)
    days = figures_of.days_of_work(dataset, person, since=since, until=today)
    classes = figures_of.nuclei_by_class(dataset, person)
    context = {
        "dataset": dataset,
        "oversees": oversees,
        "person": person,
        "states": [(names[status], status, number) for status, number in states.items()],
        "images": sum(states.values()),
        "classes": classes.items(),
        "most": max(classes.values(), default=0),
        "figures": figures_of.figures(dataset, person),
        "days": list(days),
        "day_rows": [_day_row(day, did) for day, did in days.items()],
        "made_by_day": [day["made"] for day in days.values()],
        "people_rows": _people_rows(dataset) if oversees and not person else (),
        "days_shown": DAYS_SHOWN,
    }
    return render(request, "annotations/progress.html", context)


@require_GET
@speaks_domain
def progress_table(request: HttpRequest, pk: int, table: str) -> HttpResponseBase:
    """A table of the page as CSV, whole."""
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.VIEW, pk=pk)
    if table not in TABLES:
        raise Http404("There is no such table.")
    rows = TABLES[table](dataset, request.user, _person(request, dataset))
    return TableResponse(rows, name=f"{slugify(dataset.name) or 'dataset'}-{table}.csv")


def _day_row(day: date, did: dict[str, Any]) -> SafeString:
    amounts = {name: did[name] for name in Workday.AMOUNTS}
    return fragment("annotations/_day.html", day=day, **amounts)


def _people_rows(dataset: Dataset) -> list[SafeString]:
    return [
        fragment("annotations/_person.html", pk=person.pk, name=person.get_username(), found=found)
        for person, found in figures_of.figures_by_person(dataset).items()
    ]


def _person(request: HttpRequest, dataset: Any) -> Any:
    """Whose work is asked for: None for everybody's, which only some may see.

    Raises Http404 for people who are not to be seen here.
    """
    if not _oversees(dataset):
        return request.user
    asked = request.GET.get("person", "")
    if not asked:
        return None
    people = get_user_model()._default_manager.filter(memberships__dataset=dataset)
    number = row_number(asked)
    person = None if number is None else people.filter(pk=number).first()
    if person is None:
        raise Http404("There is no such member.")
    return person


def _oversees(dataset: Any) -> bool:
    """Whether everybody's work is shown; a blind dataset tells reviewers of nobody's."""
    role = dataset.my_role
    return may(role, Dataset, Verb.OVERSEE) and sees_names(dataset, role)
