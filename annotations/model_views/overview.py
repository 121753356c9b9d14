"""The page Models: checkpoints, and runs of training that make new ones."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db.models import OuterRef, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from annotations import forms
from annotations.exceptions import DomainError
from annotations.model_views.acting import act, for_administrators, say
from annotations.model_views.engines import engines_of
from annotations.model_views.presented import presented
from annotations.model_views.scores import scores_of
from annotations.models import Dataset, Image, NucleiCount, StateCount
from annotations.models.dataset import dataset_id_of
from annotations.models.ledger import LedgerQuerySet
from annotations.services.checkpoint import is_foreign, upload_checkpoint, upload_foreign
from annotations.services.training import start_training
from ml.models import UNFINISHED, Checkpoint, Conversion, Promotion, Status, TrainingRun
from ml.services import worker_status

CHECKPOINTS_SHOWN = 50
RUNS_SHOWN = 20
PROMOTIONS_SHOWN = 10
CONVERSIONS_SHOWN = 5
DATASETS_OFFERED = 500


@require_GET
@for_administrators
def models(request: HttpRequest) -> HttpResponse:
    checkpoints = list(Checkpoint.objects.stored()[:CHECKPOINTS_SHOWN])
    rows = TrainingRun.objects.select_related("checkpoint_from", "checkpoint_to")
    queue = list(rows.queue()[:RUNS_SHOWN])
    runs = queue + list(rows.exclude(status=Status.QUEUED)[:RUNS_SHOWN])
    names = dataset_names(run.source for run in runs)
    of_dataset = {"dataset": OuterRef("pk")}
    nuclei = NucleiCount.objects.filter(**of_dataset, in_replica=False)
    begun = StateCount.objects.filter(**of_dataset, replica_for=None)
    annotated = Dataset.objects.live().annotate(
        nuclei=Subquery(_sum(nuclei, "nuclei")),
        annotated=Subquery(_sum(begun.exclude(status=Image.Status.NEW), "images")),
    )
    active = Checkpoint.objects.active().first()
    context = {
        "active": active,
        "engines": engines_of(active),
        "checkpoints": [(row, scores_of(row.metadata.get("metrics"))) for row in checkpoints],
        "runs": [
            presented(run)
            | {
                "dataset": names.get(dataset_id_of(run.source)),
                "is_first": run in queue[:1],
                "is_last": run in queue[-1:],
            }
            for run in runs
        ],
        "promotions": _promotions(),
        "datasets": annotated.filter(nuclei__gt=0)[:DATASETS_OFFERED],
        "form": forms.TrainingForm(),
        "upload_form": forms.CheckpointForm(),
        "conversions": Conversion.objects.all()[:CONVERSIONS_SHOWN],
        "train_worker_is_down": not worker_status()["train"],
        "max_upload_mb": settings.MAX_UPLOAD_MB,
    }
    return render(request, "annotations/models.html", context)


@require_GET
@for_administrators
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an unfinished run is, for htmx; once it has ended, the tables are to be read anew."""
    run = get_object_or_404(TrainingRun, pk=pk)
    answer = render(request, "annotations/_run_progress.html", presented(run))
    return answer if run.status in UNFINISHED else trigger_client_event(answer, "run-ended")


@require_POST
@for_administrators
def upload(request: HttpRequest) -> HttpResponse:
    form = forms.CheckpointForm(request.POST, request.FILES)
    if not form.is_valid():
        return say(request, _("Choose the file of a checkpoint first."))
    file = form.cleaned_data["file"]
    if is_foreign(file):
        return _convert(request, file, form.cleaned_data["normalisation"])

    def done() -> str:
        checkpoint, is_new = upload_checkpoint(user=request.user, file=file)
        if not is_new:
            return _("These weights are here already, as “%(name)s”.") % {"name": checkpoint}
        return _("“%(name)s” is checked and stored. It answers clicks once you make it active.") % {
            "name": checkpoint
        }

    return act(request, done)


def _convert(request: HttpRequest, file: File, normalisation: str) -> HttpResponse:
    try:
        row = upload_foreign(
            user=request.user,
            file=file,
            normalisation=normalisation or Conversion.Normalisation.MEAN_AS_STD,
        )
    except DomainError as error:
        return say(request, error.detail)
    return redirect("conversion", row.pk)


@require_POST
@for_administrators
def train(request: HttpRequest) -> HttpResponse:
    form = forms.TrainingForm(request.POST)
    if not form.is_valid():
        problem = next(iter(form.errors.values()))[0]
        return say(request, _("Training did not start: %(problem)s") % {"problem": problem})

    def done() -> str:
        start_training(
            user=request.user,
            dataset_id=form.cleaned_data["dataset"],
            minutes=form.cleaned_data["minutes"],
            epochs=form.cleaned_data["epochs"],
            memory_mb=form.cleaned_data["memory_mb"],
        )
        return _("Training is queued. You can leave this page; its result will be listed here.")

    return act(request, done)


def _promotions() -> list[dict[str, Any]]:
    """The latest, each with the name of its dataset and whether it can be taken back."""
    rows = list(Promotion.objects.select_related("checkpoint")[:PROMOTIONS_SHOWN])
    names = dataset_names(row.scope for row in rows)
    return [
        {
            "row": row,
            "dataset_id": dataset_id_of(row.scope),
            "dataset": names.get(dataset_id_of(row.scope)),
            "can_go_back": row.is_current and (row.scope or row.replaced_id),
        }
        for row in rows
    ]


def dataset_names(sources: Iterable[str]) -> dict[int | None, str]:
    """Names of the datasets that runs and promotions are about, by id; one query."""
    ids = {pk for source in sources if (pk := dataset_id_of(source)) is not None}
    return dict(Dataset.objects.filter(pk__in=ids).values_list("pk", "name"))


def _sum(lines: LedgerQuerySet, amount: str) -> Any:
    """The sum over the lines of one dataset, as a subquery."""
    return lines.order_by().values("dataset").annotate(total=Sum(amount)).values("total")
