"""Black and white points of an image: the network sees every exposure alike.

Fluorescence images often use a tenth of their range; stretched by their own percentiles they look
to the network like well-exposed ones. One pair of points serves all tiles, so no seams appear.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LOW_PERCENT, HIGH_PERCENT = 0.5, 99.8
# An image flatter than this is empty; stretching it would show nothing but noise.
LEAST_SPAN = 12
# So many rows and columns say enough about an image of any size.
_SAMPLES = 512

Pixels = NDArray[np.uint8]
Levels = tuple[int, int]


def levels_of(pixels: Pixels) -> Levels:
    """(black, white) of an H×W×3 uint8 image, all channels together: the hue stays as it is."""
    steps = [max(1, n // _SAMPLES) for n in pixels.shape[:2]]
    samples = np.ascontiguousarray(pixels[:: steps[0], :: steps[1]]).reshape(-1, 1)
    counts = cv2.calcHist([samples], [0], None, [256], [0, 256]).ravel().astype(np.int64)
    share = np.cumsum(counts) / counts.sum() * 100
    low = int(np.searchsorted(share, LOW_PERCENT))
    high = int(np.searchsorted(share, HIGH_PERCENT))
    return low, min(255, max(high, low + LEAST_SPAN))


def stretch(pixels: Pixels, levels: Levels) -> Pixels:
    """``pixels`` (any shape, uint8) with black at 0 and white at 255, clipped."""
    low, high = levels
    ramp = (np.arange(256) - low) * (255 / max(high - low, 1))
    # Halves round up, as in the browser's copy of this table.
    return np.floor(np.clip(ramp, 0, 255) + 0.5).astype(np.uint8)[pixels]
