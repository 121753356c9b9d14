"""From the logits of a window to a mask on the image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ml.sppnet.tiles import Tile

Click = tuple[float, float, bool]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Answer:
    """A mask: h×w bool with its top-left pixel at (x, y), and its predicted IoU. All False means
    that there is no nucleus under the click."""

    x: int
    y: int
    mask: NDArray[np.bool_]
    score: float

    def paste(self, height: int, width: int) -> NDArray[np.bool_]:
        """The mask on the whole image, height×width bool."""
        whole = np.zeros((height, width), bool)
        h, w = self.mask.shape
        whole[self.y : self.y + h, self.x : self.x + w] = self.mask
        return whole


def centre_of(box: Box) -> Click:
    """The positive click that goes with a box."""
    x0, y0, x1, y1 = box
    return (x0 + x1) / 2, (y0 + y1) / 2, True


def on_image(logits: NDArray[np.float32], window: Tile) -> tuple[int, int, NDArray[np.bool_]]:
    """Logits at stride 2 of a window as (x, y, mask) on the pixels of the image that it covers."""
    side, scale = window.side, window.scale
    full = cv2.resize(logits, (side, side), interpolation=cv2.INTER_LINEAR)
    if scale == 1:
        return window.x, window.y, full > 0
    x, y = (math.ceil(at / scale) for at in (window.x, window.y))
    size = [math.floor((at + side) / scale) - start for at, start in ((window.x, x), (window.y, y))]
    # From pixel centres of the image to pixel centres of the window.
    back = np.array(
        [
            [scale, 0, (x + 0.5) * scale - window.x - 0.5],
            [0, scale, (y + 0.5) * scale - window.y - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return x, y, cv2.warpAffine(full, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE) > 0


def clicked_part(mask: NDArray[np.bool_], clicks: Sequence[Click]) -> NDArray[np.bool_]:
    """The connected parts under positive clicks (or the largest, if they hit none), filled."""
    parts, count = ndimage.label(mask)
    if not count:
        return mask
    hit = {
        int(parts[int(y), int(x)])
        for x, y, positive in clicks
        if positive and 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
    } - {0}
    if not hit:
        hit = {int(np.bincount(parts.ravel())[1:].argmax()) + 1}
    return ndimage.binary_fill_holes(np.isin(parts, list(hit)))
