"""The page of weights that are not ours: what became of each of their keys."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from annotations.model_views.acting import for_administrators
from ml.models import UNFINISHED, Conversion


@require_GET
@for_administrators
def conversion(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Conversion.objects.select_related("checkpoint"), pk=pk)
    context = {"conversion": row, "is_unfinished": row.status in UNFINISHED}
    return render(request, "annotations/conversion.html", context)
