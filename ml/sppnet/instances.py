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
    """Thresholds of :func:`separate`, chosen on validation images."""

    foreground: float = 0.5
    core: float = 0.25
    smooth: float = 1.0
    min_core: int = 4
    min_area: int = 16


def separate(
    foreground: Float, boundary: Float, distance: Float, how: Splitting | None = None
) -> NDArray[np.int32]:
    """H×W maps in [0, 1] to H×W int32 labels, 0 background, 1..N.

    A nucleus's core is where it is deep (far from outlines) and no outline is seen; cores grow
    back over the foreground by watershed. Foreground without a core is a nucleus of its own.
    """
    how = how or Splitting()
    mask = foreground > how.foreground
    depth = cv2.GaussianBlur(distance * (1 - boundary), (0, 0), how.smooth)
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


def compact(labels: NDArray[np.integer], min_area: int = 1) -> NDArray[np.int32]:
    """Labels renumbered 1..N without gaps; those under ``min_area`` pixels become background."""
    sizes = np.bincount(labels.ravel())
    keep = sizes >= min_area
    keep[0] = False
    renumber = np.zeros(len(sizes), np.int32)
    renumber[keep] = np.arange(1, int(keep.sum()) + 1)
    return renumber[labels]
