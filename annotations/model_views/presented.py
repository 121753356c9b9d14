"""What the pages show of a training run."""

from typing import Any

from django.utils.translation import gettext as _

from annotations.model_views.scores import SCORES, scores_of
from ml.models import UNFINISHED, TrainingRun


def presented(run: TrainingRun) -> dict[str, Any]:
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
        "scores": scores_of(run.metrics.get("metrics")),
    }
