"""The paper's augmentation (section 3.1): horizontal flip, rotation, cutout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet.datasets import Sample

# A cutout is eight squares whose side is this share of the image's.
HOLES, HOLE_SHARE = 8, 1 / 16


@dataclass(frozen=True)
class Pose:
    """How an image lies: mirrored left to right, then turned by ``angle`` degrees."""

    flip: bool = False
    angle: float = 0.0

    @property
    def key(self) -> str:
        return f"{int(self.flip)}_{self.angle:g}"


def draw_pose(rng: np.random.Generator, probability: float, quarters: bool) -> Pose:
    """A flip and a rotation, each with ``probability``; only by quarters of a turn if wanted."""
    flip = bool(rng.random() < probability)
    if rng.random() >= probability:
        return Pose(flip)
    return Pose(flip, 90.0 * int(rng.integers(1, 4)) if quarters else float(rng.uniform(0, 360)))


def laid(sample: Sample, pose: Pose) -> Sample:
    """A square sample in another pose; what comes in at the corners is its mirror, labels too."""
    return Sample(
        sample.name,
        _turn(sample.pixels, pose, cv2.INTER_LINEAR),
        _turn(sample.labels, pose, cv2.INTER_NEAREST),
    )


def _turn(array: NDArray[Any], pose: Pose, how: int) -> NDArray[Any]:
    if pose.flip:
        array = array[:, ::-1]
    quarter, rest = divmod(pose.angle, 90)
    if rest == 0:
        return np.ascontiguousarray(np.rot90(array, int(quarter)))
    side = array.shape[0]
    middle = (side - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), pose.angle, 1.0)
    array = np.ascontiguousarray(array)
    return cv2.warpAffine(array, matrix, (side, side), flags=how, borderMode=cv2.BORDER_REFLECT_101)


def cut_out(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The pixels with squares of the image's mean colour; the labels stay as they are."""
    side = pixels.shape[0]
    hole = max(1, round(side * HOLE_SHARE))
    pixels = pixels.copy()
    colour = pixels.reshape(-1, 3).mean(0).astype(np.uint8)
    for x, y in rng.integers(0, side - hole + 1, (HOLES, 2)):
        pixels[y : y + hole, x : x + hole] = colour
    return pixels
