"""The page that sets two checkpoints side by side, on the same held-out images."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotations import forms
from annotations.exceptions import DomainError
from annotations.model_views.acting import for_administrators, say
from annotations.model_views.overview import CHECKPOINTS_SHOWN, DATASETS_OFFERED, dataset_names
from annotations.model_views.scores import SCORES
from annotations.models import Dataset, Image
from annotations.models.dataset import dataset_id_of
from annotations.services.judging import ask_for_judgement
from ml.models import UNFINISHED, Checkpoint, Evaluation, Judgement, Status

IMAGES_A_PAGE = 12
JUDGEMENTS_SHOWN = 20
LOWER_IS_BETTER = ("noc80",)


@require_GET
@for_administrators
def comparisons(request: HttpRequest) -> HttpResponse:
    rows = list(Judgement.objects.select_related("candidate", "rival")[:JUDGEMENTS_SHOWN])
    names = dataset_names(row.source for row in rows)
    clicking = Checkpoint.objects.stored().filter(kind=Checkpoint.Kind.CLICK)
    held_out = Image.objects.filter(held_out=True).values("dataset")
    context = {
        "judgements": [(row, names.get(dataset_id_of(row.source))) for row in rows],
        "checkpoints": clicking[:CHECKPOINTS_SHOWN],
        "active": Checkpoint.objects.active().first(),
        "datasets": Dataset.objects.live().filter(pk__in=held_out)[:DATASETS_OFFERED],
        "waiting": any(row.status in UNFINISHED for row in rows),
    }
    return render(request, "annotations/comparisons.html", context)


@require_POST
@for_administrators
def compare(request: HttpRequest) -> HttpResponse:
    form = forms.ComparisonForm(request.POST)
    if not form.is_valid():
        return say(request, _("Choose two checkpoints and a dataset."), "comparisons")
    chosen = form.cleaned_data
    try:
        judgement = ask_for_judgement(
            user=request.user,
            candidate=get_object_or_404(Checkpoint, pk=chosen["candidate"]),
            rival=get_object_or_404(Checkpoint, pk=chosen["rival"]),
            dataset_id=chosen["dataset"],
        )
    except DomainError as error:
        return say(request, error.detail, "comparisons")
    return redirect("comparison", judgement.pk)


@require_GET
@for_administrators
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Judgement.objects.select_related("candidate", "rival"), pk=pk)
    compared = [name for name in SCORES if name in row.comparison]
    by = request.GET.get("by", "aji")
    by = by if by in SCORES else "aji"
    page = int(number) if (number := request.GET.get("page", "")).isdecimal() else 0
    images = _regressions(row, by) if row.status == Status.DONE else []
    start = min(page, len(images) // IMAGES_A_PAGE) * IMAGES_A_PAGE
    context = {
        "judgement": row,
        "is_unfinished": row.status in UNFINISHED,
        "dataset": dataset_names([row.source]).get(dataset_id_of(row.source)),
        "scores": [
            (SCORES[name], row.comparison[name]) for name in SCORES if name in row.comparison
        ],
        "by": by,
        "choices": [(name, SCORES[name]) for name in compared],
        "images": images[start : start + IMAGES_A_PAGE],
        "previous_page": start // IMAGES_A_PAGE - 1 if start else None,
        "next_page": start // IMAGES_A_PAGE + 1 if start + IMAGES_A_PAGE < len(images) else None,
    }
    return render(request, "annotations/comparison.html", context)


@require_GET
@for_administrators
def picture(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A held-out image with outlines of its nuclei and of what a checkpoint proposes."""
    row = get_object_or_404(Evaluation, pk=pk)
    if not re.fullmatch("[0-9a-f]{64}", name):
        raise Http404
    try:
        answer = HttpResponse((row.folder / f"{name}.webp").read_bytes(), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


def _regressions(row: Judgement, by: str) -> list[dict[str, Any]]:
    """Every image with both its scores and pictures, the worst change for the worse first."""
    evaluations = {
        each.checkpoint_id: each
        for each in Evaluation.objects.filter(
            held_out=row.held_out, checkpoint__in=[row.candidate_id, row.rival_id]
        )
    }
    new, old = evaluations.get(row.candidate_id), evaluations.get(row.rival_id)
    if new is None or old is None:
        return []
    sha256s = [name for name in new.scores if by in new.scores[name] and name in old.scores]
    named = Image.objects.filter(dataset=dataset_id_of(row.source), sha256__in=sha256s)
    names = dict(named.values_list("sha256", "name"))
    sign = -1 if by in LOWER_IS_BETTER else 1
    images = [
        {
            "name": names.get(sha256, sha256[:12]),
            "candidate": new.scores[sha256][by],
            "rival": old.scores[sha256][by],
            "gain": sign * (new.scores[sha256][by] - old.scores[sha256][by]),
            "candidate_picture": reverse("evaluation-picture", args=[new.pk, sha256]),
            "rival_picture": reverse("evaluation-picture", args=[old.pk, sha256]),
        }
        for sha256 in sha256s
    ]
    return sorted(images, key=lambda image: (image["gain"], image["name"]))
