"""Compare masks with what the model had proposed for them, in a worker, once a mask has changed."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from annotations.formats.instance import Instance
from annotations.measures.matching import areas, intersections
from annotations.models import Mask
from annotations.services.tally import count_nuclei

MASKS_A_STEP = 500
STEPS_A_RUN = 40


def compare_with_model() -> None:
    """Give masks from predictions their `model_iou`. For a clock to call."""
    for _ in range(STEPS_A_RUN):
        if not _compare_some():
            return


@transaction.atomic
def _compare_some() -> bool:
    """Compare some masks. Returns whether there may be more.

    They are locked: who changes one meanwhile counts it as it is after this.
    """
    uncompared = Mask.objects.live().filter(prediction__isnull=False, model_iou__isnull=True)
    rows = uncompared.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )
    masks = list(rows.select_related("prediction", "image").order_by("id")[:MASKS_A_STEP])
    proposals: dict[Any, list[Instance]] = {}
    for mask in masks:
        assert mask.prediction is not None
        if mask.prediction_id not in proposals:
            proposals[mask.prediction_id] = _proposed(mask.prediction)
        mask.model_iou = best_iou(Instance(mask.bbox, mask.counts), proposals[mask.prediction_id])
    Mask.objects.bulk_update(masks, ["model_iou"])
    for mask in masks:
        count_nuclei(mask.image.dataset_id, [mask], in_replica=mask.image.is_replica)
    return len(masks) == MASKS_A_STEP


def best_iou(drawn: Instance, proposed: Sequence[Instance]) -> float:
    """The IoU with the proposal that is most alike; 0 if none touches it."""
    common = intersections([drawn], proposed).toarray()[0]
    union = areas([drawn])[0] + areas(proposed) - common
    return float((common / union).max(initial=0.0))


def _proposed(prediction: Any) -> list[Instance]:
    """The answer to a click, or else all proposals for the image."""
    found = [prediction.mask] if prediction.mask else prediction.proposals
    return [Instance(each["bbox"], each["counts"]) for each in found]
