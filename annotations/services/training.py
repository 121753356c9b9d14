"""Let the network learn from what people have annotated."""

from typing import Any

from django.utils.translation import gettext as _

from annotations.exceptions import Conflict, NotFound
from annotations.models import Dataset
from annotations.models.dataset import source_of
from annotations.services.snapshot import annotated_images
from ml import services
from ml.exceptions import MlError
from ml.models import TrainingRun


def start_training(*, user: Any, dataset_id: int, minutes: int) -> TrainingRun:
    """Train on a dataset for so long; the worker begins with a snapshot of it.

    Raises NotFound, or Conflict if there is nothing to learn from, nothing to start from, or
    another run is unfinished.
    """
    if not Dataset.objects.live().filter(pk=dataset_id).exists():
        raise NotFound(_("There is no such dataset."))
    if not annotated_images(dataset_id).exists():
        raise Conflict(
            _("This dataset has no nuclei to learn from: annotate some first."),
            code="no_training_data",
        )
    try:
        return services.start_training(
            source=source_of(dataset_id), created_by_name=user.get_username(), minutes=minutes
        )
    except MlError as error:
        raise Conflict(error.detail, code=error.code) from error


def cancel_training(*, run: TrainingRun) -> None:
    """Stop a run within seconds. Raises Conflict if it has ended."""
    if not services.cancel_training(run=run):
        raise Conflict(_("This run has ended already, so there is nothing to cancel."))
