"""What changed in a dataset itself: its settings, classes and members, for who manages it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.change_words import details_of, sentence_of
from annotations.models import Dataset, Event
from annotations.page_errors import speaks_domain
from annotations.permissions import Verb, get_permitted

ROWS_SHOWN = 100


@require_GET
@speaks_domain
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    rows = Event.objects.of_dataset_alone(dataset)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page: list[Any] = list(rows.select_related("actor")[: ROWS_SHOWN + 1])
    for event in page:
        event.sentence, event.details = sentence_of(event), details_of(event)
    context = {
        "dataset": dataset,
        "events": page[:ROWS_SHOWN],
        "next_before": page[ROWS_SHOWN - 1].pk if len(page) > ROWS_SHOWN else None,
    }
    return render(request, "annotations/changes.html", context)
