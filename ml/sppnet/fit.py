"""Whole images on the square that a network sees, and its maps back on the image.

One transform for pixels, labels, clicks and masks: the image is scaled so that its longer side
fills the square, and lies at its top left; the rest of the square is mirrored and unlabelled.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet.datasets import UNLABELLED, Sample


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """(width, height) that an image has on a square of ``side`` px."""
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def fit_pixels(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """H×W×3 uint8 to side×side×3."""
    height, width = pixels.shape[:2]
    size = fitted(width, height, side)
    how = cv2.INTER_AREA if max(width, height) > side else cv2.INTER_LINEAR
    scaled = cv2.resize(pixels, size, interpolation=how)
    below, right = side - size[1], side - size[0]
    # A mirror cannot be longer than what it shows.
    border = cv2.BORDER_REFLECT_101 if max(below, right) < min(size) else cv2.BORDER_REPLICATE
    return cv2.copyMakeBorder(scaled, 0, below, 0, right, border)


def fit_labels(labels: NDArray[np.uint16], side: int) -> NDArray[np.uint16]:
    """H×W uint16 to side×side; the nearest label, so that none is invented."""
    height, width = labels.shape
    size = fitted(width, height, side)
    scaled = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    out = np.full((side, side), UNLABELLED, np.uint16)
    out[: size[1], : size[0]] = scaled
    return out


def fit(sample: Sample, side: int) -> Sample:
    return Sample(sample.name, fit_pixels(sample.pixels, side), fit_labels(sample.labels, side))


def unfit(logits: NDArray[np.float32], width: int, height: int, side: int) -> NDArray[np.float32]:
    """Logits h×w of the square of ``side`` px, on the pixels of the image: height×width (SAM's
    post-processing: enlarged to the square, its margin cut off, brought to the image's size)."""
    full = cv2.resize(logits, (side, side), interpolation=cv2.INTER_LINEAR)
    columns, rows = fitted(width, height, side)
    return cv2.resize(full[:rows, :columns], (width, height), interpolation=cv2.INTER_LINEAR)
