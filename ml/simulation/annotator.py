"""An annotator who knows the truth: clicks a nucleus, corrects the answer, and is content in time.

Edits are what the model leaves to be done: the corrective clicks after the first, and the strokes
of a brush. One stroke paints or erases one connected region of pixels, the largest that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sppnet.metrics import iou
from ml.sppnet.sampling import centre, correction

Mask = NDArray[np.bool_]
Click = tuple[float, float, bool]
# (clicks so far, the mask to start from) -> the model's mask, H×W bool
Ask = Callable[[list[Click], Mask | None], Mask]

# A mask like this is good enough to be kept.
TARGET = 0.8
# After so many corrective clicks people take the brush.
MOST_CLICKS = 3
# A nucleus that takes more is drawn by hand, which is counted as so many.
MOST_EDITS = 10


@dataclass(frozen=True)
class Outcome:
    """What a nucleus took: clicks, the first one included, and strokes; and the mask kept."""

    clicks: int
    strokes: int
    mask: Mask
    first_iou: float

    @property
    def edits(self) -> int:
        """Corrective clicks and strokes, MOST_EDITS at most."""
        return min(self.clicks - 1 + self.strokes, MOST_EDITS)


def annotate(truth: Mask, ask: Ask, target: float = TARGET) -> Outcome:
    """Have the nucleus `truth` (H×W bool) outlined to an IoU of `target`.

    The first click lies at its centre, each further one at the centre of the largest wrong region.
    """
    column, row = centre(truth)
    clicks: list[Click] = [(column + 0.5, row + 0.5, True)]
    mask = ask(clicks, None)
    first = iou(mask, truth)
    while iou(mask, truth) < target and len(clicks) <= MOST_CLICKS:
        fix = correction(mask, truth)
        assert fix is not None, "a mask below the target has a wrong region"
        clicks.append((*fix[0], fix[1]))
        mask = ask(clicks, mask)
    strokes = 0
    while iou(mask, truth) < target:
        mask = stroke(mask, truth)
        strokes += 1
    return Outcome(len(clicks), strokes, mask, first)


def stroke(mask: Mask, truth: Mask) -> Mask:
    """The mask without its largest connected region of wrong pixels."""
    wrong = (mask ^ truth).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(wrong, connectivity=4)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return mask ^ (labels == largest)
