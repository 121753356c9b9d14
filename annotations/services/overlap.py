"""Keep a dataset's rule on overlapping masks, by which the browser edits, too.

frontend/src/store/overlap.js does the same; both are tested with tests/overlap_cases.json. A copy
that is kept of two people's conflicting changes is outside the rule until somebody decides.
"""

from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import F
from django.utils import timezone

from annotations.exceptions import Conflict
from annotations.models import Dataset, Image, Mask
from ml import rle

Wire = tuple[list[int], str]


def rule_of(image: Image) -> str:
    """Return what the image's dataset says about overlapping masks."""
    return str(Dataset.objects.values_list("overlap_rule", flat=True).get(pk=image.dataset_id))


def clear_of_others(image: Image, id: UUID, bbox: list[int], counts: str) -> Wire:
    """Return the mask without the pixels of others. Lock the image first.

    Raises Conflict if nothing is left.
    """
    pixels = rle.decode(bbox, counts)
    for other in _others(image, id, bbox):
        _subtract(pixels, bbox, rle.decode(other.bbox, other.counts), other.bbox)
    if not pixels.any():
        raise Conflict(
            "Masks must not overlap in this dataset, and other nuclei cover all of this one.",
            code="overlap",
        )
    return _wire(pixels, bbox)


def cut_others(user: Any, image: Image, id: UUID, bbox: list[int], counts: str) -> list[Mask]:
    """Take the mask's pixels from all others, and delete those left with none.

    Lock the image first. Returns the masks that changed.
    """
    mine = rle.decode(bbox, counts)
    changed = []
    for other in _others(image, id, bbox):
        pixels = rle.decode(other.bbox, other.counts)
        if not _subtract(pixels, other.bbox, mine, bbox):
            continue
        if pixels.any():
            (other.x, other.y, other.width, other.height), other.counts = _wire(pixels, other.bbox)
            other.area = int(pixels.sum())
            other.model_iou = None
        else:
            other.deleted_at = timezone.now()
            Image.objects.filter(pk=image.pk).update(mask_count=F("mask_count") - 1)
        other.updated_by = user
        other.version += 1
        other.save()
        changed.append(other)
    return changed


def _others(image: Image, id: UUID, bbox: list[int]) -> Any:
    masks = Mask.objects.live().filter(image=image, conflict_with=None).exclude(pk=id)
    return masks.meeting(*bbox).select_for_update()


def _subtract(
    pixels: np.ndarray, bbox: list[int], others: np.ndarray, other_bbox: list[int]
) -> bool:
    """Clear in `pixels` what is set in `others`. Returns whether there was anything to clear."""
    x, y = max(bbox[0], other_bbox[0]), max(bbox[1], other_bbox[1])
    right = min(bbox[0] + bbox[2], other_bbox[0] + other_bbox[2])
    bottom = min(bbox[1] + bbox[3], other_bbox[1] + other_bbox[3])
    if x >= right or y >= bottom:
        return False
    here = pixels[y - bbox[1] : bottom - bbox[1], x - bbox[0] : right - bbox[0]]
    there = others[
        y - other_bbox[1] : bottom - other_bbox[1], x - other_bbox[0] : right - other_bbox[0]
    ]
    shared = bool((here & there).any())
    here &= ~there
    return shared


def _wire(pixels: np.ndarray, bbox: list[int]) -> Wire:
    (x, y, width, height), counts = rle.encode(pixels)
    return [bbox[0] + x, bbox[1] + y, width, height], counts
