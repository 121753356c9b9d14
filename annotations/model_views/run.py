"""The page of one training run: how it goes, while it goes; and what can be done about it."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotations.model_views.acting import act, for_administrators
from annotations.model_views.overview import dataset_names
from annotations.model_views.presented import presented
from annotations.models.dataset import dataset_id_of
from annotations.services.training import cancel_training, move_training, resume_training
from ml.models import TrainingRun
from ml.training_log import TrainingLog

PREVIEWS = 3


@require_GET
@for_administrators
def run(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "annotations/run.html", _context(pk))


@require_GET
@for_administrators
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes, for htmx."""
    return render(request, "annotations/_run.html", _context(pk))


@require_GET
@for_administrators
def preview(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A held-out image as the network sees it by now."""
    row = get_object_or_404(TrainingRun, pk=pk)
    path = _log_of(row).folder / "previews" / f"{number}.webp"
    try:
        answer = HttpResponse(path.read_bytes(), content_type="image/webp")
    except FileNotFoundError as error:
        raise Http404 from error
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@for_administrators
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(TrainingRun, pk=pk)

    def done() -> str:
        cancel_training(run=row)
        return _("Run %(number)s is cancelled.") % {"number": row.pk}

    return act(request, done)


@require_POST
@for_administrators
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(TrainingRun, pk=pk)

    def done() -> str:
        resume_training(run=row)
        return _("Run %(number)s goes on where it last saved.") % {"number": row.pk}

    return act(request, done, "training-run", row.pk)


@require_POST
@for_administrators
def move(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(TrainingRun, pk=pk)

    def done() -> str:
        move_training(run=row, up=request.POST.get("up") == "1")
        return _("The queue is in the order you wanted.")

    return act(request, done)


def _context(pk: int) -> dict[str, Any]:
    rows = TrainingRun.objects.select_related("checkpoint_from", "checkpoint_to")
    row = get_object_or_404(rows, pk=pk)
    log = _log_of(row)
    return {
        **presented(row),
        "dataset": dataset_names([row.source]).get(dataset_id_of(row.source)),
        "log": log,
        "judgement": row.judgements.first(),
        "minutes_left": log.minutes_left if row.status == "running" else None,
        "previews": log.previews(PREVIEWS),
        "stamp": log.changed_at,
    }


def _log_of(row: TrainingRun) -> TrainingLog:
    return TrainingLog(Path(settings.DATA_DIR) / "training" / f"run-{row.pk}")
