"""Whether to enlarge an image: by the size of its nuclei, unless its scale is known.

Masks have half the image's resolution. Nuclei of 10 px across are five cells wide there, and what
parts two of them is less than one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# In an image that is left as it is, nuclei at least so large, in pixels across, make up all but
# this share of the area of nuclei (docs/model_card.md says how both were chosen). Counted by area,
# the debris that is taken for nuclei at first sight decides nothing.
SMALL = 24.0
SHARE = 0.25
ENLARGED = 2.0
# Smaller ones are specks. Larger ones count as this large, or a few clumps of small nuclei would
# outvote all others.
LEAST_AREA = 16
MOST_AREA = np.pi * SMALL**2


def scale_for_nuclei(areas: Sequence[int] | NDArray[np.integer]) -> float:
    """2 where nuclei are small, else 1; also without any. ``areas``: of the nuclei of an image, in
    pixels at its own resolution."""
    nuclei = np.sort(np.asarray(areas))
    nuclei = nuclei[nuclei >= LEAST_AREA]
    if not nuclei.size:
        return 1.0
    below = np.cumsum(np.minimum(nuclei, MOST_AREA))
    deciding = nuclei[np.searchsorted(below, SHARE * below[-1])]
    across = np.sqrt(deciding * 4 / np.pi)
    return ENLARGED if across < SMALL else 1.0


def areas_of(labels: NDArray[np.integer]) -> NDArray[np.integer]:
    """Pixels of each nucleus of H×W labels; 0 is background, and so is what is below."""
    return np.bincount(np.maximum(labels, 0).ravel())[1:]
