"""The page of one checkpoint: where it comes from, how good it is, where it answers clicks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotations import forms
from annotations.model_views.acting import act, for_administrators, say
from annotations.model_views.overview import DATASETS_OFFERED, dataset_names
from annotations.model_views.scores import SCORES, scores_of
from annotations.models import Dataset
from annotations.models.dataset import dataset_id_of
from annotations.services.checkpoint import remove_checkpoint
from annotations.services.promotion import promote, roll_back
from ml.models import Checkpoint

PROMOTIONS_SHOWN = 20
EVALUATIONS_SHOWN = 5


@require_GET
@for_administrators
def checkpoint(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Checkpoint.objects.select_related("parent"), pk=pk)
    promotions = list(row.promotions.all()[:PROMOTIONS_SHOWN])
    names = dataset_names(promotion.scope for promotion in promotions)
    context = {
        "checkpoint": row,
        "run": row.training_runs_to_it.first(),
        "training": row.told("training"),
        "scores": scores_of(row.metadata.get("metrics")),
        "evaluations": _evaluations(row),
        "children": row.children.stored()[:PROMOTIONS_SHOWN],
        "promotions": [(each, names.get(dataset_id_of(each.scope))) for each in promotions],
        "datasets": Dataset.objects.live()[:DATASETS_OFFERED],
        "form": forms.PromotionForm(),
    }
    return render(request, "annotations/checkpoint.html", context)


def _evaluations(row: Checkpoint) -> list[dict[str, Any]]:
    """Its scores on held-out images, by dataset, each with its interval."""
    rows = list(row.evaluations.all()[:EVALUATIONS_SHOWN])
    names = dataset_names(each.source for each in rows)
    return [
        {
            "row": each,
            "dataset": names.get(dataset_id_of(each.source)),
            "scores": [
                (label, each.summary[name])
                for name, label in SCORES.items()
                if name in each.summary
            ],
        }
        for each in rows
    ]


@require_POST
@for_administrators
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Checkpoint, pk=pk)
    form = forms.PromotionForm(request.POST)
    if not form.is_valid():
        return say(request, _("It was not promoted: choose where, and keep the reason short."))

    def done() -> str:
        place = form.cleaned_data
        promote(
            user=request.user, checkpoint=row, dataset_id=place["dataset"], reason=place["reason"]
        )
        return _("“%(name)s” answers clicks from now on.") % {"name": row}

    return act(request, done)


@require_POST
@for_administrators
def take_back(request: HttpRequest) -> HttpResponse:
    """Undo the last promotion of a dataset, or of the site."""
    form = forms.PlaceForm(request.POST)
    if not form.is_valid():
        return say(request, _("There is no such dataset."))

    def done() -> str:
        now = roll_back(user=request.user, dataset_id=form.cleaned_data["dataset"])
        if now is None:
            return _("The checkpoint of the whole site answers clicks there again.")
        return _("“%(name)s” answers clicks again.") % {"name": now}

    return act(request, done)


@require_POST
@for_administrators
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Checkpoint, pk=pk)

    def done() -> str:
        remove_checkpoint(checkpoint=row)
        return _("The weights of “%(name)s” are deleted.") % {"name": row}

    return act(request, done)
