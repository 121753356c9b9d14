"""Pictures to measure on: dark nuclei on a pale ground, as many to the area as in real tissue."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

# One nucleus to so many pixels, about as dense as in an image of 40×.
AREA = 2000


def picture(side: int, seed: int = 0) -> NDArray[np.uint8]:
    """side×side×3 uint8 RGB."""
    rng = np.random.default_rng(seed)
    pixels = np.full((side, side, 3), (226, 200, 222), np.uint8)
    for _ in range(max(1, side * side // AREA)):
        centre = tuple(int(v) for v in rng.integers(0, side, 2))
        axes = tuple(int(v) for v in rng.integers(7, 15, 2))
        colour = tuple(int(v) for v in rng.integers((80, 50, 120), (130, 90, 170)))
        cv2.ellipse(pixels, centre, axes, int(rng.integers(180)), 0, 360, colour, -1)
    # The same noise everywhere costs no memory of its own to speak of.
    noise = rng.integers(-12, 12, (256, 256, 3))
    for y in range(0, side, 256):
        for x in range(0, side, 256):
            part = pixels[y : y + 256, x : x + 256]
            part[:] = np.clip(part + noise[: part.shape[0], : part.shape[1]], 0, 255)
    return pixels
