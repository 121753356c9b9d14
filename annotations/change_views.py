"""What changed in a dataset itself: its settings, classes and members, for who manages it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.change_words import details_of, sentence_of
from annotations.models import Dataset, Event
from annotations.page_errors import speaks_domain
from annotations.permissions import Verb, get_permitted
from annotations.row_pages import page_before

ROWS_SHOWN = 100


@require_GET
@speaks_domain
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    dataset = get_permitted(Dataset.objects, user=request.user, verb=Verb.MANAGE, pk=pk)
    rows = Event.objects.of_dataset_alone(dataset).select_related("actor")
    page, next_before = page_before(rows, request.GET.get("before", ""), ROWS_SHOWN)
    for event in page:
        event.sentence, event.details = sentence_of(event), details_of(event)
    context = {"dataset": dataset, "events": page, "next_before": next_before}
    return render(request, "annotations/changes.html", context)
