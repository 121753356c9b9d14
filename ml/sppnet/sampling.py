"""Where a person would click: centre neighbourhood point sampling and its relatives.

Points are (x, y) in pixels, pixel centres at .5. Every function takes its random generator and
never seeds one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Point = tuple[float, float]


def gaussian_kernel(k: int, sigma: float) -> NDArray[np.float64]:
    """(2k+1)×(2k+1) weights that sum to one (paper, equation 2)."""
    offsets = np.arange(-k, k + 1)
    weights = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * sigma**2))
    return weights / weights.sum()


def extent(mask: Mask) -> tuple[slice, slice]:
    """Rows and columns of the bounding box of ``mask`` (H×W, not empty)."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def centre(nucleus: Mask) -> tuple[int, int]:
    """The pixel (column, row) farthest from the nucleus's border in the L1 sense, the first in
    row-major order if several are (paper, equation 1). ``nucleus``: H×W, not empty."""
    rows, columns = extent(nucleus)
    padded = np.pad(nucleus[rows, columns], 1)
    distance = ndimage.distance_transform_cdt(padded, metric="taxicab")[1:-1, 1:-1]
    row, column = np.unravel_index(int(distance.argmax()), distance.shape)
    return columns.start + int(column), rows.start + int(row)


def cnps(nucleus: Mask, rng: np.random.Generator, k: int = 2, sigma: float = 1.0) -> Point:
    """Centre neighbourhood point sampling (paper, section 2.1): a Gaussian-weighted pixel around
    the centre, kept inside the nucleus. ``nucleus``: H×W bool. Raises ValueError if empty."""
    if not nucleus.any():
        raise ValueError("cannot sample a click in an empty nucleus")
    column, row = centre(nucleus)
    around = np.pad(nucleus, k)[row : row + 2 * k + 1, column : column + 2 * k + 1]
    weights = (gaussian_kernel(k, sigma) * around).ravel()
    pick = int(rng.choice(weights.size, p=weights / weights.sum()))
    dy, dx = divmod(pick, 2 * k + 1)
    return column + dx - k + 0.5, row + dy - k + 0.5


def anywhere(region: Mask, rng: np.random.Generator) -> Point | None:
    """A uniformly chosen pixel of ``region`` (H×W bool), or None if it has none."""
    pixels = np.flatnonzero(region)
    if not pixels.size:
        return None
    row, column = divmod(int(rng.choice(pixels)), region.shape[1])
    return column + 0.5, row + 0.5


def correction(predicted: Mask, truth: Mask) -> tuple[Point, bool] | None:
    """The click a person would place next: the centre of the largest error region, positive if
    pixels are missing there and negative if they are too many. None when nothing is wrong.

    Both masks H×W bool.
    """
    either = truth | predicted
    if not either.any():
        return None
    rows, columns = extent(either)
    truth, predicted = truth[rows, columns], predicted[rows, columns]
    best: tuple[int, Mask, bool] | None = None
    for wrong, positive in ((truth & ~predicted, True), (predicted & ~truth, False)):
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            wrong.astype(np.uint8), connectivity=4
        )
        if count < 2:
            continue
        largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        area = int(stats[largest, cv2.CC_STAT_AREA])
        if best is None or area > best[0]:
            best = area, labels == largest, positive
    if best is None:
        return None
    column, row = centre(best[1])
    return (columns.start + column + 0.5, rows.start + row + 0.5), best[2]
