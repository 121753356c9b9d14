"""From the network's maps to separate nuclei."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import watershed

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Splitting:
    """Thresholds of :func:`separate`; docs/model_card.md says how they were chosen.

    ``prominence``: how much deeper than the saddle towards a deeper core a core is. ``core``:
    instead, cores are all that is deeper than this.
    """

    foreground: float = 0.5
    prominence: float = 0.12
    core: float | None = None
    smooth: float = 1.0
    min_core: int = 4
    min_area: int = 16


def separate(
    foreground: Float, boundary: Float, distance: Float, how: Splitting | None = None
) -> NDArray[np.int32]:
    """H×W maps in [0, 1] to H×W int32 labels, 0 background, 1..N.

    A nucleus's core is where it is deepest: far from outlines, and where none is seen. A saddle
    between two such places parts them, however shallow or deep it is. Cores grow back over the
    foreground by watershed. Foreground without a core is a nucleus of its own.
    """
    how = how or Splitting()
    mask = foreground > how.foreground
    depth = cv2.GaussianBlur(distance * (1 - boundary), (0, 0), how.smooth)
    if how.core is None:
        cores, count = peaks(depth * mask, how.prominence)
    else:
        cores, count = ndimage.label((depth > how.core) & mask)
    if count:
        sizes = np.bincount(cores.ravel(), minlength=count + 1)
        cores[sizes[cores] < how.min_core] = 0
    regions, _ = ndimage.label(mask)
    seeded = np.zeros(regions.max() + 1, bool)
    seeded[np.unique(regions[cores > 0])] = True
    seeds = np.where(seeded[regions], cores, np.where(mask, count + regions, 0))
    labels = watershed(-depth, seeds, mask=mask)
    return compact(labels, how.min_area)


def peaks(depth: Float, prominence: float) -> tuple[NDArray[np.int32], int]:
    """The tops of all peaks of an H×W map in [0, 1] that stand out by ``prominence``: (labels,
    their number). These are its h-maxima (Soille, Morphological Image Analysis, 6.3.4), to a
    precision of 1/255.
    """
    levels = np.rint(depth * 255).astype(np.uint8)
    height = max(round(prominence * 255), 1)
    # What a flood from the lowered peaks fills, a pixel further each time: as many passes as the
    # longest way from a peak down to a saddle has pixels.
    filled, cross = cv2.subtract(levels, height), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    while True:
        further = cv2.min(cv2.dilate(filled, cross), levels)
        if np.array_equal(further, filled):
            break
        filled = further
    above = cv2.subtract(levels, filled)
    tops, count = ndimage.label(above)
    prominent = np.zeros(count + 1, bool)
    prominent[tops[above >= height]] = True
    return compact(np.where(prominent[tops], tops, 0)), int(prominent.sum())


def compact(labels: NDArray[np.integer], min_area: int = 1) -> NDArray[np.int32]:
    """Labels renumbered 1..N without gaps; those under ``min_area`` pixels become background."""
    sizes = np.bincount(labels.ravel())
    keep = sizes >= min_area
    keep[0] = False
    renumber = np.zeros(len(sizes), np.int32)
    renumber[keep] = np.arange(1, int(keep.sum()) + 1)
    return renumber[labels]
