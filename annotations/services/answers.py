"""What the model had answered for masks, before anybody corrected them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from annotations.formats.instance import Instance
from annotations.measures.matching import areas, intersections
from annotations.models import Mask
from ml.models import Prediction


def answers_for(masks: Sequence[Mask]) -> dict[UUID, dict[str, Any]]:
    """{"bbox", "counts", "area", "score"} by the mask's id, for those that come from a prediction.

    Of proposals for the whole image it is the one most like the mask; none if all lie elsewhere.
    """
    groups: dict[UUID, list[Mask]] = defaultdict(list)
    for mask in masks:
        if mask.prediction_id is not None:
            groups[mask.prediction_id].append(mask)
    found: dict[UUID, dict[str, Any]] = {}
    for prediction in Prediction.objects.defer("prior").filter(pk__in=groups):
        drawn = groups[prediction.pk]
        if prediction.mask:
            answer = {**prediction.mask, "score": prediction.score}
            found |= {mask.pk: answer for mask in drawn}
        elif prediction.proposals:
            found |= _most_alike(drawn, prediction.proposals)
    return found


def _most_alike(masks: list[Mask], proposals: list[dict[str, Any]]) -> dict[UUID, dict[str, Any]]:
    drawn = [Instance(mask.bbox, mask.counts) for mask in masks]
    proposed = [Instance(each["bbox"], each["counts"]) for each in proposals]
    common, own, others = intersections(drawn, proposed), areas(drawn), areas(proposed)
    found = {}
    for row, mask in enumerate(masks):
        here = slice(common.indptr[row], common.indptr[row + 1])
        touching, pixels = common.indices[here], common.data[here]
        if len(touching):
            iou = pixels / (own[row] + others[touching] - pixels)
            found[mask.pk] = proposals[touching[iou.argmax()]]
    return found
