"""The page of administrators: checkpoints, and runs of training that make new ones."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from annotations import forms
from annotations.exceptions import DomainError, NotAllowed
from annotations.models import Dataset
from annotations.permissions import require_administrator
from annotations.services.checkpoint import make_active, upload_checkpoint
from annotations.services.snapshot import dataset_id_of
from annotations.services.training import cancel_training, start_training
from ml.models import UNFINISHED, Checkpoint, TrainingRun
from ml.services import worker_status

CHECKPOINTS_SHOWN = 50
RUNS_SHOWN = 20
DATASETS_OFFERED = 500
# What of the scores on held-out images people compare; the rest is in the API.
SCORES = {"iou1": gettext_lazy("IoU after one click"), "aji": "AJI", "pq": "PQ", "dice": "Dice"}

View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    """Nobody else learns more than that."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            require_administrator(request.user)
        except NotAllowed as error:
            raise PermissionDenied(error.detail) from error
        return view(request, *args, **kwargs)

    return answer


@require_GET
@for_administrators
def models(request: HttpRequest) -> HttpResponse:
    checkpoints = list(Checkpoint.objects.all()[:CHECKPOINTS_SHOWN])
    runs = list(TrainingRun.objects.select_related("checkpoint_from", "checkpoint_to")[:RUNS_SHOWN])
    names = _dataset_names(runs)
    annotated = Dataset.objects.live().annotate(
        nuclei=Sum("images__mask_count"),
        annotated=Count("images", filter=Q(images__mask_count__gt=0)),
    )
    context = {
        "active": Checkpoint.objects.active().first(),
        "checkpoints": [(row, _scores(row.metadata.get("metrics"))) for row in checkpoints],
        "runs": [
            _presented(run) | {"dataset": names.get(dataset_id_of(run.source))} for run in runs
        ],
        "datasets": annotated.filter(nuclei__gt=0)[:DATASETS_OFFERED],
        "form": forms.TrainingForm(),
        "is_training": any(run.status in UNFINISHED for run in runs),
        "train_worker_is_down": not worker_status()["train"],
        "max_upload_mb": settings.MAX_UPLOAD_MB,
    }
    return render(request, "annotations/models.html", context)


@require_GET
@for_administrators
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an unfinished run is, for htmx; once it has ended, the tables are to be read anew."""
    run = get_object_or_404(TrainingRun, pk=pk)
    answer = render(request, "annotations/_run_progress.html", _presented(run))
    return answer if run.status in UNFINISHED else trigger_client_event(answer, "run-ended")


@require_POST
@for_administrators
def upload(request: HttpRequest) -> HttpResponse:
    form = forms.CheckpointForm(request.POST, request.FILES)
    if not form.is_valid():
        return _say(request, _("Choose the .safetensors file of a checkpoint first."))

    def act() -> str:
        checkpoint, is_new = upload_checkpoint(file=form.cleaned_data["file"])
        if not is_new:
            return _("These weights are here already, as “%(name)s”.") % {"name": checkpoint}
        return _("“%(name)s” is checked and stored. It answers clicks once you make it active.") % {
            "name": checkpoint
        }

    return _act(request, act)


@require_POST
@for_administrators
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    checkpoint = get_object_or_404(Checkpoint, pk=pk)

    def act() -> str:
        make_active(checkpoint=checkpoint)
        return _("“%(name)s” answers clicks from now on.") % {"name": checkpoint}

    return _act(request, act)


@require_POST
@for_administrators
def train(request: HttpRequest) -> HttpResponse:
    form = forms.TrainingForm(request.POST)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return _say(request, _("Training did not start: %(problem)s") % {"problem": problem})

    def act() -> str:
        start_training(
            user=request.user,
            dataset_id=form.cleaned_data["dataset"],
            minutes=form.cleaned_data["minutes"],
        )
        return _("Training is queued. You can leave this page; its result will be listed here.")

    return _act(request, act)


@require_POST
@for_administrators
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(TrainingRun, pk=pk)

    def act() -> str:
        cancel_training(run=run)
        return _("Run %(number)s is cancelled.") % {"number": run.pk}

    return _act(request, act)


def _act(request: HttpRequest, action: Callable[[], str]) -> HttpResponse:
    """Run `action`; say on the page what it returns, or what was wrong."""
    try:
        messages.success(request, action())
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("models")


def _say(request: HttpRequest, problem: str) -> HttpResponse:
    messages.error(request, problem)
    return redirect("models")


def _presented(run: TrainingRun) -> dict[str, Any]:
    """What the templates of a run show."""
    latest = [
        (label, run.metrics[name])
        for name, label in (("loss", _("loss")), ("iou1", SCORES["iou1"]))
        if isinstance(run.metrics.get(name), int | float)
    ]
    return {
        "run": run,
        "is_unfinished": run.status in UNFINISHED,
        "percent": round(100 * run.progress),
        "latest": latest,
        "scores": _scores(run.metrics.get("metrics")),
    }


def _scores(metrics: Any) -> list[tuple[str, float]]:
    """(label, value) of the scores that a checkpoint or a run knows of itself."""
    known = metrics if isinstance(metrics, dict) else {}
    return [
        (str(label), known[name])
        for name, label in SCORES.items()
        if isinstance(known.get(name), int | float)
    ]


def _dataset_names(runs: list[TrainingRun]) -> dict[int | None, str]:
    ids = [pk for run in runs if (pk := dataset_id_of(run.source)) is not None]
    return dict(Dataset.objects.filter(pk__in=ids).values_list("pk", "name"))
